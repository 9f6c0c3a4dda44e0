"""What other ends, names and addresses do to a call. Everything here stays on loopback."""

import asyncio
import contextlib
import socket
import ssl
import threading

import psutil
import pytest

from escalation.delivery import guarded_http, lookups
from escalation.delivery.guarded_http import Reply, Unreachable
from escalation.delivery.lookups import Lookups
from escalation.errors import AddressRefused

LOOPBACK = ["127.0.0.0/8"]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-Own: a\r\n\r\nbody"


class End:
    """An end on loopback that answers with raw bytes, or as ``behaves`` does."""

    def __init__(self, answer=OK, behaves=None, first=b""):
        self.answer, self.behaves, self.first = answer, behaves, first
        self.heard = []  # the head of each request
        self.connections = 0

    async def __aenter__(self):
        self.over, self.serving = asyncio.Event(), []
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_):
        self.over.set()
        self.server.close()
        await asyncio.gather(*self.serving)

    async def _serve(self, reader, writer):
        self.serving.append(asyncio.current_task())
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            if self.first:
                writer.write(self.first)
            self.heard.append((await reader.readuntil(b"\r\n\r\n")).decode())
            if self.behaves:
                await self.behaves(self, writer)
            else:
                writer.write(self.answer)
                await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def stall(end, _):
    await end.over.wait()


async def trickle(end, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not end.over.is_set():
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.02)


async def trickle_a_head(end, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not end.over.is_set():
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.02)


async def go_on_for_ever(end, writer):
    while not end.over.is_set():
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.001)


async def take_nothing(end, writer):
    """The connection is open, and what is sent stays in the sockets."""
    writer.transport.pause_reading()
    await end.over.wait()


async def answer_gigabytes(end, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n")
    end.sent = 0
    while not end.over.is_set():
        writer.write(b"x" * 65536)
        await writer.drain()
        end.sent += 65536


def call(url, end=None, **given):
    """Make one call, with ``{port}`` in the address filled in; return the answer or what it raised."""
    given = {"seconds": 10} | given

    async def run():
        async with end or End() as other:
            return await guarded_http.request("POST", url.format(port=other.port), **given)

    try:
        return asyncio.run(run())
    except (AddressRefused, Unreachable) as refusal:
        return type(refusal), str(refusal)


@pytest.fixture
def names(monkeypatch):
    """Let names lead to what this dictionary holds: addresses, or lists of them taken in turn."""
    known, asked = {}, []

    def getaddrinfo(host, port, **_):
        asked.append(host)
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        found = known[host]
        found = found.pop(0) if isinstance(found, list) else found
        return [
            (socket.AF_INET6, 1, 6, "", (one, port, 0, 0))
            if ":" in one
            else (socket.AF_INET, 1, 6, "", (one, port))
            for one in found.split()
        ]

    monkeypatch.setattr(lookups.socket, "getaddrinfo", getaddrinfo)
    known["asked"] = asked
    return known


@pytest.fixture
def allowed(settings):
    settings.CALLBACK_ALLOW = LOOPBACK


def test_an_answer_is_returned(allowed):
    end = End()

    reply = call(
        "http://127.0.0.1:{port}/a%2Fb?c=%20d#e", end, headers={"X-Told": "yes"}, content=b"told"
    )

    assert reply == Reply(200, {"content-length": "4", "x-own": "a"}, b"body")
    assert end.heard[0].splitlines()[:2] == [
        "POST /a%2Fb?c=%20d HTTP/1.1",
        f"Host: 127.0.0.1:{end.port}",
    ]
    sent = {line.split(":")[0] for line in end.heard[0].strip().splitlines()[1:]}
    assert sent == {"Host", "Accept-Encoding", "X-Told", "Content-Length"}


# Addresses that are not to be called ---------------------------------------------------------------

PRIVATE = [
    *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001"),
    *("localhost", "a.localhost", "LOCALHOST.", "127.0.0.1.", "0", "0.0.0.0", "[::]", "[::1]"),
    *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]"),
    *("[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1%25lo]", "[fe80::1%lo]", "[::1%25lo]"),
    *("169.254.169.254", "10.0.0.1", "192.168.0.1", "[fd00:ec2::254]", "100.100.100.200"),
    *("0x7f.0x0.0x0.0x1", "127.0.1", "127.0.0.1%00", "%31%32%37.0.0.1", "127%2e0.0.1"),
]


@pytest.mark.parametrize("host", PRIVATE)
def test_no_way_to_write_a_private_address_reaches_it(settings, host):
    settings.CALLBACK_ALLOW = []
    end = End()

    said = call(f"http://{host}:{{port}}/", end)

    assert said[0] in (AddressRefused, Unreachable)
    assert end.connections == 0


@pytest.mark.parametrize(
    "authority",
    ["agent.example@127.0.0.1", "a:b@127.0.0.1", "@127.0.0.1", ":@127.0.0.1", "127.0.0.1\\@a.b"],
)
@pytest.mark.parametrize("allow", [[], LOOPBACK])
def test_an_address_with_a_user_in_it_is_not_called(settings, authority, allow):
    settings.CALLBACK_ALLOW = allow
    end = End()

    assert call(f"http://{authority}:{{port}}/", end)[0] is AddressRefused
    assert end.connections == 0


@pytest.mark.parametrize(
    "url",
    ["ftp://127.0.0.1:{port}/", "ws://127.0.0.1:{port}/", "file:///etc/passwd", "//127.0.0.1", ""],
)
@pytest.mark.parametrize("trusted", [False, True])
def test_only_the_web_is_called(allowed, url, trusted):
    end = End()

    assert call(url, end, trusted=trusted)[0] is AddressRefused
    assert end.connections == 0


@pytest.mark.parametrize(
    "found",
    [
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "8.8.8.8 127.0.0.1",
        "127.0.0.1 8.8.8.8",
        "fe80::1%lo",
    ],
)
def test_a_name_that_leads_to_a_private_address_too_is_not_called(settings, names, found):
    settings.CALLBACK_ALLOW = []
    names["agent.example"] = found
    end = End()

    kind, said = call("http://agent.example:{port}/", end)

    assert kind is AddressRefused
    assert "agent.example resolves to" in said
    assert end.connections == 0


def test_a_name_is_looked_up_once_and_called_where_it_was_checked(allowed, names):
    names["agent.example"] = ["127.0.0.1", "10.0.0.1"]  # DNS rebinding
    end = End()

    assert call("http://agent.example:{port}/", end).status == 200
    assert names["asked"] == ["agent.example"]
    assert f"Host: agent.example:{end.port}" in end.heard[0]


def test_the_last_look_before_connecting_stands_alone(settings, monkeypatch):
    """Were everything before it to let an address through, no connection would be made."""
    settings.CALLBACK_ALLOW = []
    monkeypatch.setattr(guarded_http.addresses, "check_url", lambda url: None)
    monkeypatch.setattr(guarded_http, "check_addresses", lambda *_: None)
    ends = [End(), End()]

    literal = call("http://127.0.0.1:{port}/", ends[0])
    named = call("http://localhost:{port}/", ends[1])

    assert literal == (AddressRefused, "127.0.0.1 is a private or reserved address")
    assert named[0] in (AddressRefused, Unreachable)
    assert [end.connections for end in ends] == [0, 0]


def test_an_address_of_the_operators_may_be_private(settings):
    settings.CALLBACK_ALLOW = []

    assert call("http://127.0.0.1:{port}/", trusted=True).status == 200


@pytest.mark.parametrize("location", ["http://169.254.169.254/latest", "/elsewhere", "//10.0.0.1"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(allowed, status, location):
    end = End(
        f"HTTP/1.1 {status} Away\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
    )

    reply = call("http://127.0.0.1:{port}/", end)

    assert (reply.status, reply.headers["location"], end.connections) == (status, location, 1)


def test_nothing_of_the_environment_is_used(allowed, monkeypatch, tmp_path):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login desk password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    end = End(OK.replace(b"X-Own: a", b"Set-Cookie: a=b"))

    async def twice():
        async with end:
            for _ in range(2):
                await guarded_http.request("POST", end.url, seconds=10)

    asyncio.run(twice())

    assert [
        [word for word in ("authorization", "cookie") if word in head.lower()] for head in end.heard
    ] == [[], []]


# Ends that behave badly ----------------------------------------------------------------------------


@pytest.mark.parametrize("behaves", [stall, trickle, trickle_a_head, go_on_for_ever])
def test_an_end_that_never_ends_has_so_many_seconds(allowed, behaves):
    said = call("http://127.0.0.1:{port}/", End(behaves=behaves), seconds=0.3)

    assert said[0] is Unreachable
    assert said[1] == "no answer within 0.3 s" or behaves is trickle_a_head


def test_an_end_that_takes_nothing_is_hung_up_on(allowed):
    """What is still to be sent does not keep the connection open after its seconds."""

    async def run():
        async with End(behaves=take_nothing) as end:
            with pytest.raises(Unreachable, match="no answer within 0.3 s"):
                await guarded_http.request("POST", end.url, content=b"x" * 8_000_000, seconds=0.3)
            me = psutil.Process()
            for _ in range(500):
                left = [c for c in me.net_connections() if c.raddr and c.raddr.port == end.port]
                if not left:
                    break
                await asyncio.sleep(0.02)
            return left

    assert asyncio.run(run()) == []


@pytest.mark.parametrize("most", [0, 10, 65536])
def test_no_more_is_read_than_was_asked_for(allowed, most):
    end = End(behaves=answer_gigabytes)

    reply = call("http://127.0.0.1:{port}/", end, most=most)

    assert reply.body == b"x" * most
    assert end.sent < 64 * 2**20  # what the sockets between us hold, not 2 GiB


def test_a_packed_answer_is_not_unpacked(allowed):
    packed = b"\x1f\x8b" + b"\x00" * 40
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"

    assert call("http://127.0.0.1:{port}/", End(head.encode() + packed)).body == packed


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"", "hung up without an answer"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
            "hung up in the middle of its answer",
        ),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "its answer is no HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", "its answer is no HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"X-Many: x\r\n" * 100_000 + b"\r\n", "its answer is no HTTP"),
    ],
)
def test_an_answer_that_is_none_is_said(allowed, answer, says):
    kind, said = call("http://127.0.0.1:{port}/", End(answer))

    assert kind is Unreachable
    assert said.startswith(says)


def test_where_nobody_listens_it_is_said(allowed):
    assert call("http://127.0.0.1:1/") == (
        Unreachable,
        "no connection: nobody listens there, or it cannot be reached",
    )


@pytest.mark.parametrize("host", ["nobody.example", "a" * 64 + ".example", "a..b.example"])
def test_a_name_that_leads_nowhere_is_said(names, host):
    names.pop(host, None)

    assert call(f"http://{host}/") == (Unreachable, f"{host} cannot be resolved")


def test_a_certificate_is_asked_for(allowed):
    kind, said = call("https://127.0.0.1:{port}/", End(first=b"220 no TLS here\r\n"))

    assert kind is Unreachable
    assert "TLS" in said


def test_the_certificate_must_be_of_the_name_that_was_written():
    context = guarded_http.trust()

    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


# Names that take their time ------------------------------------------------------------------------


@pytest.fixture
def slow_names(monkeypatch):
    """Names of ``slow.example`` are looked up until the test ends; others lead to this machine."""
    over, asked = threading.Event(), []

    def getaddrinfo(host, port, **_):
        asked.append(host)
        if host.endswith("slow.example"):
            over.wait(30)
            raise socket.gaierror(socket.EAI_AGAIN, "late")
        return [(socket.AF_INET, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(lookups.socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(guarded_http, "LOOKUPS", Lookups(most=8, each=4))
    yield asked
    over.set()


def test_a_name_that_hangs_counts_against_the_seconds(slow_names):
    assert call("http://a.slow.example/", seconds=0.2) == (Unreachable, "no answer within 0.2 s")


def test_names_that_hang_keep_nobody_elses_waiting(allowed, slow_names):
    """One lane looks up a hundred names that hang; another lane's call goes through meanwhile."""

    async def run():
        async with End() as end:
            hanging = [
                asyncio.create_task(
                    guarded_http.request(
                        "POST", f"http://{n}.slow.example/", seconds=60, lane="slow"
                    )
                )
                for n in range(100)
            ]
            await asyncio.sleep(0.1)
            reply = await guarded_http.request(
                "POST", f"http://prompt.example:{end.port}", seconds=30, lane="prompt"
            )
            still = sum(not one.done() for one in hanging)
            for one in hanging:
                one.cancel()
            await asyncio.gather(*hanging, return_exceptions=True)
            return reply.status, still

    assert asyncio.run(run()) == (200, 100)
    assert len(slow_names) == 5  # four at a time of the one lane, and the other's


def test_one_name_is_looked_up_once_for_all_who_ask_at_a_time(slow_names):
    async def run():
        asked = [
            guarded_http.request("POST", "http://a.slow.example/", seconds=0.2, lane=str(n))
            for n in range(20)
        ]
        return await asyncio.gather(*asked, return_exceptions=True)

    assert {type(one) for one in asyncio.run(run())} == {Unreachable}
    assert slow_names == ["a.slow.example"]
