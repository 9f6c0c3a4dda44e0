"""How much of a body is read, by where it is sent."""

import asyncio
import json

import pytest

from escalation.bodylimit import MUCH, READ_AT_ONCE, BodyLimit

MB = 1024 * 1024


def send_to(path, size):
    """Post ``size`` bytes in pieces of a megabyte; return the status and how much the page got."""
    taken = 0

    async def page(scope, receive, send):
        nonlocal taken
        while (message := await receive())["type"] == "http.request":
            taken += len(message["body"])
            if not message["more_body"]:
                await send({"type": "http.response.start", "status": 200, "headers": []})
                await send({"type": "http.response.body", "body": b"taken"})
                return

    pieces = iter([min(MB, size - n) for n in range(0, size, MB)])
    left = size

    async def receive():
        nonlocal left
        piece = next(pieces)
        left -= piece
        return {"type": "http.request", "body": b"x" * piece, "more_body": left > 0}

    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": path, "headers": []}
    asyncio.run(BodyLimit(page)(scope, receive, send))
    return sent[0]["status"], taken, sent[-1]["body"]


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/api/v1/cases", 2 * MB, 200),
        ("/api/v1/cases", 3 * MB, 413),
        ("/account/", 3 * MB, 413),
        ("/on-call/import/", 10 * MB, 200),
        ("/on-call/import/", 13 * MB, 413),
        ("/api/v1/cases/ESC-1042/attachments", 25 * MB, 200),
        ("/api/v1/cases/ESC-1042/attachments", 27 * MB, 413),
        ("/api/v1/cases/ESC-1042/attachments/x", 3 * MB, 413),
    ],
)
def test_a_page_that_takes_files_reads_one_that_is_too_long_to_say_so_itself(path, size, status):
    answered, taken, body = send_to(path, size)

    assert answered == status
    assert taken == size if status == 200 else taken < size
    assert status == 200 or json.loads(body)["type"].endswith("body-too-large")


def run_slow(paths, settled):
    """Run requests whose bodies never come; return their statuses, or None, once ``settled`` is true."""
    reading, statuses = [], {}

    async def page(scope, receive, send):
        if (await receive())["type"] == "http.request":
            await send({"type": "http.response.start", "status": 200, "headers": []})

    async def one(number, path, layer):
        async def receive():
            reading.append(number)
            await asyncio.Event().wait()

        async def send(message):
            statuses.setdefault(number, message.get("status"))

        await layer({"type": "http", "path": path, "headers": []}, receive, send)

    async def all_of_them():
        layer = BodyLimit(page)
        tasks = [asyncio.create_task(one(n, path, layer)) for n, path in enumerate(paths)]
        while not settled(reading, statuses):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(all_of_them())
    return reading, statuses


def test_a_body_that_does_not_come_is_not_waited_for_without_end(settings):
    settings.BODY_SECONDS = 0.01

    _, statuses = run_slow(["/api/v1/cases"], lambda _, statuses: statuses)

    assert statuses == {0: 408}


def test_few_large_bodies_are_taken_in_at_once_and_small_ones_beside_them():
    uploads = ["/api/v1/cases/ESC-1/attachments"] * 12

    reading, statuses = run_slow([*uploads, "/api/v1/cases"], lambda reading, _: len(reading) >= 9)

    assert (sorted(reading), statuses) == ([*range(8), 12], {})


def test_few_large_bodies_are_read_at_once_and_small_ones_pass_them():
    inside, most, done = set(), 0, []
    sizes = [MUCH] * (READ_AT_ONCE + 3) + [MUCH - 1]

    async def both():
        nonlocal most
        gate = asyncio.Event()

        async def page(scope, receive, send):
            nonlocal most
            while (await receive()).get("more_body"):
                pass
            number = scope["number"]
            inside.add(number)
            most = max(most, len([n for n in inside if sizes[n] == MUCH]))
            await (gate.wait() if sizes[number] == MUCH else asyncio.sleep(0))
            inside.discard(number)
            done.append(number)
            await send({"type": "http.response.start", "status": 200, "headers": []})

        async def one(number, layer):
            messages = iter([{"type": "http.request", "body": b"x" * sizes[number]}])

            async def receive():
                return next(messages)

            async def send(message):
                pass

            scope = {"type": "http", "path": "/api/v1/cases", "headers": [], "number": number}
            await layer(scope, receive, send)

        layer = BodyLimit(page)
        tasks = [asyncio.create_task(one(number, layer)) for number in range(len(sizes))]
        while not done:  # the small one is answered while all the large ones wait
            await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(*tasks)

    asyncio.run(both())

    assert done[0] == len(sizes) - 1
    assert most == READ_AT_ONCE
    assert sorted(done) == list(range(len(sizes)))
