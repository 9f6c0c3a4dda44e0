"""What routes may ask of a case: the typed fields, and the facts of many cases in one statement."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import prefetch_related_objects

from escalation.conditions import Amounts, Field, Kind, Money, environment
from escalation.enums import Stakes, TriggerType
from escalation.models import Case, Firing
from escalation.money.cases import moved_by

Facts = dict[str, Any]

FIELDS = environment(
    Field("agent", Kind.TEXT, "agent"),
    Field("agent_type", Kind.TEXT, "agent type"),
    Field("tenant", Kind.TEXT, "tenant"),
    Field("trigger_types", Kind.TEXTS, "trigger types", tuple(TriggerType.values)),
    Field("triggers", Kind.TEXTS, "triggers"),
    Field("action", Kind.TEXT, "action"),
    Field("categories", Kind.TEXTS, "categories"),
    Field("amount", Kind.MONEY, "amount"),
    Field("currency", Kind.TEXT, "currency"),
    Field("stakes", Kind.CHOICE, "stakes", tuple(Stakes.values), plural=True),
    Field("language", Kind.TEXT, "language"),
    Field("role", Kind.TEXT, "role asked for"),
)


def facts(cases: Iterable[Case], sent: Mapping[UUID, str] | None = None) -> dict[UUID, Facts]:
    """Return what routes see of each case, by its id; two statements at most, however many cases.

    ``sent`` are the stakes that agents sent with cases whose stakes may have been raised since.
    """
    cases = list(cases)
    prefetch_related_objects(cases, "agent")
    fired: dict[UUID, list[tuple[str, str]]] = {case.pk: [] for case in cases}
    firings = Firing.objects.filter(case__in=fired).order_by("position")
    for case_id, kind, name in firings.values_list("case_id", "type", "name"):
        fired[case_id].append((kind, name))
    stakes = sent or {}
    return {
        case.pk: _facts(case, fired[case.pk], stakes.get(case.pk, case.stakes)) for case in cases
    }


def _amounts(case: Case) -> Amounts:
    """Return what a case moves as limits see it; what names no currency cannot be compared."""
    moved = moved_by(case)
    named = [one for one in moved.largest.values() if one.currency]
    unnamed = len(named) < len(moved.largest)
    largest = tuple(Money(one.amount, one.currency) for one in named)
    return Amounts(largest, moved.is_unread or unnamed)


def _facts(case: Case, fired: list[tuple[str, str]], stakes: str) -> Facts:
    return {
        "agent": case.agent.name,
        "agent_type": case.agent.type,
        "tenant": case.tenant,
        "trigger_types": frozenset(kind for kind, _ in fired),
        "triggers": frozenset(name for _, name in fired),
        "action": case.action,
        "categories": frozenset(case.categories),
        "amount": _amounts(case),
        "currency": case.currency,
        "stakes": stakes,
        "language": case.language,
        "role": case.role_wish,
    }
