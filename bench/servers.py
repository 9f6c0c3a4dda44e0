"""Which ASGI server carries this very application better: gunicorn's own worker or granian.

    python bench/servers.py --data var --key rk_… [--rounds 3] [--seconds 8] [--waiters 300]

Each round starts each server with two processes on a port of its own, beside the desk's web, on the
desk's database; lets agents wait by long poll; takes in packages meanwhile; then ends every waiting
case and sees when each agent hears of it.
"""

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
import uuid
from pathlib import Path

import psutil
from http1 import Connection
from intake import package, take_in
from report import Desk, machine, percentiles
from waiters import Crowd

ROOT = Path(__file__).parent.parent
APP = "escalation.asgi:application"
GUNICORN = ["-m", "gunicorn", "-k", "asgi", "-w", "2", "--log-level", "warning"]
GUNICORN += ["--no-control-socket"]
GRANIAN = ["-m", "granian", "--interface", "asginl", "--workers", "2", "--no-ws", "--log-level"]
GRANIAN += ["warning"]


def command(server: str, port: int) -> list[str]:
    if server == "gunicorn":
        return [sys.executable, *GUNICORN, "-b", f"127.0.0.1:{port}", APP]
    if server == "granian":
        return [sys.executable, *GRANIAN, "--host", "127.0.0.1", "--port", str(port), APP]
    raise SystemExit(f"no server is called {server}")


class Served:
    """A server that runs for one measurement."""

    def __init__(self, server: str, environment: dict[str, str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.process = subprocess.Popen(
            command(server, self.port), cwd=ROOT, env={**os.environ, **environment}
        )
        self._wait()

    def _wait(self) -> None:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("the server does not answer")

    def family(self) -> list[psutil.Process]:
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def processor(self) -> float:
        return sum(one.cpu_times().user + one.cpu_times().system for one in self.family())

    def says(self) -> str:
        memory = [one.memory_full_info().pss >> 20 for one in self.family()]
        threads = [one.num_threads() for one in self.family()]
        return f"memory {memory} MiB, threads {threads}"

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            print("  it had to be killed")
            for one in self.family():
                one.kill()


def measure(server: str, environment: dict[str, str], options: argparse.Namespace) -> list[float]:
    """Print one measurement; return packages a second, ms of processor each, and the p95 of both."""
    served = Served(server, environment)
    try:
        cases = [opened(served.port, options.key) for _ in range(options.waiters)]
        crowd = Crowd("127.0.0.1", served.port, options.key, cases)
        time.sleep(3)  # by now all of them wait
        before = served.processor()
        took, elapsed = take_in("127.0.0.1", served.port, options.key, 8, options.seconds)
        each = (served.processor() - before) * 1000 / len(took)
        ended = {case: withdrawn(served.port, options.key, case) for case in cases}
        answers = crowd.answers()
        late = [max(0.0, one.at - ended[one.case]) for one in answers if one.status == 410]
        print(
            f"{server}: {len(took) / elapsed:.0f} packages/s, {percentiles(took)}, "
            f"{each:.2f} ms of processor each\n"
            f"  {len(late)} of {len(cases)} agents heard, {percentiles(late)} after the end\n"
            f"  {served.says()}",
            flush=True,
        )
        p95 = statistics.quantiles(took, n=20)[18] * 1000
        return [len(took) / elapsed, each, p95, statistics.quantiles(late, n=20)[18] * 1000]
    finally:
        served.stop()


def opened(port: int, key: str) -> str:
    status, _, body, _ = Connection("127.0.0.1", port).send(
        "POST",
        "/api/v1/cases",
        {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Idempotency-Key": uuid.uuid4().hex,
        },
        package(),
    )
    assert status == 201, body
    return body.decode().split('"id": "')[1][:36]


def withdrawn(port: int, key: str, case: str) -> float:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    path = f"/api/v1/cases/{case}/withdrawal"
    status, _, body, _ = Connection("127.0.0.1", port).send(
        "POST", path, headers, b'{"reason": "measured"}'
    )
    assert status == 200, body
    return time.time()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("var"), help="the desk's data folder")
    parser.add_argument("--key", default=os.environ.get("RECOURSE_KEY"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--waiters", type=int, default=300)
    parser.add_argument("--servers", nargs="+", default=["gunicorn", "granian"])
    options = parser.parse_args()
    desk = Desk(options.data)
    environment = {**desk.environment, "SECRET_KEY": desk.secret_key}
    found: dict[str, list[list[float]]] = {server: [] for server in options.servers}
    print(machine())
    for _ in range(options.rounds):
        for server in options.servers:
            found[server].append(measure(server, environment, options))
    for server, rounds in found.items():
        rate, each, p95, late = (statistics.median(one) for one in zip(*rounds, strict=True))
        print(
            f"median of {len(rounds)}, {server}: {rate:.0f} packages/s, p95 {p95:.1f} ms, "
            f"{each:.2f} ms of processor each; agents hear within {late:.1f} ms (p95)"
        )


if __name__ == "__main__":
    main()
