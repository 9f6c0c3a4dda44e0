"""Doing things at one instant, each with a database connection of its own."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import connection

THREADS = 10  # fewer than the connections of the pool that they share


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run all of them together and return what each returned or raised, in order."""
    return in_groups([acts])[0]


def in_groups(groups: Sequence[Sequence[Callable[[], Any]]]) -> list[list[Any]]:
    """Run groups of acts, each group at one instant, several groups at a time.

    Returns what each act returned or raised. A group must fit into the threads.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        futures = [_started(pool, group) for group in groups]
        return [[future.result(timeout=60) for future in group] for group in futures]


def _started(pool: ThreadPoolExecutor, acts: Sequence[Callable[[], Any]]) -> list[Future[Any]]:
    barrier = threading.Barrier(len(acts), timeout=60)
    return [pool.submit(_run, act, barrier) for act in acts]


def _run(act: Callable[[], Any], barrier: threading.Barrier) -> Any:
    try:
        connection.ensure_connection()  # so that only the act itself is left to do
        barrier.wait()
        return act()
    except Exception as error:
        return error
    finally:
        connection.close()
