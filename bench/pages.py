"""What the pages of a reviewer cost the server when very much waits.

    python bench/pages.py --data var [--cases 100000] [--runs 30] [--given 0.9] [--explain]

Fills a database of its own on the desk's PostgreSQL, beside the desk's (a minute at first, kept
for the next time), and asks for each page in this process: the time is that of middleware, view,
queries and template, without the network. Of the cases the share ``--given`` is a colleague's turn.
With ``--explain`` each statement on cases is explained instead.
"""

import argparse
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

from inside import set_up
from report import Desk, machine

if TYPE_CHECKING:
    from django.test import Client

DATABASE = "recourse_bench"
ROLES = 8  # the reviewer holds the first three; the cases are spread over all

FILL = """
WITH made AS (
    INSERT INTO escalation_case
        (id, number, agent_id, idempotency_key, request_digest, status, stakes, role_id, role_wish,
         question, recommended, action, amount, currency, tenant, user_id, run, batch,
         agent_version, digest, version, callback_url, created_at,
         due_at, approvals, categories, language, moves, moves_money)
    SELECT gen_random_uuid(), nextval('escalation_case_number'),
           (SELECT id FROM escalation_agent WHERE name = 'bench'),
           'bench-' || %(from)s + n, 'sha256:' || repeat('0', 64), 'awaiting',
           (ARRAY['low', 'medium', 'high', 'critical'])[1 + n %% 4],
           (SELECT id FROM escalation_role WHERE slug = 'bench-' || n %% %(roles)s), '',
           'Refund order W' || n || ' for $' || n %% 900 || '.50? The carrier says it was delivered.',
           'approve', 'issue_refund', n %% 900 + 0.5, 'USD', 'tenant-' || n %% 50, 'cus_' || n,
           'run-' || n, '', 'refunds-2.3.1', 'sha256:' || md5(n::text) || md5(n::text), 1, '',
           now() - n * interval '1 second',
           CASE WHEN n %% 50 > 0 THEN now() + (n - 2000) * interval '1 second' END,
           1, '{}', '', '{}', false
    FROM generate_series(1, %(count)s) AS n
    RETURNING id, role_id, created_at, question
), handed AS (
    INSERT INTO escalation_handoff
        (id, case_id, role_id, user_id, reason, note, started_at, seen_digest, "end")
    SELECT gen_random_uuid(), id, role_id,
           CASE WHEN random() < %(given)s
                THEN (SELECT id FROM escalation_user WHERE username = 'bench-other') END,
           'wished', '', created_at, '', '' FROM made
), said AS (
    INSERT INTO escalation_casetext (case_id, words)
    SELECT id, to_tsvector('simple', question) FROM made
)
INSERT INTO escalation_firing
    (case_id, position, type, name, observed, operator, threshold, detail)
SELECT id, 1, 'confidence', 'refund_classification', '0.62', '<', '0.8', 'Confidence dropped'
FROM made
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("var"), help="the desk's data folder")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--given", type=float, default=0.9, help="share of cases with a person")
    parser.add_argument("--explain", action="store_true")
    options = parser.parse_args()
    set_up(Desk(options.data), database=DATABASE)
    client = furnish(options.cases, options.given)
    print(machine())
    reference = a_case()
    views = ("mine", "unowned", "breaching", "asked", "held", "decided", "overturned")
    filters = ("stakes=high", "trigger=risk", "tenant=tenant-7", "amount=899", "agent=nobody")
    words = ("q=W77", "q=no+such+thing", "q=refund")
    asked = ["", *(f"view={view}" for view in views), *filters, *words]
    pages = ["/", *(f"/queue/?{one}" for one in asked), f"/cases/{reference}/"]
    for page in pages:
        if options.explain:
            explain(client, page)
        else:
            measure(client, page, options.runs)


def furnish(wanted: int, given: float) -> "Client":
    """Fill up to ``wanted`` cases, and return a client in which a reviewer is signed in."""
    from django.db import connection
    from django.test import Client
    from django.utils.timezone import now

    from escalation.actors import OPERATOR
    from escalation.models import Agent, Case, Role, User
    from reviewers.memberships import join_role

    Agent.objects.get_or_create(name="bench")
    roles = [
        Role.objects.get_or_create(slug=f"bench-{n}", defaults={"name": f"Role {n}"})[0]
        for n in range(ROLES)
    ]
    reviewer, _ = User.objects.get_or_create(username="bench")
    User.objects.get_or_create(username="bench-other")
    for role in roles[:3]:
        join_role(role, reviewer, by=OPERATOR, at=now())
    there = Case.objects.filter(status="awaiting").count()
    if there < wanted:
        started = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(
                FILL, {"from": there, "count": wanted - there, "roles": ROLES, "given": given}
            )
            cursor.execute("ANALYZE")
        print(f"{wanted - there} cases filled in {time.perf_counter() - started:.1f} s")
    client = Client(headers={"host": "localhost"})
    client.force_login(reviewer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def a_case() -> str:
    """Return the reference of a case that came as agents send them."""
    import json
    from uuid import uuid4

    from django.utils.timezone import now
    from intake import package

    from escalation import intake
    from escalation.models import Agent
    from routing.dispatch import dispatch

    sent = json.loads(package()) | {"role": "bench-0"}
    agent = Agent.objects.get(name="bench")
    case = intake.open_case(sent, key=uuid4().hex, by=agent, at=now()).case
    dispatch([case.pk], at=now())
    return case.reference


def measure(client: "Client", page: str, runs: int) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(page)  # templates are compiled once
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(page)
        asked = len(connection.queries_log) - queries.initial_queries
    assert answer.status_code == 200, f"{page}: {answer.status_code}"
    took = []
    for _ in range(runs):
        started = time.perf_counter()
        client.get(page)
        took.append(time.perf_counter() - started)
    cuts = statistics.quantiles(took, n=20)
    print(
        f"{page}: p50 {cuts[9] * 1000:.1f} ms, p95 {cuts[18] * 1000:.1f} ms, {asked} queries, "
        f"{len(answer.content) / 1024:.0f} KiB"
    )


def explain(client: "Client", page: str) -> None:
    """Say how long PostgreSQL takes for each statement on cases, and where it reads a whole table."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        client.get(page)
    for query in queries.captured_queries:
        sql = query["sql"]
        if "escalation_case" not in sql or not sql.lstrip().startswith(("SELECT", "(SELECT")):
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}")
            plan = [row[0] for row in cursor.fetchall()]
        took = next(line for line in plan if line.startswith("Execution Time"))
        whole = [line.strip() for line in plan if "Seq Scan on escalation_case" in line]
        print(f"{page}: {took.removeprefix('Execution Time: ')} {whole} {sql.split()[1:3]}")


if __name__ == "__main__":
    main()
