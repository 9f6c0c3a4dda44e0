"""Checking the record against itself: every leaf against its body, every row against its event."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.models import Max

from escalation import attachments, canonical, ledger
from escalation.models import Case, Event

PAGE = 1000

# What must have left an event, and the event that it must have left.
EXPECTED = {
    "case {} was opened": ("SELECT id FROM escalation_case", "case.opened"),
    "case {} was decided": (
        "SELECT case_id FROM escalation_decision WHERE kind = 'person' AND overturns_id IS NULL",
        "case.decided",
    ),
    "case {} was ended by a fallback": (
        "SELECT case_id FROM escalation_decision WHERE kind = 'fallback'",
        "case.fell_back",
    ),
    "the decision of case {} was overturned": (
        "SELECT case_id FROM escalation_decision WHERE overturns_id IS NOT NULL",
        "case.overturned",
    ),
    "case {} was answered": (
        "SELECT case_id FROM escalation_answer WHERE stage = 'final'",
        "case.answered",
    ),
    "case {} was answered before the reveal": (
        "SELECT case_id FROM escalation_answer WHERE stage = 'committed'",
        "case.committed",
    ),
    "an answer to case {} was signed": ("SELECT case_id FROM escalation_release", "case.signed"),
    "the signed answer to case {} went out": (
        "SELECT case_id FROM escalation_release WHERE \"end\" = 'released'",
        "case.released",
    ),
    "evidence of case {} was opened": ("SELECT case_id FROM escalation_opening", "evidence.opened"),
    "case {} missed a deadline": (
        "SELECT case_id FROM escalation_clock WHERE breached_at IS NOT NULL",
        "clock.breached",
    ),
    "case {} was handed off": ("SELECT case_id FROM escalation_handoff", "case.handed_off"),
    "case {} was withdrawn": (
        "SELECT id FROM escalation_case WHERE status = 'withdrawn'",
        "case.withdrawn",
    ),
    "case {} was held": (
        "SELECT case_id FROM escalation_pause WHERE reason = 'held'",
        "case.held",
    ),
    "case {} waited for its agent": (
        "SELECT case_id FROM escalation_pause WHERE reason = 'information_requested'",
        "case.information_requested",
    ),
    "case {} went on": ("SELECT case_id FROM escalation_resumption", "case.resumed"),
}


@dataclass(frozen=True)
class Verified:
    events: int  # how many held
    problem: str  # the first place that does not hold; empty when all do


def verify() -> Verified:
    """Walk the whole record and stop at the first break."""
    counted = 0
    for page in _pages():
        if found := ledger.first_break(page):
            held = sum(event.pk < found.event for event in page)
            return Verified(counted + held, str(found))
        counted += len(page)
    problem = next(_missing(), "") or next(_changed_packages(), "") or _changed_document()
    return Verified(counted, problem)


def _pages() -> Iterator[list[Event]]:
    last = 0
    end = Event.objects.aggregate(last=Max("pk"))["last"] or 0
    while page := list(
        Event.objects.filter(pk__gt=last, pk__lte=end)
        .order_by("pk")
        .prefetch_related("disclosures")[:PAGE]
    ):
        yield page
        last = page[-1].pk


def _missing() -> Iterator[str]:
    """Yield every act that left no event: an event was deleted, or a row was slipped in."""
    for sentence, (rows, action) in EXPECTED.items():
        statement = f"""
            SELECT subject.id FROM ({rows}) AS subject (id)
            GROUP BY subject.id
            HAVING count(*) > (SELECT count(*) FROM escalation_event
                               WHERE subject = 'case:' || subject.id AND action = %s)
            ORDER BY subject.id LIMIT 1
        """
        with connection.cursor() as cursor:
            cursor.execute(statement, [action])
            for (case_id,) in cursor.fetchall():
                yield f"a missing event: {sentence.format(case_id)}, but no {action} says so"


def _changed_packages() -> Iterator[str]:
    """Yield every case whose package is no longer the one that its digest names."""
    cases = Case.objects.defer("state").prefetch_related("packages").order_by("pk")
    for case in cases.iterator(chunk_size=100):
        bodies = [bytes(package.body) for package in case.packages.all()]
        if not bodies or canonical.digest(canonical.encode(canonical.fold(bodies))) != case.digest:
            yield f"{case.reference}: its package is not the one that {case.digest} names"


def _changed_document() -> str:
    """Return which document's bytes are no longer those that its digest names; empty when all are."""
    broken = attachments.first_broken()
    return broken and f"the document sha256:{broken} is not the one that its name says"
