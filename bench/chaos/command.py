"""The chaos test as a command."""

import argparse
import random
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.chaos.account import Account
from bench.chaos.run import Plan, run
from bench.report import machine
from tests.fixtures.living_desk import LivingDesk
from tests.fixtures.sink import Sink


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 -m bench.chaos")
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seconds", type=int, default=60, help="of havoc; the longest deadline")
    parser.add_argument("--seed", type=int, help="repeats what another run did")
    parser.add_argument("--keep", type=Path, help="keep the desk's data and lines in this folder")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    plan = Plan(options.cases, options.seconds, seed)
    print(machine())
    print(f"{plan.cases} cases, {plan.seconds} s, seed {plan.seed}", flush=True)
    with _folder(options.keep) as folder:
        account = on_a_desk_of_its_own(plan, folder)
    print(account.says())
    return 1 if account.faults else 0


def on_a_desk_of_its_own(plan: Plan, folder: Path) -> Account:
    """Bring up a desk whose data are in ``folder``, let chaos reign on it, and end it."""
    desk = LivingDesk(
        folder / "desk", CALLBACK_TIMEOUT="2"
    )  # what a killed courier holds, less long
    with receiving() as decisions, receiving() as notices:
        desk.bring_tables()
        desk.up()
        try:
            return run(desk, plan, decisions, notices)
        finally:
            desk.stop()


@contextmanager
def receiving() -> Iterator[Sink]:
    """Give a receiver of callbacks on loopback."""
    sink = Sink()
    thread = threading.Thread(target=sink.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield sink
    finally:
        sink.server.shutdown()
        sink.server.server_close()
        thread.join()


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.absolute()
    else:
        with tempfile.TemporaryDirectory(prefix="recourse-chaos-") as folder:
            yield Path(folder)
