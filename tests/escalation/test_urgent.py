"""What is urgent, and the stream that says so: one count for everybody, no connection for anybody."""

import asyncio
import json
from datetime import timedelta

import pytest
from django.utils.timezone import now

from escalation import access, lifecycle, urgent
from escalation.models import Case
from escalation.urgent import Watched
from escalation.urgentstream import Board, UrgentStream
from reviewers import queue
from tests.factories import handed_off_case, make_reviewer, make_role, package

SOON = 10  # seconds; how long a test waits for what should take none
ASKED = {"type": "http", "method": "GET", "path": "/urgent/", "query_string": b""}


def due(case, minutes):
    Case.objects.filter(pk=case.pk).update(due_at=now() + timedelta(minutes=minutes))
    return case


@pytest.mark.django_db
def test_the_badge_counts_what_the_view_of_what_breaches_lists():
    role = make_role()
    mine = make_reviewer(role)
    over, soon, _later = (due(handed_off_case(role), minutes) for minutes in (-60, 14, 16))
    due(handed_off_case(role, package(stakes="critical")), 600)
    snoozed = handed_off_case(role)
    lifecycle.snooze(snoozed.pk, "x", until=now() + timedelta(days=1), by=mine, at=now())
    due(snoozed, 5)

    found = urgent.counts(now())

    reach = access.Reach(frozenset([role.pk]))
    page = queue.page(reach, queue.View.BREACHING, reader=mine, at=now())
    assert [row.reference for row in page.rows] == [c.reference for c in (over, snoozed, soon)]
    assert found == {(str(role.pk), over.tenant): 3}
    assert Watched.made([role.pk], None).of(found) == 3
    assert Watched.made([role.pk], ["elsewhere"]).of(found) == 0
    assert Watched.made([], None).of(found) == 0


@pytest.mark.django_db
def test_the_poll_says_the_number_and_304_while_it_is_the_same(client):
    role = make_role()
    due(handed_off_case(role), 5)
    client.force_login(make_reviewer(role))

    first = client.get("/urgent/")
    same = client.get("/urgent/", headers={"If-None-Match": first["ETag"]})

    assert (first.json(), same.status_code) == ({"count": 1}, 304)


class View:
    """Says at once whose cases are watched, or sends to sign in."""

    def __init__(self, status=200, **watched):
        self.status, self.watched, self.asked = status, watched, []

    async def __call__(self, scope, receive, send):
        self.asked.append(scope["path"])
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        body = json.dumps({"roles": ["r"], "tenants": None} | self.watched).encode()
        await send({"type": "http.response.body", "body": body})


class Browser:
    """Reads a stream until it leaves."""

    def __init__(self, view, accept=b"text/event-stream"):
        self.sent, self.left = [], asyncio.Event()
        scope = ASKED | {"headers": [(b"Accept", accept)]}
        self.going = asyncio.create_task(UrgentStream(view)(scope, self.receive, self.send))

    async def receive(self):
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.sent.append(message)

    @property
    def numbers(self):
        pieces = [m.get("body", b"") for m in self.sent]
        return [int(p.removeprefix(b"data: ")) for p in pieces if p.startswith(b"data: ")]

    async def until(self, *numbers):
        async with asyncio.timeout(SOON):
            while self.numbers != list(numbers):
                await asyncio.sleep(0.01)

    async def leave(self):
        self.left.set()
        await self.going


@pytest.fixture
def told(monkeypatch):
    """What the next count finds, and how often it was asked; a case moves whenever it is asked to."""

    class Told:
        counts, asked = {("r", "a"): 2, ("s", "a"): 5}, 0

        async def ask(self):
            self.asked += 1
            return dict(self.counts)

    class Bell:
        rung = None

        async def ready(self):
            pass

        def subscribe(self, _):
            self.rung = asyncio.get_running_loop().create_future()
            return self.rung

        def unsubscribe(self, *_):
            pass

    one, rings = Told(), Bell()
    boards = {}
    monkeypatch.setattr("escalation.urgentstream.QUIET_SECONDS", 0.01)
    monkeypatch.setattr("escalation.urgentstream.bell", lambda: rings)
    monkeypatch.setattr(
        "escalation.urgentstream.board", lambda: boards.setdefault(1, Board(one.ask))
    )
    one.bell, one.board = rings, lambda: boards[1]
    return one


def test_two_hundred_streams_are_counted_for_once_and_hear_of_each_change(told):
    async def go():
        everywhere = [Browser(View()) for _ in range(199)]
        elsewhere = Browser(View(roles=["s"], tenants=["b"]))
        for one in everywhere:
            await one.until(2)
        await elsewhere.until(0)
        asked = told.asked
        told.counts = {("r", "a"): 3, ("s", "b"): 1}
        told.bell.rung.set_result(None)
        for one in everywhere:
            await one.until(2, 3)
        await elsewhere.until(0, 1)
        assert (asked, told.asked, told.board().watching) == (1, 2, 200)
        for one in [*everywhere, elsewhere]:
            await one.leave()
        assert told.board().watching == 0

    asyncio.run(go())


def test_who_is_not_signed_in_gets_the_views_own_answer(told):
    async def go():
        one = Browser(View(status=302))
        await one.going
        assert one.sent[0]["status"] == 302

    asyncio.run(go())


def test_a_poll_and_one_stream_too_many_go_to_the_view(told, monkeypatch):
    async def go():
        poll = Browser(View(), accept=b"application/json")
        await poll.going
        first = Browser(View())
        await first.until(2)
        monkeypatch.setattr("escalation.urgentstream.MOST", 1)
        second = Browser(View())
        await second.going
        assert (poll.numbers, second.numbers) == ([], [])
        await first.leave()

    asyncio.run(go())
