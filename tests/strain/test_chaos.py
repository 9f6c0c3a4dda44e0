"""The chaos test in its short form; ``python3 -m bench.chaos`` is the long one."""

import os
from pathlib import Path

from bench.chaos.command import on_a_desk_of_its_own
from bench.chaos.run import Plan


def test_nothing_is_lost_missed_or_done_twice_while_everything_dies(worker_id: str):
    folder = Path(os.environ["RECOURSE_VAR"]) / f"chaos-{worker_id}"

    plan = Plan(cases=20, seconds=5, pauses=(0.6, 1.0), patience=100)

    account = on_a_desk_of_its_own(plan, folder)

    print(account.says())
    assert account.faults == []
    assert account.late, "no deadline passed, so nothing was shown"
