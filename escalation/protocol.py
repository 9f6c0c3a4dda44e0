"""How a case is reviewed: what a reviewer has in sight before answering, and what an answer takes.

Policy says it by stakes; a case keeps what its policy said when it came into hands (``Terms.review``).
This one object decides; pages, doors and notices only obey it.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from escalation.enums import AnswerStage, Because, Protocol, Stakes, StepKind
from escalation.models import Answer, Case, Evidence, User

LONGEST_WINDOW = timedelta(minutes=10)
CONFIRMED_FOR = timedelta(minutes=5)  # how long a proof of who signs is fresh enough
WITHHELD_KINDS = (StepKind.CONCLUSION, StepKind.REASONING)


@dataclass(frozen=True)
class Review:
    """What policy asks of the review of a case. Where none says anything, it asks for nothing."""

    protocol: Protocol = Protocol.OPEN
    hold_window: timedelta = timedelta()  # between signing and release; at most LONGEST_WINDOW
    because: Because = Because.OPTIONAL
    step_up: bool = False  # whoever signs proves who they are again

    @property
    def asks_nothing(self) -> bool:
        """Whether one click may be the whole answer: all in sight, out at once, without a reason."""
        return self == Review()

    @classmethod
    def read(cls, facts: dict[str, Any]) -> "Review":
        """Return it from one stakes' part of ``Terms.review``; what is not said asks for nothing."""
        return cls(
            Protocol(facts.get("protocol", Protocol.OPEN)),
            timedelta(seconds=facts.get("hold_window", 0)),
            Because(facts.get("because", Because.OPTIONAL)),
            facts.get("step_up", False),
        )


def review_of(case: Case) -> Review:
    """Return how a case is reviewed at the stakes that it has."""
    return Review.read(case.terms.review.get(case.stakes, {})) if case.terms else Review()


def reasons_of(case: Case) -> dict[str, str]:
    """Return the reasons that may be chosen from, label by key."""
    return {one["key"]: one["label"] for one in case.terms.reasons} if case.terms else {}


def enforces_reading(case: Case) -> bool:
    """Return whether evidence that must be read has to be opened first: above medium stakes."""
    return Stakes(case.stakes).rank > Stakes.MEDIUM.rank


def has_answered(case: Case, reader: User) -> bool:
    """Return whether ``reader`` has given an answer of their own to the package as it stands."""
    return Answer.objects.filter(case=case, user=reader.pk, digest=case.digest).exists()


def committed(case: Case, reader: User) -> Answer | None:
    """Return what ``reader`` answered to the package as it stands before what is withheld was shown."""
    given = Answer.objects.filter(case=case, user=reader.pk, digest=case.digest)
    return given.filter(stage=AnswerStage.COMMITTED).select_related("option").first()


def final_answers(case: Case) -> list[Answer]:
    """Return the answers that count, of those who must agree, to the package as it stands."""
    given = Answer.objects.filter(case=case, digest=case.digest, stage=AnswerStage.FINAL)
    return list(given.select_related("option", "user"))


def disputed(case: Case) -> list[Answer]:
    """Return the answers of those who disagreed, for an arbiter to see; none while nobody has."""
    if review_of(case).protocol != Protocol.TWO_BLIND:
        return []
    given = final_answers(case)
    return given if any(not given[0].is_same_as(one) for one in given[1:]) else []


def is_revealed(case: Case, reader: User) -> bool:
    """Return whether ``reader`` may be sent what the agent recommends, and why.

    Under a protocol that withholds it: once their own answer is stored, or the case has ended. That
    holds for everybody, an auditor and a supervisor as well: whoever reads might be asked next.
    """
    return case.is_ended or not review_of(case).protocol.withholds or has_answered(case, reader)


def shows_recommended(case: Case, reader: User) -> bool:
    """Return whether ``reader`` may see which option the agent recommends: under no protocol before."""
    return case.is_ended or has_answered(case, reader)


def unread(case: Case, reader: User) -> list[Evidence]:
    """Return the evidence that ``reader`` has to open before they answer, in its order.

    What is withheld from them cannot be asked of them yet.
    """
    if not enforces_reading(case):
        return []
    steps = case.evidence.filter(must_read=True).exclude(
        pk__in=case.openings.filter(user=reader.pk).values("evidence")
    )
    return list(steps if is_revealed(case, reader) else steps.exclude(kind__in=WITHHELD_KINDS))
