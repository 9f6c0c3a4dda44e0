"""How the benches say what they found: the machine, percentiles rather than means, who took the processor."""

import json
import os
import platform
import statistics
from pathlib import Path

import psutil


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {memory} GiB, Python {platform.python_version()}, load {load:.1f}"
    )


def percentiles(seconds: list[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100)
    return ", ".join(f"p{n} {cuts[n - 1] * 1000:.1f} ms" for n in (50, 95, 99))


class Desk:
    """The programs of the desk that runs on a data folder, and what they have used."""

    def __init__(self, data: Path) -> None:
        note = json.loads((data / "up.json").read_text())
        self.url: str = note["address"].replace("localhost", "127.0.0.1")
        self.environment: dict[str, str] = note["environment"]
        self.secret_key = (data / "secret_key").read_text().strip()
        self._pids = {name: pid for name, (pid, _) in note["programs"].items()}

    def memory(self) -> dict[str, int]:
        """Return MiB by program: what its processes have for themselves, and their share of the rest."""
        return {name: sum(_share(one) for one in family) >> 20 for name, family in self._families()}

    def processor(self) -> dict[str, float]:
        """Return the seconds of processor that each program has taken, its children with it."""
        return {name: sum(map(_seconds, family)) for name, family in self._families()}

    def _families(self) -> list[tuple[str, list[psutil.Process]]]:
        return [(name, _family(pid)) for name, pid in self._pids.items()]


def _family(pid: int) -> list[psutil.Process]:
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def _share(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0  # ended while the others were asked


def _seconds(process: psutil.Process) -> float:
    took = process.cpu_times()
    return float(took.user + took.system + took.children_user + took.children_system)


def spent(before: dict[str, float], after: dict[str, float], acts: int) -> str:
    """Say how much processor time each program took for one act.

    Unlike a rate this hardly changes when others use the machine meanwhile.
    """
    each = {name: (after[name] - before[name]) * 1000 / acts for name in before}
    parts = ", ".join(f"{name} {ms:.2f}" for name, ms in each.items() if ms >= 0.005)
    return f"processor time each: {sum(each.values()):.2f} ms ({parts})"
