"""How many packages a second the desk takes in, and how long each takes.

    python bench/intake.py --data var --key rk_… [--connections 8] [--seconds 15] [--runs 3]

Each package has 10 steps and a key of its own; the desk validates, hashes and stores it durably.
The clock and the workers run meanwhile, as in use.
"""

import argparse
import json
import multiprocessing
import os
import threading
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

from http1 import Connection
from report import Desk, machine, percentiles, spent

STEPS = 10


def package() -> bytes:
    at = "2026-11-20T09:12:{:02d}Z"
    steps = [
        {
            "key": f"s{number}", "kind": "tool_call", "name": "get_order", "at": at.format(number),
            "duration_ms": 41, "input": {"order": "W88", "page": number},
            "output": {"total": "412.50", "status": "delivered", "lines": [
                {"sku": f"SKU-{line}", "quantity": 1, "price": "41.25"} for line in range(3)]},
        }
        for number in range(STEPS)
    ]  # fmt: skip
    consequence = [{"text": "$412.50 leaves the account today", "reversible": False}]
    amount = {"type": "string", "title": "Amount (USD)", "pattern": "^[0-9]+\\.[0-9]{2}$"}
    return json.dumps({
        "run": "bench", "agent_version": "refunds-2.3.1",
        "request": {"content": "My parcel never came, I want my money back!!", "media_type": "text/plain",
                    "channel": "email", "received_at": at.format(0)},
        "steps": steps,
        "triggers": [{"type": "confidence", "name": "refund_classification", "observed": 0.62,
                      "operator": "<", "threshold": 0.8}],
        "proposal": {"action": "issue_refund", "arguments": {"order": "W88", "amount": "412.50"},
                     "confidence": 0.62, "reversible": False,
                     "amount": {"amount": "412.50", "currency": "USD"}, "categories": ["money_movement"]},
        "question": {"text": "Refund order W88 for $412.50?", "recommended": "approve", "options": [
            {"key": "approve", "label": "Refund in full", "outcome": "approve", "consequences": consequence},
            {"key": "modify", "label": "Refund another amount", "outcome": "modify",
             "parameters": {"type": "object", "required": ["amount"], "properties": {"amount": amount}},
             "consequences": consequence},
            {"key": "reject", "label": "Refuse", "outcome": "reject", "consequences": consequence}]},
        "identity": {"user": {"id": "cus_19", "name": "Ida Holm"}, "tenant": "nordic-retail",
                     "credentials": ["payments:refund"], "authority": "Refunds over $200"},
        "resume": {"state": {"thread": 8841, "node": "refund"}}, "stakes": "high",
    }).encode()  # fmt: skip


def post_until(stop: float, host: str, port: int, key: str, took: list[float]) -> None:
    connection, body = Connection(host, port), package()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    while time.perf_counter() < stop:
        headers["Idempotency-Key"] = uuid.uuid4().hex
        status, _, answer, seconds = connection.send("POST", "/api/v1/cases", headers, body)
        if status != 201:
            raise SystemExit(f"{status}: {answer.decode()[:300]}")
        took.append(seconds)


def worker(connections: int, seconds: float, host: str, port: int, key: str, out: object) -> None:
    took: list[float] = []
    stop = time.perf_counter() + seconds
    threads = [
        threading.Thread(target=post_until, args=(stop, host, port, key, took))
        for _ in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    out.put(took)  # type: ignore[attr-defined]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("var"), help="the desk's data folder")
    parser.add_argument("--key", default=os.environ.get("RECOURSE_KEY"), required=False)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--runs", type=int, default=1)
    options = parser.parse_args()
    desk = Desk(options.data)
    print(machine())
    for _ in range(options.runs):
        run(desk, options)


def run(desk: Desk, options: argparse.Namespace) -> None:
    address = urlsplit(desk.url)
    before = desk.processor()
    took, elapsed = take_in(
        address.hostname or "127.0.0.1",
        address.port or 80,
        options.key,
        options.connections,
        options.seconds,
    )
    time.sleep(1)  # what is left for the clock and the workers is part of the cost
    print(
        f"intake: {len(took) / elapsed:.0f} packages/s of {STEPS} steps ({len(package())} bytes), "
        f"{options.connections} connections, {percentiles(took)}\n"
        f"  {spent(before, desk.processor(), len(took))}"
    )


def take_in(
    host: str, port: int, key: str, connections: int, seconds: float
) -> tuple[list[float], float]:
    """Post for so many seconds; return the seconds that each post took, and that all of it took."""
    queue: multiprocessing.Queue[list[float]] = multiprocessing.Queue()
    started = time.perf_counter()
    process = multiprocessing.Process(
        target=worker, args=(connections, seconds, host, port, key, queue)
    )
    process.start()
    took = queue.get()
    process.join()
    return took, time.perf_counter() - started


if __name__ == "__main__":
    main()
