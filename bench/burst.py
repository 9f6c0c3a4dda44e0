"""What the desk's programs keep of a burst of large packages, all posted at one instant.

    python bench/burst.py --data var --key rk_… [--bodies 50] [--steps 2000]

Says MiB by program before, at most meanwhile (of the web) and some seconds after.
"""

import argparse
import json
import threading
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

from http1 import Connection
from intake import package
from report import Desk, machine

SETTLES = 5.0  # seconds


def large(steps: int) -> bytes:
    """Return a package whose ``steps`` have some 900 bytes each, all of it in small values."""
    lines = [{"sku": f"SKU-{line}", "quantity": line} for line in range(24)]
    step = {"kind": "tool_call", "name": "get_order", "at": "2026-11-20T09:12:00Z"}
    return json.dumps(json.loads(package()) | {"steps": [
        step | {"key": f"s{n}", "input": {"page": n}, "output": {"lines": lines}}
        for n in range(steps)
    ]}).encode()  # fmt: skip


def post(desk: Desk, key: str, body: bytes, told: list[int]) -> None:
    host = urlsplit(desk.url)
    connection = Connection(host.hostname or "", host.port or 80)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json",
               "Idempotency-Key": uuid.uuid4().hex}  # fmt: skip
    told.append(connection.send("POST", "/api/v1/cases", headers, body)[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("var"), help="the desk's data folder")
    parser.add_argument("--key", required=True)
    parser.add_argument("--bodies", type=int, default=50)
    parser.add_argument("--steps", type=int, default=2000)
    options = parser.parse_args()
    desk, body, told = Desk(options.data), large(options.steps), []
    print(machine())
    print(f"{options.bodies} bodies of {len(body) / 2**20:.2f} MiB; before: {desk.memory()}")
    posts = [
        threading.Thread(target=post, args=(desk, options.key, body, told))
        for _ in range(options.bodies)
    ]
    began, most = time.perf_counter(), 0
    for one in posts:
        one.start()
    while any(one.is_alive() for one in posts):
        most = max(most, desk.memory()["web"])
        time.sleep(0.3)
    answers = {status: told.count(status) for status in set(told)}
    print(f"{answers} in {time.perf_counter() - began:.1f} s; web at most {most} MiB")
    time.sleep(SETTLES)
    print(f"{SETTLES:.0f} s after: {desk.memory()}")


if __name__ == "__main__":
    main()
