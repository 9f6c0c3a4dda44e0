"""A progress bar for people; nobody else is shown one."""

import time
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")
WIDTH = 30
EVERY = 0.1  # seconds


class Stream(Protocol):
    def write(self, text: str) -> object: ...
    def flush(self) -> object: ...
    def isatty(self) -> bool: ...


def shown(items: Iterable[T], total: int, stream: Stream, what: str) -> Iterator[T]:
    """Yield the items and draw how many of ``total`` are through, where ``stream`` is a terminal."""
    drawing = stream.isatty() and total > 0
    drawn = 0.0
    for done, item in enumerate(items):
        if drawing and time.monotonic() - drawn >= EVERY:
            drawn = time.monotonic()
            _draw(stream, done, total, what)
        yield item
    if drawing:
        stream.write("\r\x1b[K")
        stream.flush()


def _draw(stream: Stream, done: int, total: int, what: str) -> None:
    full = WIDTH * done // total
    stream.write(f"\r\x1b[K{'█' * full}{'░' * (WIDTH - full)} {done:,} of {total:,} {what}")
    stream.flush()
