"""A pool full of dead connections costs nobody a request."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

HELD = 8


def process_id() -> int:
    """Ask for it as a request would, and give the connection back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        found: int = cursor.fetchone()[0]
    return found


def at_once(barrier: Barrier) -> int:
    found = process_id()
    barrier.wait(60)
    connection.close()
    return found


def test_the_first_request_after_a_restart_is_answered_however_many_connections_died():
    with ThreadPoolExecutor(HELD) as pool:
        idle = set(pool.map(at_once, [Barrier(HELD)] * HELD))
    assert len(idle) == HELD
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s) AS pid", [[*idle]])

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(at_once, Barrier(1)).result() not in idle
