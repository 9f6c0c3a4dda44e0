"""How much of a body is read, by where it is sent."""

import asyncio
import json

import pytest

from escalation.bodylimit import BodyLimit

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
    ],
)
def test_a_page_that_takes_files_reads_one_that_is_too_long_to_say_so_itself(path, size, status):
    answered, taken, body = send_to(path, size)

    assert answered == status
    assert taken == size if status == 200 else taken < size
    assert status == 200 or json.loads(body)["type"].endswith("body-too-large")
