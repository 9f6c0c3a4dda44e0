"""A desk on the loopback that answers from a script, badly where the script says so."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CASE = {
    "id": "0197c6a0-0000-7000-8000-000000000001",
    "reference": "ESC-1042",
    "status": "awaiting",
    "stakes": "high",
    "role": "refunds-compliance",
    "due_at": None,
    "digest": "sha256:ab",
    "triggers": [],
    "pause": None,
    "decision": None,
    "url": "http://desk.example/cases/ESC-1042/",
    "created_at": "2026-03-02T09:00:00.000000Z",
}
DECISION = {
    "id": "0197c6a0-0000-7000-8000-000000000002",
    "case": CASE["id"],
    "reference": "ESC-1042",
    "option": "modify",
    "outcome": "modify",
    "permitted": True,
    "parameters": {"amount": "349.00"},
    "arguments": {"order": "W88", "amount": "349.00"},
    "rationale": "The lamp only.",
    "decided_by": {"kind": "person", "name": "Nora Lind", "role": "refunds-compliance"},
    "decided_at": "2026-03-02T09:05:00.000000Z",
    "overturns": None,
    "digest": "sha256:ab",
    "state": {"thread": 8841},
}


@dataclass
class Answer:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    after: float = 0.0  # seconds that the desk takes
    dropped: bool = False  # the connection ends without an answer


@dataclass
class Call:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class ScriptedDesk:
    url: str
    calls: list[Call]
    script: list[Answer]

    def said(self, index: int = -1) -> Any:
        return json.loads(self.calls[index].body)


def problem(status: int, slug: str, *errors: tuple[str, str]) -> Answer:
    body = {"type": f"http://desk.example/docs/problems/#{slug}", "title": slug, "status": status}
    body["detail"] = f"it is {slug}"
    if errors:
        body["errors"] = [{"pointer": where, "message": what} for where, what in errors]
    return Answer(status, body)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def scripted(*script: Answer, port: int = 0) -> Iterator[ScriptedDesk]:
    """Serve each answer once, in order, and keep what was asked; past the end, 599."""
    desk = ScriptedDesk("", [], list(script))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            desk.calls.append(Call(self.command, self.path, headers, self.rfile.read(length)))
            answer = desk.script.pop(0) if desk.script else Answer(599)
            time.sleep(answer.after)
            if answer.dropped:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            body = json.dumps(answer.body).encode() if answer.body is not None else b""
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    desk.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield desk
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
