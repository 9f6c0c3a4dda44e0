"""The policy of an empty desk: every case has a deadline and an end, before anybody set one up."""

from typing import Any

from django.utils.translation import gettext_noop as _

MINUTE, HOUR, DAY = 60, 3600, 86400


def _targets(read: int, taken: int, decided: int, time: str) -> dict[str, Any]:
    within = {"first_response": read, "claim": taken, "decision": decided}
    return {target: {"within": seconds, "time": time} for target, seconds in within.items()}


def _review(protocol: str, hold: int, because: str, *, step_up: bool = False) -> dict[str, Any]:
    """How cases of some stakes are reviewed; ``hold`` in seconds, between signing and release."""
    return {"protocol": protocol, "hold_window": hold, "because": because, "step_up": step_up}


STANDARD: dict[str, Any] = {
    "slug": "standard",
    "name": "Standard",
    "targets": {
        "low": _targets(8 * HOUR, 16 * HOUR, 24 * HOUR, "working"),
        "medium": _targets(2 * HOUR, 4 * HOUR, 8 * HOUR, "working"),
        "high": _targets(30 * MINUTE, HOUR, 4 * HOUR, "working"),
        "critical": _targets(10 * MINUTE, 15 * MINUTE, HOUR, "wall"),
    },
    "warnings": [50, 80],
    "pauses": ["information_requested", "held"],
    "longest_pause": 3 * DAY,
    "chain": {
        "starts_at": "decision",
        "time": "wall",
        "steps": [
            {"do": "remind", "wait": 10 * MINUTE},
            {"do": "secondary", "wait": 30 * MINUTE},
            {"do": "backup_role", "wait": HOUR},
            {"do": "higher_role", "wait": 2 * HOUR},
            {"do": "hold"},
        ],
    },
    "through_quiet_hours": ["critical"],
    "shows_question": False,
    "decide_in_chat": False,
    "review": {
        "low": _review("open", 0, "optional"),
        "medium": _review("evidence_first", 0, "optional"),
        "high": _review("commit_first", 30, "written"),
        "critical": _review("two_blind", 2 * MINUTE, "written", step_up=True),
    },
    "reasons": [
        {"key": "evidence_supports", "label": _("The evidence supports it")},
        {"key": "evidence_against", "label": _("The evidence speaks against it")},
        {"key": "evidence_missing", "label": _("Evidence is missing or contradicts itself")},
        {"key": "policy_allows", "label": _("Policy allows it")},
        {"key": "policy_forbids", "label": _("Policy does not allow it")},
        {"key": "no_authority", "label": _("Beyond what the agent or the requester may do")},
        {"key": "disproportionate", "label": _("Out of proportion to what is at stake")},
        {"key": "other", "label": _("Something else")},
    ],
}
