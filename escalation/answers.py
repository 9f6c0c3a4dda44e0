"""What an agent is told of its case and of the decision; the API and the callbacks say the same."""

from typing import Any

from django.conf import settings

from escalation.enums import PAUSED, PauseReason
from escalation.ledger import instant
from escalation.models import Case, Decision, Pause

TRIGGER = ("type", "name", "observed", "operator", "threshold", "detail")


def case_url(case: Case) -> str:
    return f"{settings.BASE_URL}/cases/{case.reference}/"


def decision_answer(decision: Decision) -> dict[str, Any]:
    """Return the Decision of the contract. Only ``permitted`` means yes."""
    case = decision.case
    return {
        "id": str(decision.pk),
        "case": str(case.pk),
        "reference": case.reference,
        "option": decision.option.key if decision.option else None,
        "outcome": decision.outcome,
        "permitted": decision.permitted,
        "parameters": decision.parameters,
        "arguments": decision.arguments,
        "reasons": decision.reasons,
        "rationale": decision.rationale,
        "decided_by": {
            "kind": decision.kind,
            "name": decision.decider,
            "role": decision.role.slug,
        },
        "decided_at": instant(decision.decided_at),
        "overturns": str(decision.overturns_id) if decision.overturns_id else None,
        "digest": decision.digest,
        "state": case.state,
    }


def standing_decision(case: Case) -> Decision | None:
    """Return the decision that stands: the last, which none overturns."""
    decisions = case.decisions.select_related("case", "option", "decided_by", "role")
    return decisions.filter(overturned_by=None).last()


def case_answer(case: Case) -> dict[str, Any]:
    """Return the case as the contract answers it."""
    decision = standing_decision(case) if case.is_ended else None
    return _answer(case, decision, pause=pause_of(case))


def opened_answer(case: Case, package: dict[str, Any]) -> dict[str, Any]:
    """Return a case that was opened just now, from the package it was opened with."""
    triggers = [{name: trigger.get(name) for name in TRIGGER} for trigger in package["triggers"]]
    return _answer(case, None, triggers)


def case_answers(cases: list[Case]) -> list[dict[str, Any]]:
    """Return a list of cases, with one query for all their decisions."""
    standing = Decision.objects.filter(case__in=cases, overturned_by=None)
    found = {d.case_id: d for d in standing.select_related("case", "option", "decided_by", "role")}
    paused = [case for case in cases if case.status in PAUSED]
    pauses = Pause.objects.filter(case__in=paused, ended_at=None)
    waiting = {pause.case_id: pause for pause in pauses}
    return [_answer(case, found.get(case.pk), pause=waiting.get(case.pk)) for case in cases]


def pause_of(case: Case) -> Pause | None:
    """Return what the case waits for, if it does."""
    return case.pauses.filter(ended_at=None).first() if case.status in PAUSED else None


def _pause(pause: Pause) -> dict[str, Any]:
    """Return why and for how long a case waits. Why it is held is between people."""
    asked = pause.note if pause.reason == PauseReason.INFORMATION_REQUESTED else None
    return {
        "reason": pause.reason,
        "of": pause.of or None,
        "asked": asked,
        "since": instant(pause.began_at),
        "until": instant(pause.until) if pause.until else None,
    }


def _triggers(case: Case) -> list[dict[str, Any]]:
    found = [{name: getattr(firing, name) for name in TRIGGER} for firing in case.firings.all()]
    return [trigger | {"detail": trigger["detail"] or None} for trigger in found]


def _answer(
    case: Case,
    decision: Decision | None,
    triggers: list[dict[str, Any]] | None = None,
    pause: Pause | None = None,
) -> dict[str, Any]:
    return {
        "id": str(case.pk),
        "reference": case.reference,
        "status": case.status,
        "stakes": case.stakes,
        "role": case.role.slug if case.role else None,
        "due_at": instant(case.due_at) if case.due_at else None,
        "digest": case.digest,
        "triggers": _triggers(case) if triggers is None else triggers,
        "pause": _pause(pause) if pause else None,
        "decision": decision_answer(decision) if decision else None,
        "url": case_url(case),
        "created_at": instant(case.created_at),
    }
