"""Decision histories as files: JSON Lines that can be checked without us, and CSV to look at.

A line of JSONL is one decided case with its decisions and every event of it: the body as hashed,
its leaf, and the private values that its commitments stand for. CSV has one row a decision and is a
display copy (``spreadsheet``), exact to look at and not to check by.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import Prefetch, QuerySet

from escalation import ledger
from escalation.access import DESK
from escalation.answers import decision_answer
from escalation.enums import CaseStatus
from escalation.ledger import instant
from escalation.models import Case, Decision, Event
from escalation.money.currencies import plain
from escalation.spreadsheet import BYTE_ORDER_MARK, row

FORMAT = 1
PAGE = 200
# Characters that JSON leaves alone and some tools end a line at.
LINE_ENDS = {ord(character): f"\\u{ord(character):04x}" for character in "\x85\u2028\u2029"}
COLUMNS = [
    "reference", "case", "agent", "tenant", "role", "stakes", "question", "action", "amount",
    "currency", "opened_at", "decided_at", "option", "outcome", "permitted", "decided_by_kind",
    "decided_by", "reasons", "rationale", "parameters", "arguments", "digest", "decision",
    "overturns", "resumed", "scope",
]  # fmt: skip


def decided_cases() -> QuerySet[Case]:
    """Return the cases that have a decision, with what an export needs of them."""
    decisions = Decision.objects.select_related(
        "case", "option", "decided_by", "role", "resumption"
    )
    return (
        Case.objects.filter(status=CaseStatus.DECIDED)
        .select_related("agent", "role")
        .prefetch_related(Prefetch("decisions", decisions))
    )


def _pages(cases: QuerySet[Case]) -> Iterator[list[Case]]:
    """Walk ``cases`` from the oldest, a page at a time, without holding the rest."""
    cases, last = cases.order_by("pk"), None
    while page := list((cases.filter(pk__gt=last) if last else cases)[:PAGE]):
        yield page
        last = page[-1].pk


def jsonl(cases: QuerySet[Case], scope: str = DESK) -> Iterator[str]:
    """Yield one line a case; each says of what ``scope`` the file is."""
    for page in _pages(cases):
        events: dict[str, list[Event]] = {ledger.subject_of(case): [] for case in page}
        for event in ledger.events_of(*page):
            events[event.subject].append(event)
        for case in page:
            line = _line(case, events[ledger.subject_of(case)]) | {"scope": scope}
            text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
            yield text.translate(LINE_ENDS) + "\n"


def _line(case: Case, events: list[Event]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "reference": case.reference,
        "case": str(case.pk),
        "agent": case.agent.name,
        "tenant": case.tenant,
        "stakes": case.stakes,
        "question": case.question,
        "opened_at": instant(case.created_at),
        "digest": case.digest,
        "decisions": [_decision(decision) for decision in case.decisions.all()],
        "events": [_event(event) for event in events],
    }


def _decision(decision: Decision) -> dict[str, Any]:
    answer = decision_answer(decision)
    del answer["state"]  # the agent's own, none of the record
    return answer


def _event(event: Event) -> dict[str, Any]:
    return {
        "id": event.pk,
        "body": bytes(event.body).decode(),
        "leaf": bytes(event.leaf).hex(),
        "private": {
            d.name: None
            if d.value is None or d.salt is None
            else {"salt": bytes(d.salt).hex(), "value": bytes(d.value).decode()}
            for d in event.disclosures.all()
        },
    }


def rows_csv(cases: QuerySet[Case], scope: str = DESK) -> Iterator[str]:
    """Yield the header, then one row a decision."""
    yield BYTE_ORDER_MARK + row(COLUMNS)
    for page in _pages(cases):
        for case in page:
            for decision in case.decisions.all():
                yield row([*_cells(case, decision), scope])


def _cells(case: Case, decision: Decision) -> list[Any]:
    resumption = getattr(decision, "resumption", None)
    return [
        case.reference, case.pk, case.agent.name, case.tenant, decision.role.slug, case.stakes,
        case.question, case.action, "" if case.amount is None else plain(case.amount, case.currency),
        case.currency, instant(case.created_at), instant(decision.decided_at),
        decision.option.key if decision.option else "", decision.outcome,
        "yes" if decision.permitted else "no", decision.kind, decision.decider,
        " ".join(decision.reasons), decision.rationale,
        _json(decision.parameters), _json(decision.arguments),
        decision.digest, decision.pk, decision.overturns_id or "",
        resumption.result if resumption else "",
    ]  # fmt: skip


def _json(value: dict[str, Any] | None) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)


FORMATS = {
    "jsonl": (jsonl, "application/x-ndjson"),
    "csv": (rows_csv, "text/csv; charset=utf-8"),
}


def chunks(lines: Iterable[str], size: int = 100) -> Iterator[bytes]:
    """Join lines into pieces worth sending."""
    lines = iter(lines)
    while piece := "".join(islice(lines, size)):
        yield piece.encode()
