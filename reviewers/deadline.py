"""A limit on how long a library may work on what a stranger sent, where it sets none itself."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import thread_time
from typing import Any


class TooLong(Exception):
    """The work took more than the processor time it was given."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Break off what runs inside with TooLong after ``seconds`` of this thread's processor time.

    The interpreter asks at each call, so loops in Python that call anything end, whoever wrote them;
    a signal would only reach the main thread, which answers no request.
    """
    end = thread_time() + seconds

    def look(*_: Any) -> None:
        if thread_time() > end:
            raise TooLong

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(before)
