"""What the page of a case costs where one part of the largest allowed package is all of it.

    python bench/bigcase.py --data var [--runs 5]

Opens a case for each part in a database of its own, beside the desk's, and asks for its page in this
process: KiB, ms of wall clock and of processor (median), and queries.
"""

import argparse
import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from inside import set_up
from intake import package
from pages import DATABASE, furnish
from report import Desk, machine

if TYPE_CHECKING:
    from django.test import Client

LARGE = 1_900_000  # bytes of the part, of 2 MiB that a body may have
AT = "2026-11-20T09:12:00Z"


def steps(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [
        {"key": f"k{n}", "kind": "tool_call", "name": "get", "at": AT, **fields}
        for n in range(count)
    ]


def cases() -> Iterator[tuple[str, dict[str, Any], int]]:
    """Yield what is large, a package, and how many times its steps are added."""
    whole: dict[str, Any] = json.loads(package()) | {"role": "bench-0", "stakes": "low"}

    def having(pointer: str, value: Any) -> dict[str, Any]:
        found = json.loads(json.dumps(whole))
        *way, last = [int(part) if part.isdigit() else part for part in pointer.split("/")]
        place = found
        for part in way:
            place = place[part]
        place[last] = value
        return found

    yield "as sent by an ordinary agent", whole, 0
    for name, text in {
        "right-to-left overrides": "\u202e" * (LARGE // 3),
        "two invisible signs in turn": "\u202e\u200b" * (LARGE // 6),
        "invisible signs between letters": "a\u202e" * (LARGE // 4),
        "less-than signs": "<" * LARGE,
        "quotes": '"' * (LARGE // 2),
        "line ends": "\n" * (LARGE // 2),
        "one word": "x" * LARGE,
        "combining marks": "e\u0301\u0301\u0301\u0301\u0301\u0301" * (LARGE // 13),
        "emoji": "\U0001f469\u200d\U0001f4bb" * (LARGE // 11),
    }.items():
        yield f"request: {name}", having("request/content", text), 0
    big = "<\u202e" * (LARGE // 4)
    consequence = [{"text": "<" * 900} for _ in range(2000)]
    for name, pointer, value in [
        ("question", "question/text", big),
        ("label of an option", "question/options/0/label", big),
        ("text of a consequence", "question/options/0/consequences", [{"text": big}]),
        ("2,000 consequences", "question/options/0/consequences", consequence),
        ("reasoning", "proposal/reasoning", big),
        ("action's arguments: one text", "proposal/arguments", {"note": big}),
        (
            "arguments: 100,000 small values",
            "proposal/arguments",
            {f"k{n}": n for n in range(100_000)},
        ),
        (
            "arguments: 40,000 identifiers",
            "proposal/arguments",
            {f"k{n}": f"ID-{n}" for n in range(40_000)},
        ),
        ("arguments: long keys", "proposal/arguments", {f"{n}{'<' * 9000}": n for n in range(200)}),
        (
            "arguments: rows",
            "proposal/arguments",
            {"rows": [{"a": n, "b": "<<"} for n in range(60_000)]},
        ),
        ("categories", "proposal/categories", ["<" * 250 for _ in range(7000)]),
        ("credentials", "identity/credentials", ["<" * 250 for _ in range(7000)]),
        ("authority", "identity/authority", big),
        ("state", "resume/state", "<" * 250_000),
        (
            "details of 100 triggers",
            "triggers",
            [
                {
                    "type": "risk",
                    "name": "<" * 250,
                    "observed": "<" * 900,
                    "operator": "in",
                    "threshold": ["<" * 900],
                    "detail": "<\u202e" * 4300,
                }
                for _ in range(100)
            ],
        ),
        ("2,000 steps", "steps", steps(2000, output={"lines": [{"a": "<" * 300}] * 2})),
        ("a step's text", "steps", steps(1, text=big)),
        ("a step's output", "steps", steps(1, output=big)),
        (
            "JSON in a step's text",
            "steps",
            steps(1, output=json.dumps({f"k{n}": n for n in range(90_000)})),
        ),
        (
            "JSON in 2,000 steps' texts",
            "steps",
            steps(2000, output=json.dumps({"a": [{"b": "<" * 30}] * 14})),
        ),
        ("2,000 steps that must be read", "steps", steps(2000, must_read=True, output="<" * 700)),
    ]:
        yield name, having(pointer, value), 0
    yield "5,000 steps", having("steps", steps(1250, output={"total": "1.00", "of": "<" * 60})), 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("var"), help="the desk's data folder")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="", help="a part of the name of what is large")
    options = parser.parse_args()
    set_up(Desk(options.data), database=DATABASE)
    client = furnish(0, 0.9)  # who is signed in, and the roles
    print(machine())
    for name, sent, more in cases():
        if options.only in name:
            measure(client, name, opened(sent, more), options.runs)


def opened(sent: dict[str, Any], more: int) -> str:
    from django.utils.timezone import now

    from escalation import intake
    from escalation.models import Agent
    from routing.dispatch import dispatch

    agent = Agent.objects.get(name="bench")
    case = intake.open_case(sent, key=uuid4().hex, by=agent, at=now()).case
    for turn in range(more):
        added = [one | {"key": f"{one['key']}-{turn}"} for one in sent["steps"]]
        intake.add_steps(case, {"steps": added}, by=agent, at=now())
    dispatch([case.pk], at=now())
    return str(case.reference)


def measure(client: "Client", name: str, reference: str, runs: int) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    page = f"/cases/{reference}/"
    client.get(page)  # templates are compiled once
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(page)
        asked = len(connection.queries_log) - queries.initial_queries
    assert answer.status_code == 200, f"{page}: {answer.status_code}"
    took, worked = [], []
    for _ in range(runs):
        began, processor = time.perf_counter(), time.process_time()
        client.get(page)
        took.append((time.perf_counter() - began) * 1000)
        worked.append((time.process_time() - processor) * 1000)
    print(
        f"{name}: {len(answer.content) / 1024:,.0f} KiB, {statistics.median(took):,.0f} ms, of "
        f"processor {statistics.median(worked):,.0f} ms, {asked} queries",
        flush=True,
    )


if __name__ == "__main__":
    main()
