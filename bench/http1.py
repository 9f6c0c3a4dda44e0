"""A client so cheap that it does not measure itself: one keep-alive socket, bytes in, status out."""

import socket
import time


class Connection:
    """HTTP/1.1 over one loopback socket; reads answers that carry a Content-Length."""

    def __init__(self, host: str, port: int) -> None:
        self.host = f"{host}:{port}"
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def send(
        self, method: str, path: str, headers: dict[str, str], body: bytes = b""
    ) -> tuple[int, dict[str, str], bytes, float]:
        """Return status, headers (lower case), body and the seconds that it took."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        request = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        started = time.perf_counter()
        self.socket.sendall(request)
        head = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        found = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in head[1:])}
        content = self._take(int(found.get("content-length", 0)))
        return int(head[0].split()[1]), found, content, time.perf_counter() - started

    def _until(self, mark: bytes) -> bytes:
        while mark not in self.buffer:
            self._read()
        found, _, self.buffer = self.buffer.partition(mark)
        return found

    def _take(self, length: int) -> bytes:
        while len(self.buffer) < length:
            self._read()
        found, self.buffer = self.buffer[:length], self.buffer[length:]
        return found

    def _read(self) -> None:
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("the server closed the connection")
        self.buffer += part
