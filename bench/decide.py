"""How many answers a second the desk records, each posted by a reviewer's form, and how long each takes.

    python bench/decide.py --data var [--cases 1000] [--connections 8]

Makes a role, its reviewers and cases on the desk itself, and decides all of them: run it on a desk
whose record you can throw away.
"""

import argparse
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from http1 import Connection
from inside import set_up
from intake import package
from report import Desk, machine, percentiles, spent

TOKEN = "t" * 32  # of CSRF: the same in the cookie and in the form, as a browser would send it
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("var"), help="the desk's data folder")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    desk = Desk(options.data)
    set_up(desk)
    cases, sessions = furnish(options.cases, options.connections)
    waiting = iter(cases)
    took: list[float] = []
    threads = [
        threading.Thread(target=answer, args=(desk.url, session, waiting, took))
        for session in sessions
    ]
    print(machine())
    before, started = desk.processor(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - started
    time.sleep(1)  # the rest of the cost: telling the agents
    print(
        f"decide: {len(took) / elapsed:.0f} answers/s, {options.connections} connections, "
        f"{percentiles(took)}\n  {spent(before, desk.processor(), len(took))}"
    )


def furnish(cases: int, reviewers: int) -> tuple[list[tuple[str, str]], list[str]]:
    """Return reference and digest of cases that await an answer, and sessions of who may give it."""
    from django.test import Client
    from django.utils.timezone import now

    from escalation import intake
    from escalation.actors import OPERATOR
    from escalation.models import Agent, Role, User
    from reviewers.memberships import join_role
    from routing.dispatch import dispatch

    slug = f"bench-{uuid4().hex[:8]}"
    role, agent = Role.objects.create(slug=slug, name=slug), Agent.objects.create(name=slug)
    sessions = []
    for number in range(reviewers):
        user = User.objects.create(username=f"{slug}-{number}")
        join_role(role, user, by=OPERATOR, at=now())
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        sessions.append(client.cookies["sessionid"].value)
    sent = json.loads(package()) | {"role": slug, "stakes": "medium"}
    made = [intake.open_case(sent, key=str(n), by=agent, at=now()).case for n in range(cases)]
    dispatch([case.pk for case in made], at=now())
    return [(case.reference, case.digest) for case in made], sessions


def answer(url: str, session: str, waiting: Iterator[tuple[str, str]], took: list[float]) -> None:
    address = urlsplit(url)
    connection = Connection(address.hostname or "127.0.0.1", address.port or 80)
    headers = FORM | {"Cookie": f"sessionid={session}; csrftoken={TOKEN}"}
    form = {
        "option": "approve",
        "rationale": "As measured.",
        "step": "sign",
        "csrfmiddlewaretoken": TOKEN,
    }
    for reference, digest in waiting:
        body = urlencode(form | {"digest": digest}).encode()
        path = f"/cases/{reference}/decision/"
        status, _, page, seconds = connection.send("POST", path, headers, body)
        if status != 302:
            raise SystemExit(f"{status}: {page.decode()[:300]}")
        took.append(seconds)


if __name__ == "__main__":
    main()
