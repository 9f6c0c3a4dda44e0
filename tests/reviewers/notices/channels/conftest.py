"""The ends on loopback are those of the notices; and a mail server that answers as it is told."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from tests.fixtures.ends import certificate, end, post  # noqa: F401

HANGS, DROPS = "hangs", "drops"
ANSWERS = {
    "": "220 mail.example ESMTP",
    "EHLO": "250-mail.example\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 HELP",
    "MAIL": "250 OK",
    "RCPT": "250 OK",
    "DATA": "354 go on",
    ".": "250 taken",
    "QUIT": "221 bye",
}


@dataclass
class Script:
    """What a mail server answers to each verb ("" is the greeting), and what it was told.

    ``hangs``: it says nothing more; ``drops``: it hangs up.
    """

    answers: dict[str, str] = field(default_factory=lambda: dict(ANSWERS))
    lines: list[bytes] = field(default_factory=list)
    data: list[bytes] = field(default_factory=list)
    port: int = 0

    def told(self, verb: str) -> list[bytes]:
        return [line for line in self.lines if line.upper().startswith(verb.encode())]

    @property
    def mail(self) -> EmailMessage:
        (data,) = self.data
        read = message_from_bytes(data, policy=policy.SMTPUTF8)
        assert isinstance(read, EmailMessage)
        return read

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if await self._say("", writer):
                while line := await reader.readline():
                    self.lines.append(line.rstrip(b"\r\n"))
                    verb = line[:4].decode().strip().upper()
                    if not await self._say(verb, writer):
                        break
                    if verb == "DATA" and self.answers["DATA"].startswith("354"):
                        self.data.append(await self._message(reader))
                        if not await self._say(".", writer):
                            break
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _say(self, verb: str, writer: asyncio.StreamWriter) -> bool:
        answer = self.answers.get(verb, "502 what?")
        if answer == HANGS:
            await asyncio.sleep(30)
        if answer in (HANGS, DROPS):
            return False
        writer.write(answer.encode() + b"\r\n")
        await writer.drain()
        return True

    async def _message(self, reader: asyncio.StreamReader) -> bytes:
        read = b""
        while (line := await reader.readline()) not in (b".\r\n", b""):
            read += line[1:] if line.startswith(b".") else line
        return read


@pytest.fixture
def script(settings: Any) -> Iterator[Script]:
    made, ready, over = Script(), threading.Event(), threading.Event()

    async def run() -> None:
        tasks: list[asyncio.Task[None]] = []

        def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            tasks.append(asyncio.ensure_future(made.serve(reader, writer)))

        server = await asyncio.start_server(client, "127.0.0.1", 0)
        made.port = server.sockets[0].getsockname()[1]
        ready.set()
        while not over.is_set():
            await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert ready.wait(30)
    settings.EMAIL_URL = f"smtp+plain://127.0.0.1:{made.port}"
    settings.EMAIL_FROM = "Recourse <desk@bank.example>"
    yield made
    over.set()
    thread.join()
