"""Agents that wait by long poll, in a process of their own; says when each got its answer."""

import asyncio
import json
import multiprocessing
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe


@dataclass(frozen=True)
class Answer:
    case: str
    status: int
    at: float  # seconds, time.time()


async def wait_for(host: str, port: int, key: str, case: str, seconds: int = 60) -> Answer:
    """Ask for a decision and wait; one HTTP/1.1 connection, no library."""
    reader, writer = await asyncio.open_connection(host, port)
    lines = [
        f"GET /api/v1/cases/{case}/decision?wait={seconds} HTTP/1.1",
        f"Host: {host}:{port}",
        f"Authorization: Bearer {key}",
        "Connection: close",
    ]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    try:
        line = await reader.readline()
        return Answer(case, int(line.split()[1]) if line else 0, time.time())
    finally:
        writer.close()


async def _all(host: str, port: int, key: str, cases: list[str]) -> list[Answer]:
    return list(await asyncio.gather(*(wait_for(host, port, key, case) for case in cases)))


def _run(pipe: Pipe, host: str, port: int, key: str, cases: list[str]) -> None:
    found = asyncio.run(_all(host, port, key, cases))
    pipe.send(json.dumps([[one.case, one.status, one.at] for one in found]))


class Crowd:
    """Agents that wait from now on; ``answers`` returns once each has its answer."""

    def __init__(self, host: str, port: int, key: str, cases: list[str]) -> None:
        self._ours, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_run, args=(theirs, host, port, key, cases))
        self._process.start()

    def answers(self) -> list[Answer]:
        found = [Answer(*one) for one in json.loads(self._ours.recv())]
        self._process.join()
        return found
