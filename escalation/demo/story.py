"""What has happened at the demo's desk before it is opened: cases that wait, and a week behind them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

WINDOW = timedelta(seconds=30)  # in which an answer of high stakes can be undone
REASONS = {  # the listed one of each answer
    "approve": ("evidence_supports",),
    "modify": ("disproportionate",),
    "reject": ("evidence_against",),
    "call_back": ("likely_fraud",),
    "stop_export": ("evidence_missing",),
}


@dataclass(frozen=True)
class Waiting:
    """A package from the shelf that was opened a while ago and waits."""

    name: str
    opened: timedelta


@dataclass(frozen=True)
class Past:
    """A small stop (see ``stops``) and what a colleague made of it."""

    seed: int
    opened: timedelta  # before now
    after: timedelta  # how long the decision took
    by: str
    option: str
    rationale: str
    filled: dict[str, Any] | None = None
    resumed: bool = True


def waiting() -> list[Waiting]:
    """Return every package of the shelf with the time since when it waits, the oldest first."""
    found = [
        Waiting(name, timedelta(minutes=minutes, seconds=minutes * 17 % 60))
        for name, minutes in OPENED.items()
    ]
    return sorted(found, key=lambda one: one.opened, reverse=True)


OPENED = {  # minutes ago
    "no-steps": 1,
    "public-statement": 2,
    "refund-goodwill-third": 5,
    "wire-new-account": 8,
    "refund-parcel-missing": 12,
    "drop-backups": 14,
    "cancel-japanese": 17,
    "zero-quotes": 19,
    "mass-mail": 23,
    "sanctions-near-match": 27,
    "claim-arabic": 34,
    "injection-supplier-pdf": 41,
    "payrun-1": 56,
    "payrun-2": 56,
    "payrun-3": 56,
    "access-contractor": 65,
    "refund-other-card": 88,
    "erasure-legal-hold": 131,
    "loan-at-the-edge": 164,
}


@dataclass(frozen=True)
class Begun:
    """What a colleague has done with a case that waits: ``act`` is how they did it."""

    name: str
    ago: timedelta
    act: str  # answer, hold, ask
    by: str
    words: str
    option: str = ""  # of an answer


BEGUN = [
    # critical: one of two has answered, blind; the second answer is yours
    Begun(
        "wire-new-account", timedelta(minutes=4), "answer", "priya.nair",
        "The account is a day old and nobody has spoken to the supplier. Call first.",
        "call_back",
    ),
    # critical: the two do not agree, so a third decides between them
    Begun(
        "drop-backups", timedelta(minutes=9), "answer", "priya.nair",
        "A restore was never tried from what would be left. Room can be bought; backups cannot.",
        "reject",
    ),
    Begun(
        "drop-backups", timedelta(minutes=6), "answer", "tomas.berg",
        "The export fills the disk by tonight and can be run again from the source tomorrow.",
        "stop_export",
    ),
    Begun(
        "mass-mail", timedelta(minutes=10), "hold", "nora.lind",
        "Legal reads the wording tomorrow morning; nothing goes out before.",
    ),
    Begun(
        "erasure-legal-hold", timedelta(minutes=95), "ask", "amina.yusuf",
        "Which court case is the hold for, and until when? The note names neither.",
    ),
]  # fmt: skip

# Decided by a colleague, and overturned a day later by the manager, who may do that.
OVERTURNED_SEED, OVERTURNED, OVERTURNED_BY = 130, timedelta(hours=29, minutes=7), "manager"
OVERTURNED_TO = "approve"
OVERTURNED_WHY = (
    "The carrier wrote today: another parcel was delivered that morning. She gets her money."
)

# Passed up by a colleague, so that the higher role has something to decide.
PASSED_UP = ("sanctions-near-match", "mlro", "tomas.berg", timedelta(minutes=11))
PASSED_UP_WHY = (
    "Birth dates speak for a namesake, but the only proof is a photo of a photo. At 0.87 I want the "
    "reporting officer's eyes on it."
)

WITHDRAWN_SEED, WITHDRAWN_WHY = 205, "The parcel arrived while we asked; the customer is happy."
WITHDRAWN_OPENED, WITHDRAWN_AFTER = timedelta(hours=21), timedelta(minutes=18)


def _hours(hours: float) -> timedelta:
    return timedelta(hours=hours, seconds=hours * 1237 % 3600)  # nothing happens on the full hour


def _minutes(minutes: float) -> timedelta:
    return timedelta(minutes=minutes, seconds=minutes * 13 % 60)


PAST = [  # a seed's remainder by five is the kind: parcel, invoice, extension, reply, limit
    Past(
        101, _hours(148), _minutes(22), "tomas.berg", "approve",
        "Called the supplier on the number from 2019. The difference is freight, on a separate line "
        "of the order. Goods are on board.",
    ),
    Past(
        102, _hours(146), _minutes(9), "priya.nair", "modify",
        "Three days cover the handover. If the project slips, ask again with the new contract.",
        {"days": 3},
    ),
    Past(
        110, _hours(125), _minutes(14), "nora.lind", "approve",
        "Promised in two days, a week late, nobody answered a mail. Section 4.2: refund.",
    ),
    Past(
        113, _hours(121), _minutes(31), "amina.yusuf", "modify",
        "Do not promise a replacement before we know the order. Asked for the order number instead.",
        {
            "text": "We are sorry. Please send your order number to care@nordic-retail.example, and a "
            "person will answer you today."
        },
    ),
    Past(
        114, _hours(99), _minutes(47), "kenji.mori", "reject",
        "Inside the cut-off only because a bonus falls into the window. Without it the ratio is over "
        "half. Said what would change that.",
    ),
    Past(
        121, _hours(77), _minutes(63), "tomas.berg", "reject",
        "Over tolerance and the order has no freight line. Back to the buyer.",
    ),
    Past(
        125, _hours(74), _minutes(8), "kenji.mori", "modify",
        "The parcel is one depot away. Forty back for the delay, and it still arrives tomorrow.",
        {"amount": "40.00"},
    ),
    Past(
        127, _hours(52), _minutes(5), "priya.nair", "reject",
        "No sign-in for 30 days: nobody needs this access.",
    ),
    Past(
        130, _hours(50), _minutes(17), "nora.lind", "reject",
        "Delivered this morning according to the carrier's own page; the tool's data is a day old.",
    ),
    Past(
        139, _hours(28), _minutes(26), "kenji.mori", "modify",
        "Enough for the move, and it can be raised again in March when the probation ends.",
        {"limit": 2500},
    ),
    Past(
        133, _hours(26), _minutes(12), "amina.yusuf", "approve",
        "Says sorry once, promises what the warranty promises anyway.",
    ),
    Past(
        140, _hours(5), _minutes(19), "nora.lind", "approve",
        "Late by more than the promise on the product page. Refund, no argument.",
    ),
    Past(
        142, _hours(3), _minutes(34), "priya.nair", "approve",
        "Contract seen, sponsor confirmed by phone.", resumed=False,
    ),
]  # fmt: skip
