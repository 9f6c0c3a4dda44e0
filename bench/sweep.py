"""How soon a breach is seen while very many cases are open, and how soon a spare clock takes over.

    python bench/sweep.py --data var [--cases 100000] [--breaches 200] [--seconds 20]

Fills a database of its own beside the desk's (``bench_sweep``, made anew each time) with open cases
that are due in days, and runs two clocks and a worker of deadlines on it. Then makes cases that are due
within the next seconds, and reads from the record when each was seen. For the second figure the clock
that leads is killed (kill -9) in the middle of it.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from inside import ROOT, set_up
from intake import package
from report import Desk, machine, percentiles

DAY = timedelta(days=1)
LEAD = timedelta(seconds=5)  # before the first of them is due
DATABASE = "bench_sweep"
WORKER = ("rqworker", "deadlines", "-v", "0", "--worker-class", "escalation.worker.DeskWorker")
SLA: dict[str, Any] = {
    "slug": "bench",
    "name": "Bench",
    "targets": {"high": {"decision": {"within": 86400, "time": "wall"}}},
    "chain": {"starts_at": "decision", "steps": [{"do": "remind", "wait": 86400}, {"do": "hold"}]},
}
# Copies of one case that came as agents send them, each due at a second of its own or of a few.
TWINS = """
    CREATE TEMPORARY TABLE twin ON COMMIT DROP AS
    SELECT gen_random_uuid() AS id, date_trunc('second', %(first)s + n * %(apart)s) AS due_at
    FROM generate_series(1, %(count)s) AS n
"""
COPY = """
    INSERT INTO {table} SELECT (jsonb_populate_record(original, {changes})).*
    FROM {table} AS original, twin WHERE original.{of} = %(case)s
"""
COPIED = {  # in this order: each refers to those before it
    "escalation_case": ("id", """jsonb_build_object(
        'id', twin.id, 'number', nextval('escalation_case_number'), 'idempotency_key', twin.id,
        'created_at', twin.due_at - interval '1 day', 'due_at', twin.due_at)"""),
    "routing_ruling": ("case_id", "jsonb_build_object('case_id', twin.id)"),
    "escalation_handoff": ("case_id", """jsonb_build_object(
        'id', gen_random_uuid(), 'case_id', twin.id, 'started_at', twin.due_at - interval '1 day',
        'user_id', NULL)"""),
    "escalation_clock": ("case_id", """jsonb_build_object(
        'id', gen_random_uuid(), 'case_id', twin.id, 'started_at', twin.due_at - interval '1 day',
        'due_at', twin.due_at)"""),
    "escalation_effect": ("target", """jsonb_build_object(
        'id', gen_random_uuid(), 'target', twin.id, 'due_at', twin.due_at)"""),
}  # fmt: skip
SEEN = """
    SELECT at, (convert_from(body, 'UTF8')::json -> 'facts' ->> 'due_at')::timestamptz
    FROM escalation_event WHERE action = 'clock.breached' AND at >= %s ORDER BY 2
"""


class Seen(NamedTuple):
    at: datetime  # when the breach was on the record
    due_at: datetime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("var"), help="the desk's data folder")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--breaches", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20, help="over which they come")
    options = parser.parse_args()
    desk = Desk(options.data)
    forget(desk)
    set_up(desk, database=DATABASE)
    os.environ["REDIS_URL"] = desk.environment["REDIS_URL"].replace("db=0", "db=1")
    case = furnish()
    fill(case, options.cases)
    apart = timedelta(seconds=options.seconds / options.breaches)
    with Programs() as programs:
        print(machine())
        took = breaches(case, options.breaches, apart)
        print(f"seen after it was due, {len(took)} breaches: {said(took)}")
        deaths: list[datetime] = []
        took = breaches(
            case, options.breaches, apart, lambda: deaths.append(programs.kill_leader())
        )
        print(f"with the clock killed halfway: {said(took, deaths[0])}")


def forget(desk: Desk) -> None:
    """Cases of an earlier run would come due in the middle of this one."""
    with psycopg.connect(desk.environment["DATABASE_OWNER_URL"], autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def furnish() -> UUID:
    """Publish a policy of one deadline, and return a case that came as agents send them."""
    from django.utils.timezone import now

    from escalation import intake
    from escalation.models import Agent, Role, User
    from routing.dispatch import dispatch
    from routing.enums import VersionStatus
    from routing.models import PolicyVersion, Route, SlaPolicy
    from routing.sla import read

    facts = read(SLA).as_facts()
    role = Role.objects.create(slug="bench", name="Bench")
    drafter, publisher = (User.objects.create(username=name) for name in ("drafts", "publishes"))
    version = PolicyVersion.objects.create(
        drafted_by=drafter, drafted_at=now(), note="One deadline."
    )
    sla = SlaPolicy.objects.create(
        version=version, slug=facts["slug"], name=facts["name"], facts=facts
    )
    Route.objects.create(
        version=version, position=1, name="All", role=role, sla=sla, is_default=True
    )
    version.number, version.published_at = 1_000, now()
    version.status, version.published_by = VersionStatus.PUBLISHED, publisher
    version.save(update_fields=["number", "published_at", "published_by", "status"])
    staff(role)
    agent = Agent.objects.create(name="bench")
    case = intake.open_case(json.loads(package()), key="the first", by=agent, at=now()).case
    dispatch([case.pk], at=now())
    return case.pk


def staff(role: Any) -> None:
    """Put three people on call, who are told of each breach."""
    from django.utils.timezone import now

    from escalation.actors import OPERATOR
    from escalation.models import User
    from reviewers import rosters
    from reviewers.memberships import join_role
    from reviewers.models import Layer, Turn

    people = [User.objects.create(username=f"bench-{n}") for n in range(3)]
    for user in people:
        join_role(role, user, by=OPERATOR, at=now() - DAY)
    layer = Layer.objects.create(
        roster=rosters.roster_of(role),
        name="Always",
        time_zone="UTC",
        first_on=(now() - DAY).date(),
        first_time=0,
    )
    Turn.objects.create(layer=layer, order=1).members.set(people)
    rosters.publish(layer, by=OPERATOR, at=now() - DAY)


def fill(case: UUID, count: int) -> None:
    """Copy the case until so many are open, each due at an instant of its own days from now."""
    from django.db import connection
    from django.utils.timezone import now

    started = time.perf_counter()
    copy(case, count - 1, now() + 2 * DAY, timedelta(seconds=1))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(f"{count} cases filled in {time.perf_counter() - started:.0f} s")


def copy(case: UUID, count: int, first: datetime, apart: timedelta) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TWINS, {"first": first, "apart": apart, "count": count})
        for table, (of, changes) in COPIED.items():
            cursor.execute(COPY.format(table=table, of=of, changes=changes), {"case": case})


def breaches(
    case: UUID, count: int, apart: timedelta, halfway: Callable[[], object] = lambda: None
) -> list[Seen]:
    """Let cases come due one after the other, and return when each was seen."""
    from django.db import connection
    from django.utils.timezone import now

    begun = now()
    first = (begun + LEAD).replace(microsecond=0)
    copy(case, count, first, apart)
    time.sleep((first + count * apart / 2 - now()).total_seconds())
    halfway()
    time.sleep((first + count * apart - now()).total_seconds())
    for _ in range(600):
        with connection.cursor() as cursor:
            cursor.execute(SEEN, [begun])
            found = [Seen(*row) for row in cursor.fetchall()]
        if len(found) >= count:
            return found
        time.sleep(0.1)
    raise SystemExit(f"only {len(found)} of {count} breaches were seen within a minute")


def said(found: list[Seen], death: datetime | None = None) -> str:
    late = [(one.at - one.due_at).total_seconds() for one in found]
    says = f"{percentiles(late)}, at most {max(late):.2f} s"
    if death:
        next_seen = min(one.at for one in found if one.at > death)
        says += f"; the next was seen {(next_seen - death).total_seconds():.2f} s after the death"
    return says


class Programs:
    """A clock that leads, a spare, and a worker; all of them end with the bench."""

    def __enter__(self) -> "Programs":
        self._running = [self._start("sweep")]
        wait_until(leads)
        self._running += [self._start("sweep"), self._start(*WORKER)]
        wait_until(works)
        time.sleep(LEAD.total_seconds())  # the spare has nothing to say of itself
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.wait(timeout=20)

    def kill_leader(self) -> datetime:
        """Kill the clock that leads, and return when."""
        from django.utils.timezone import now

        self._running[0].kill()
        return now()

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, str(ROOT / "manage.py"), *command], cwd=ROOT)


def wait_until(met: Callable[[], bool]) -> None:
    for _ in range(600):
        if met():
            return
        time.sleep(0.1)
    raise SystemExit("the clock and the worker do not start")


def leads() -> bool:
    from escalation.models import Heartbeat

    return Heartbeat.objects.filter(name="clock").exists()


def works() -> bool:
    import django_rq
    from rq.worker import Worker

    return bool(Worker.count(queue=django_rq.get_queue("deadlines")))


if __name__ == "__main__":
    main()
