"""How soon a healthy receiver is called after the decision, while others' receivers hang.

    python bench/deliveries.py --data var [--hanging 100] [--healthy 100] [--of agent|agents|hosts]

The desk must allow loopback (CALLBACK_ALLOW=127.0.0.0/8). All receivers are here, on loopback: those
that hang take the connection and never answer. ``--of``: they are one agent's at one host, as many
agents' at one host, or one agent's at as many hosts. Makes cases on the desk itself and decides them:
run it on a desk whose record you can throw away.
"""

import argparse
import asyncio
import json
import os
import threading
import time
from pathlib import Path
from uuid import uuid4

from inside import set_up
from intake import package
from report import Desk, machine, percentiles, spent

BETWEEN = 0.1  # seconds from one decision of the healthy agent to the next
PATIENCE = 300.0  # seconds that a call may take to come before the bench gives up


class Receivers:
    """Ends on loopback. ``heard`` holds when each path was first called, in seconds of the clock."""

    def __init__(self) -> None:
        self.heard: dict[str, float] = {}
        self.hanging = self.most = 0
        self.port = 0
        ready = threading.Event()
        threading.Thread(
            target=lambda: asyncio.run(self._serve(ready)), name="receivers", daemon=True
        ).start()
        ready.wait(10)

    async def _serve(self, ready: threading.Event) -> None:
        server = await asyncio.start_server(self._receive, "0.0.0.0", 0, backlog=4096)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await server.serve_forever()

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        at = time.time()
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = head.split()[1]
            self.heard.setdefault(path, at)
            if path.startswith("/ok"):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
            else:
                self.hanging += 1
                self.most = max(self.most, self.hanging)
                try:
                    while await reader.read(65536):
                        pass
                finally:
                    self.hanging -= 1
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def wait_for(self, path: str) -> float:
        end = time.monotonic() + PATIENCE
        while path not in self.heard:
            if time.monotonic() > end:
                raise SystemExit(f"{path} was not called within {PATIENCE:.0f} s")
            time.sleep(0.001)
        return self.heard[path]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("var"), help="the desk's data folder")
    parser.add_argument("--hanging", type=int, default=100)
    parser.add_argument("--healthy", type=int, default=100)
    parser.add_argument("--of", choices=("agent", "agents", "hosts"), default="agent")
    options = parser.parse_args()
    desk = Desk(options.data)
    os.environ["CALLBACK_ALLOW"] = "127.0.0.0/8"  # as the desk has it: cases are opened from here
    set_up(desk)
    receivers = Receivers()
    print(machine())
    agents = options.hanging if options.of == "agents" else 1
    urls = [
        f"http://{host(n) if options.of == 'hosts' else '127.0.0.1'}:{receivers.port}/hang/{n}"
        for n in range(options.hanging)
    ]
    stuck = Bench(agents, urls)
    healthy = Bench(
        1, [f"http://127.0.0.1:{receivers.port}/ok/{n}" for n in range(options.healthy)]
    )
    before = desk.processor()
    for n in range(options.hanging):
        stuck.decide(n)
    if options.hanging:
        receivers.wait_for("/hang/0")
    late = []
    for n in range(options.healthy):
        decided = healthy.decide(n)
        late.append(receivers.wait_for(f"/ok/{n}") - decided)
        time.sleep(BETWEEN)
    what = {"agent": "of one agent", "agents": "of as many agents", "hosts": "at as many hosts"}
    print(
        f"{options.hanging} hanging receivers {what[options.of]} ({receivers.most} at a time held a "
        f"call): a healthy one was called after {percentiles(late)}, at most {max(late) * 1000:.0f}"
        f" ms\n  {spent(before, desk.processor(), options.hanging + options.healthy)}"
    )


def host(number: int) -> str:
    return f"127.1.{number // 250}.{number % 250 + 1}"


class Bench:
    """Cases that await a decision, each with a callback of its own, and who decides them."""

    def __init__(self, agents: int, urls: list[str]) -> None:
        from django.utils.timezone import now

        from escalation import intake
        from escalation.actors import OPERATOR
        from escalation.models import Agent, Role, User
        from reviewers.memberships import join_role
        from routing.dispatch import dispatch

        slug = f"bench-{uuid4().hex[:8]}"
        role = Role.objects.create(slug=slug, name=slug)
        self.by = User.objects.create(username=slug)
        join_role(role, self.by, by=OPERATOR, at=now())
        asked = [Agent.objects.create(name=f"{slug}-{n}") for n in range(agents)]
        sent = json.loads(package()) | {"role": slug, "stakes": "low"}
        self.cases = [
            intake.open_case(
                sent | {"resume": {"callback_url": url, "state": None}},
                key=str(n),
                by=asked[n % agents],
                at=now(),
            ).case
            for n, url in enumerate(urls)
        ]
        dispatch([case.pk for case in self.cases], at=now())

    def decide(self, number: int) -> float:
        """Approve a case; return when the decision stood, in seconds of the clock."""
        from django.utils.timezone import now

        from escalation import lifecycle

        case = self.cases[number]
        given = {"rationale": "As measured.", "digest": case.digest, "by": self.by, "at": now()}
        lifecycle.decide(case.pk, "approve", **given)
        return time.time()


if __name__ == "__main__":
    main()
