"""Waiting for a decision: many may wait, none holds a thread, and nothing that moved goes unheard."""

import asyncio
from functools import wraps

import pytest
from django.db import connection
from uuid_utils.compat import uuid7

from escalation.bell import Bell, bell
from escalation.lifecycle import CHANNEL
from escalation.longpoll import LongPoll, seconds_to_wait

SOON = 10  # seconds; how long a test waits for what should take none


def on_a_loop(test):
    @wraps(test)
    def run(**given):
        asyncio.run(test(**given))

    return run


@pytest.mark.parametrize(
    ("query", "seconds"),
    [
        *(("", 0), ("wait=0", 0), ("wait=1", 1), ("wait=60", 60), ("a=b&wait=30", 30)),
        *(("wait=61", 0), ("wait=-1", 0), ("wait=1.5", 0), ("wait=x", 0), ("wait=", 0)),
        *(("wait=9999999999", 0), ("wait=%D9%A3", 0), ("wait=5&wait=7", 7)),
    ],
)
def test_only_a_wait_that_makes_sense_is_waited_for(query, seconds):
    assert seconds_to_wait(query.encode()) == seconds


class Desk:
    """An application that answers in turn; what it says last it says for ever."""

    def __init__(self, *statuses):
        self.case = str(uuid7())
        self.statuses = list(statuses)
        self.asked = 0

    async def __call__(self, scope, receive, send):
        self.asked += 1
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        headers = [(b"X-Case", self.case.encode())] if status == 204 else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


async def forever():
    await asyncio.Event().wait()


async def ask(desk, query=b"wait=60", path="/api/v1/cases/ESC-1001/decision", receive=forever):
    """Return what a caller is sent, piece by piece."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": query}
    await asyncio.wait_for(LongPoll(desk)(scope, receive, send), SOON)
    return sent


def notify(case_id):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, case_id])


async def until_waiting(desk, asked=2):
    while desk.asked < asked:
        await asyncio.sleep(0.01)


@on_a_loop
async def test_a_decision_that_is_there_is_answered_at_once():
    desk = Desk(200)

    sent = await ask(desk)

    assert (sent[0]["status"], desk.asked) == (200, 1)


@pytest.mark.parametrize(
    ("query", "path"),
    [
        (b"", "/api/v1/cases/ESC-1001/decision"),
        (b"wait=61", "/api/v1/cases/ESC-1001/decision"),
        (b"wait=5", "/api/v1/cases/ESC-1001"),
        (b"wait=5", "/queue/"),
    ],
)
def test_whatever_does_not_wait_is_passed_through(query, path):
    desk = Desk(204)

    asyncio.run(ask(desk, query, path))

    assert desk.asked == 1


@pytest.mark.django_db(transaction=True)
@on_a_loop
async def test_a_case_that_moves_is_answered_without_waiting_for_the_rest():
    desk = Desk(204, 204, 200)
    waiting = asyncio.create_task(ask(desk))
    await until_waiting(desk)

    await asyncio.to_thread(notify_and_close, desk.case)

    sent = await waiting
    assert (sent[0]["status"], desk.asked) == (200, 3)


@pytest.mark.django_db(transaction=True)
@on_a_loop
async def test_another_case_that_moves_wakes_nobody_and_the_wait_ends_in_time():
    desk = Desk(204)
    waiting = asyncio.create_task(ask(desk, b"wait=1"))
    await until_waiting(desk)

    await asyncio.to_thread(notify_and_close, str(uuid7()))

    sent = await waiting
    assert (sent[0], desk.asked) == (
        {"type": "http.response.start", "status": 204, "headers": []},
        2,
    )


@pytest.mark.django_db(transaction=True)
@on_a_loop
async def test_a_caller_who_leaves_is_waited_for_no_longer():
    desk = Desk(204)

    async def leaves():
        await until_waiting(desk)
        return {"type": "http.disconnect"}

    assert await ask(desk, receive=leaves) == []
    assert bell()._waiting == {}


@pytest.mark.django_db(transaction=True)
@on_a_loop
async def test_many_wait_on_one_connection():
    desks = [Desk(204, 204, 200) for _ in range(100)]
    waiting = [asyncio.create_task(ask(desk)) for desk in desks]
    for desk in desks:
        await until_waiting(desk)

    assert await asyncio.to_thread(listeners) == 1
    await asyncio.to_thread(notify_and_close, *[desk.case for desk in desks])

    assert [sent[0]["status"] for sent in await asyncio.gather(*waiting)] == [200] * 100


@pytest.mark.django_db(transaction=True)
@on_a_loop
async def test_whoever_waits_is_woken_once_a_lost_connection_is_made_anew(caplog):
    ringing = Bell()
    await ringing.ready()
    await asyncio.to_thread(end_listeners)
    unheard = ringing.subscribe("case")

    await asyncio.wait_for(unheard, SOON)

    heard = ringing.subscribe("case")
    await asyncio.to_thread(notify_and_close, "case")
    await asyncio.wait_for(heard, SOON)
    assert "lost PostgreSQL and tries again" in caplog.text


# In a thread of their own, so that the loop goes on meanwhile ---------------------------------------

LISTENING = "FROM pg_stat_activity WHERE query = %s AND datname = current_database()"


def notify_and_close(*case_ids):
    for case_id in case_ids:
        notify(case_id)
    connection.close()


def listeners():
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {LISTENING}", [f"LISTEN {CHANNEL}"])
        (count,) = cursor.fetchone()
    connection.close()
    return count


def end_listeners():
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_terminate_backend(pid) {LISTENING}", [f"LISTEN {CHANNEL}"])
    connection.close()
