"""What became of everything: the promises against the tables, the record and what callers were told."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import psycopg

from tests.fixtures.living_desk import LivingDesk
from tests.fixtures.sink import Callback

# Each says what must hold, and finds what breaks it: a row for each, its first column a reference or an id.
PROMISES = {
    "A case that has not ended is in the hands of one role": """
        SELECT 'ESC-' || number FROM escalation_case AS found
        WHERE status = 'open' OR (ended_at IS NULL) <>
            (1 = (SELECT count(*) FROM escalation_handoff WHERE case_id = found.id AND ended_at IS NULL))
    """,
    "A case is decided once, and no other has a decision": """
        SELECT 'ESC-' || number FROM escalation_case AS found
        WHERE (status = 'decided')::int <>
            (SELECT count(*) FROM escalation_decision WHERE case_id = found.id)
    """,
    "A case has the clocks of its three targets": """
        SELECT 'ESC-' || number FROM escalation_case AS found
        WHERE 3 <> (SELECT count(*) FROM escalation_clock
                    WHERE case_id = found.id AND target <> 'fallback')
    """,
    "A clock that has passed is breached, or was met before": """
        SELECT id, target, due_at FROM escalation_clock
        WHERE breached_at IS NULL AND due_at < coalesce(stopped_at, now() - interval '2 s')
    """,
    "A clock is breached at the instant it was due": """
        SELECT id, due_at, breached_at FROM escalation_clock WHERE breached_at <> due_at
    """,
    "A clock that was met in time is not breached": """
        SELECT id FROM escalation_clock WHERE stopped_at < due_at AND breached_at IS NOT NULL
    """,
    "Each breach is on the record, once": """
        WITH said AS (
            SELECT subject, convert_from(body, 'UTF8')::json -> 'facts' ->> 'target' AS target,
                (convert_from(body, 'UTF8')::json -> 'facts' ->> 'step')::int AS step, count(*) AS times
            FROM escalation_event WHERE action = 'clock.breached' GROUP BY 1, 2, 3
        )
        SELECT clock.id, clock.target, times FROM escalation_clock AS clock
        LEFT JOIN said ON said.subject = 'case:' || case_id
            AND said.target = clock.target AND said.step = clock.step
        WHERE (breached_at IS NOT NULL)::int <> coalesce(times, 0)
    """,
    "Breaches are acted on in the order in which they were due": """
        SELECT subject, due, before FROM (
            SELECT subject, convert_from(body, 'UTF8')::json -> 'facts' ->> 'due_at' AS due,
                lag(convert_from(body, 'UTF8')::json -> 'facts' ->> 'due_at') OVER (PARTITION BY subject ORDER BY id) AS before
            FROM escalation_event WHERE action = 'clock.breached'
        ) AS told WHERE due < before
    """,
    "A warning is given once": """
        SELECT subject, convert_from(body, 'UTF8')::json -> 'facts' ->> 'target', convert_from(body, 'UTF8')::json -> 'facts' ->> 'percent', count(*) FROM escalation_event
        WHERE action = 'clock.warned' GROUP BY 1, 2, 3 HAVING count(*) > 1
    """,
    "The steps of a chain are taken one after the other, each once": """
        SELECT subject, steps FROM (
            SELECT subject, array_agg((convert_from(body, 'UTF8')::json -> 'facts' ->> 'step')::int ORDER BY id) AS steps
            FROM escalation_event WHERE action = 'case.fallback_step' GROUP BY subject
        ) AS taken WHERE steps <> (SELECT array_agg(n) FROM generate_series(0, cardinality(steps) - 1) AS n)
    """,
    "A case that is overdue goes to the end of its chain": """
        SELECT DISTINCT 'ESC-' || number FROM escalation_case AS found
        JOIN escalation_clock AS clock ON case_id = found.id AND clock.target = 'decision'
        WHERE status NOT IN ('decided', 'withdrawn', 'held') AND clock.due_at < now()
    """,
    "A fallback ends no case before the last of its clocks": """
        SELECT 'ESC-' || number, decided_at, due_at FROM escalation_decision AS decision
        JOIN escalation_case AS found ON found.id = decision.case_id
        JOIN escalation_clock AS clock ON clock.case_id = found.id
        WHERE fallback <> '' AND clock.due_at > decided_at
    """,
    "Only a person permits": """
        SELECT id FROM escalation_decision WHERE permitted AND decided_by_id IS NULL
    """,
    "Each effect is done": """
        SELECT id, kind, due_at, last_error FROM escalation_effect
        WHERE done_at IS NULL AND kind IN ('dispatch', 'deadline', 'delivery', 'notice', 'digest')
            AND due_at < now() + interval '1 hour'
    """,
    "A decision is delivered": """
        SELECT delivery.id, status, attempts, last_error FROM escalation_delivery AS delivery
        WHERE status <> 'delivered'
    """,
    "A decision has one delivery": """
        SELECT decision.id FROM escalation_decision AS decision
        WHERE 1 <> (SELECT count(*) FROM escalation_delivery WHERE decision_id = decision.id)
    """,
    "A notice that was to be sent is sent": """
        SELECT id, status, kind FROM reviewers_notice WHERE status IN ('waiting', 'failed')
    """,
}

LEFT = """
    SELECT count(*) FROM escalation_effect
    WHERE done_at IS NULL AND kind IN ('dispatch', 'deadline', 'delivery', 'notice', 'digest')
        AND due_at < now() + interval '1 hour'
"""


@dataclass
class Account:
    """What was found. ``faults`` are sentences; without any, all that was promised held."""

    faults: list[str]
    ends: Counter[str]  # how many cases ended how
    late: list[float]  # seconds from each due instant until its breach was on the record
    told: list[float]  # seconds from each decision until its agent took it
    havoc: Counter[str]
    counts: dict[str, int]
    settled_after: float  # seconds from the last blow until nothing was left to do

    def says(self) -> str:
        """Return the figures, a line each."""
        lines = [
            f"ends: {listed(self.ends)}",
            f"counted: {listed(self.counts)}",
            f"blows: {listed(self.havoc)}",
            f"breach on the record after it was due: {percentiles(self.late)}",
            f"agent told after the decision: {percentiles(self.told)}",
            f"nothing left to do {self.settled_after:.1f} s after the last blow",
        ]
        return "\n".join([*lines, *(f"BROKEN: {fault}" for fault in self.faults)])


def listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "nothing"


def percentiles(seconds: list[float]) -> str:
    if len(seconds) < 2:
        return f"{len(seconds)} of them"
    cuts = statistics.quantiles(seconds, n=20, method="inclusive")
    return f"p50 {cuts[9]:.2f} s, p95 {cuts[18]:.2f} s, at most {max(seconds):.2f} s"


def left(desk: LivingDesk) -> int:
    """Return how many things are still to be done; a desk that is down has not said so yet."""
    try:
        with desk.connect() as connection:
            return int(connection.execute(LEFT).fetchone()[0])
    except psycopg.OperationalError:
        return 1


@dataclass(frozen=True)
class Witnesses:
    """What those outside the desk were told, and what reached them."""

    opened: list[str]
    answered: Mapping[str, str]  # the option of each case that a person was told is decided
    withdrawn: set[str]
    callbacks: list[Callback]
    secret: str


def take(desk: LivingDesk, seen: Witnesses, havoc: Counter[str], settled_after: float) -> Account:
    """Compare all that was promised with what is there."""
    with desk.connect() as connection:
        faults = [*_broken(connection), *_contradicted(connection, seen)]
        found = Account(
            faults=faults,
            ends=Counter(dict(connection.execute(ENDS).fetchall())),
            late=[float(seconds) for (seconds,) in connection.execute(LATE)],
            told=[float(seconds) for (seconds,) in connection.execute(TOLD)],
            havoc=havoc,
            counts=dict(connection.execute(COUNTS).fetchall()),
            settled_after=settled_after,
        )
    record = desk.manage("verify_ledger")
    if "whole" not in record:
        found.faults.append(f"The record is not whole: {record.strip()}")
    return found


def _broken(connection: psycopg.Connection) -> Iterator[str]:
    for promise, breaks in PROMISES.items():
        rows = connection.execute(breaks).fetchall()
        if rows:
            some = "; ".join(", ".join(map(str, row)) for row in rows[:5])
            yield f"{promise}: {len(rows)} do not, such as {some}"


def _contradicted(connection: psycopg.Connection, seen: Witnesses) -> Iterator[str]:
    """Yield what the desk told somebody and does not stand by, and what it should have told."""
    rows = connection.execute(STANDING).fetchall()
    standing = {reference: (status, option) for reference, status, option in rows}
    if sorted(seen.opened) != sorted(standing):
        yield f"{len(seen.opened)} cases were taken in, {len(standing)} are there"
    for case, option in seen.answered.items():
        if standing.get(case) != ("decided", option):
            yield f"{case} was answered with {option}; the desk says {standing.get(case)}"
    for case in seen.withdrawn:
        if standing.get(case) != ("withdrawn", None):
            yield f"{case} was withdrawn; the desk says {standing.get(case)}"
    heard = defaultdict(set)
    for callback in seen.callbacks:
        said = callback.verified(seen.secret)["data"]
        heard[callback.reference].add((callback.id, said["permitted"], said["option"]))
    for case, (status, option) in standing.items():
        told = {(permitted, key) for _, permitted, key in heard[case]}
        meant = {(option == "approve", option)} if status == "decided" else set()
        if told != meant or len(heard[case]) > 1:
            yield f"{case} is {status} with {option}; its agent heard {heard[case] or 'nothing'}"


ENDS = """
    SELECT CASE WHEN status <> 'decided' THEN status WHEN fallback <> '' THEN fallback || ' by fallback'
                ELSE 'decided by a person' END, count(*)
    FROM escalation_case AS found LEFT JOIN escalation_decision ON case_id = found.id GROUP BY 1
"""
STANDING = """
    SELECT 'ESC-' || found.number, found.status, option.key
    FROM escalation_case AS found LEFT JOIN escalation_decision AS decision ON decision.case_id = found.id
        LEFT JOIN escalation_option AS option ON option.id = decision.option_id
"""
LATE = """
    SELECT extract(epoch FROM at - (convert_from(body, 'UTF8')::json -> 'facts' ->> 'due_at')::timestamptz)
    FROM escalation_event WHERE action = 'clock.breached'
"""
TOLD = """
    SELECT extract(epoch FROM delivered_at - created_at) FROM escalation_delivery
    WHERE delivered_at IS NOT NULL
"""
COUNTS = """
    SELECT 'breaches', count(*) FROM escalation_clock WHERE breached_at IS NOT NULL
    UNION ALL SELECT 'deliveries', count(*) FROM escalation_delivery
    UNION ALL SELECT 'notices', count(*) FROM reviewers_notice
    UNION ALL SELECT 'handoffs', count(*) FROM escalation_handoff
    UNION ALL SELECT 'events', count(*) FROM escalation_event
"""
