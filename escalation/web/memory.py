"""Memory given back to the machine after what takes much of it: a large body, a large package.

Left alone a process keeps what its largest burst took: libpq's buffers never shrink while their
connection lives, nor does PostgreSQL's process at the other end, and the C library keeps freed
memory for itself. So a thread that handled much closes its connection for good, which the pool
replaces, and has what is free handed back.
"""

import ctypes
import gc
import sys
import threading
from contextlib import suppress
from typing import Any

from django.db import connection
from django.urls import get_resolver

MUCH = 256 * 1024  # bytes of one body, or of one package that is read
_here = threading.local()


def keep_for_good() -> None:
    """Load what every request uses, and look for no garbage in it again: each look took 0.1 s."""
    get_resolver().url_patterns  # noqa: B018 -- reading it imports all views
    gc.collect()
    gc.freeze()


def note_size(size: int) -> None:
    """Say that this thread handles ``size`` bytes at once; from MUCH on they are given back."""
    if size >= MUCH:
        _here.is_large = True


def give_back() -> None:
    """Give back what this thread's request took, if it took much; its transaction is over."""
    if not getattr(_here, "is_large", False):
        return
    _here.is_large = False
    if connection.connection is not None and not connection.in_atomic_block:
        # what the pool finds expired, as it is returned, it closes and replaces
        connection.connection._expire_at = 0.0
    gc.collect()
    _trim()


def _allocator() -> Any:
    with suppress(OSError, AttributeError):
        if sys.platform == "linux":
            return ctypes.CDLL(None).malloc_trim
    return None  # not glibc: it has its own ways


_malloc_trim = _allocator()


def _trim() -> None:
    if _malloc_trim is not None:
        _malloc_trim(0)
