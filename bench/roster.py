"""How long "who is on call?" takes, and how long it takes to plan a year.

    python bench/roster.py --data var [--roles 1000] [--calls 2000] [--runs 30]

Plans a year of a roster of 10 people in 4 layers, with overrides and absences, in memory. Then fills
a database of its own beside the desk's (``bench_roster``, kept for the next run) with a year of shifts,
two positions a role, and asks ``on_call`` for roles and instants by chance.
"""

import argparse
import random
import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from inside import set_up
from report import Desk, machine

YEAR = timedelta(days=365)
START = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = [f"person {n}" for n in range(10)]
OFFICE = (range(5), 9 * 60, 17 * 60)
NIGHT = (range(7), 22 * 60, 6 * 60)
FILL = """
INSERT INTO reviewers_shift (id, role_id, position, slot, user_id, during)
SELECT gen_random_uuid(), role.id, position, 0, people.ids[1 + (day + position) %% 10],
       tstzrange(%(start)s + day * interval '1 day', %(start)s + (day + 1) * interval '1 day')
FROM escalation_role AS role,
     generate_series(0, 364) AS day, generate_series(1, 2) AS position,
     (SELECT array_agg(id) AS ids FROM escalation_user) AS people
WHERE role.id = %(role)s
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("var"), help="the desk's data folder")
    parser.add_argument("--roles", type=int, default=1000)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=30)
    options = parser.parse_args()
    set_up(Desk(options.data), database="bench_roster")
    print(machine())
    plan(options.runs)
    roles = filled(options.roles)
    explain(roles)
    ask(roles, options.calls)


def plan(runs: int) -> None:
    """Print how long resolving a year takes, in milliseconds of the clock and of the processor."""
    from reviewers.oncall import resolve

    facts = roster()
    took, used = [], []
    for _ in range(runs):
        begun, before = time.perf_counter(), time.process_time()
        found = resolve(facts, START, START + YEAR)
        took.append((time.perf_counter() - begun) * 1000)
        used.append((time.process_time() - before) * 1000)
    print(
        f"resolve a year, 10 people, 4 layers: {statistics.median(took):.0f} ms "
        f"({min(took):.0f} to {max(took):.0f}), {statistics.median(used):.0f} ms of processor; "
        f"median of {runs} runs, {len(found.stretches)} stretches"
    )


def roster() -> Any:
    """Return the facts of a role round the clock: nights, office hours, a backup, a second in line."""
    from reviewers.enums import Advance, Kind, OverrideKind, Unit
    from reviewers.oncall import Absence, Facts, Override, Rule, Window

    def layer(name: str, people: list[str], zone: str, **given: Any) -> Any:
        windows = tuple(
            Window(frozenset(days), opens, closes)
            for days, opens, closes in given.pop("windows", ())
        )
        first = datetime(2025, 1, 6, 9)  # noqa: DTZ001 (a wall clock)
        groups = tuple((person,) for person in people)
        shape = {"position": 1, "priority": 1, "kind": Kind.HANDOFF, "every": 1, "unit": Unit.DAYS}
        return Rule(**shape | {"layer": name, "zone": zone, "first": first} | given,
                    groups=groups, windows=windows)  # fmt: skip

    rules = (
        layer("office", PEOPLE[:6], "Europe/London", priority=2, kind=Kind.SHIFTS, unit=Unit.WEEKS,
              length=timedelta(hours=8), weekdays=frozenset(range(5)), advance=Advance.OCCURRENCE),
        layer("nights", PEOPLE[4:], "America/New_York", priority=2, windows=[NIGHT]),
        layer("always", PEOPLE, "Europe/London", unit=Unit.WEEKS),
        layer("second", PEOPLE[::-1], "Australia/Lord_Howe", position=2, windows=[OFFICE, NIGHT]),
    )  # fmt: skip
    chance = random.Random(1)
    spans = [START + timedelta(hours=chance.randrange(365 * 24)) for _ in range(60)]
    return Facts(
        rules,
        overrides=tuple(
            Override(str(n), OverrideKind.REPLACE, at, at + timedelta(hours=9), None, *two)
            for n, at in enumerate(spans[:30])
            for two in [chance.sample(PEOPLE, 2)]
        ),
        absences=tuple(
            Absence(chance.choice(PEOPLE), at, at + timedelta(days=7)) for at in spans[30:]
        ),
        available=dict.fromkeys(PEOPLE, ((START - YEAR, None),)),
    )


def filled(roles: int) -> list[Any]:
    """Return that many roles with a year of daily shifts in two positions, made where they lack."""
    from django.db import connection

    from escalation.models import Role, User
    from reviewers.models import Shift

    for n in range(User.objects.count(), 500):
        User.objects.create(username=f"person-{n}")
    for n in range(Role.objects.count(), roles):
        Role.objects.create(slug=f"role-{n}", name=f"Role {n}")
    found = list(Role.objects.order_by("slug")[:roles])
    started = time.perf_counter()
    with connection.cursor() as cursor:
        for role in found:
            if not Shift.objects.filter(role=role).exists():
                cursor.execute(FILL, {"role": role.pk, "start": START})
        cursor.execute("VACUUM ANALYZE reviewers_shift")
        cursor.execute("SELECT pg_size_pretty(pg_relation_size('shift_no_overlap'))")
        size = cursor.fetchone()[0]
    print(
        f"{Shift.objects.count():,} shifts of {len(found):,} roles, "
        f"made in {time.perf_counter() - started:.0f} s; the index of the constraint has {size}"
    )
    return found


def explain(roles: list[Any]) -> None:
    from django.db import connection

    from reviewers.shifts import HELD

    with connection.cursor() as cursor:
        asked = [roles[len(roles) // 2].pk, START + YEAR / 2]
        cursor.execute(HELD, asked)  # the first of a connection reads the catalogue too
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {HELD}", asked)
        print("\n".join(line for (line,) in cursor.fetchall()))


def ask(roles: list[Any], calls: int) -> None:
    """Print how long ``on_call`` takes, and how much of that is the database's."""
    from django.db import connection

    from reviewers.shifts import on_call

    chance = random.Random(2)
    questions = [(chance.choice(roles), START + chance.random() * YEAR) for _ in range(calls)]
    took, waited = [], []

    def clocked(execute: Any, *given: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(*given)
        finally:
            waited.append((time.perf_counter() - begun) * 1000)

    before = time.process_time()
    for role, at in questions:
        begun = time.perf_counter()
        held = on_call(role, at)
        took.append((time.perf_counter() - begun) * 1000)
        assert len(held) == 2, (role, at, held)
    used = (time.process_time() - before) * 1000 / calls
    with connection.execute_wrapper(clocked):
        for role, at in questions:
            on_call(role, at)
    print(
        f"on_call, {calls:,} calls: {says(took)}; of which the query {says(waited)}; "
        f"{used:.2f} ms of our own processor each"
    )


def says(milliseconds: list[float]) -> str:
    p95 = statistics.quantiles(milliseconds, n=20)[18]
    return f"median {statistics.median(milliseconds):.2f} ms, p95 {p95:.2f} ms"


if __name__ == "__main__":
    main()
