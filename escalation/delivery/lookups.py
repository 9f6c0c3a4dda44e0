"""Looking names up (DNS) so that one name that hangs keeps no other waiting.

The system's own resolver cannot be told to stop: a lookup that hangs goes on after whoever asked has
given up. So each has a thread of its own, there are only so many at a time, and one lane (an agent,
a person, a channel) has only a few of them; the same name is looked up once for all who ask.
"""

import asyncio
import socket
import threading
from collections import Counter
from concurrent.futures import Future
from typing import Any

MOST = 256  # lookups at a time; a thread that waits costs some tens of KiB
EACH = 4  # of them for one lane
PAUSE = 0.02  # seconds between looks for room

Found = list[tuple[Any, ...]]  # what ``socket.getaddrinfo`` returns


class Lookups:
    """The lookups that go on now. For every thread and event loop of the process."""

    def __init__(self, *, most: int = MOST, each: int = EACH) -> None:
        self._most, self._each = most, each
        self._lock = threading.Lock()
        self._going: dict[tuple[str, int], Future[Found]] = {}
        self._of_lane: Counter[str] = Counter()

    async def addresses(self, host: str, port: int, lane: str) -> Found:
        """Return what the system knows of ``host``; raises OSError.

        Waits for room as long as it is let: whoever asks sets a limit to the whole.
        """
        while (lookup := self._ask(host, port, lane)) is None:
            await asyncio.sleep(PAUSE)
        return await asyncio.wrap_future(lookup)

    def _ask(self, host: str, port: int, lane: str) -> Future[Found] | None:
        """Join the lookup of that name, or begin one; None: the lane has too many going on."""
        with self._lock:
            lookup = self._going.get((host, port))
            if lookup is not None:
                return lookup
            if len(self._going) >= self._most or self._of_lane[lane] >= self._each:
                return None
            lookup = Future()
            lookup.set_running_or_notify_cancel()  # who gives up takes it from nobody else
            self._going[host, port] = lookup
            self._of_lane[lane] += 1
        threading.Thread(
            target=self._look_up, args=(lookup, host, port, lane), name="lookup", daemon=True
        ).start()
        return lookup

    def _look_up(self, lookup: "Future[Found]", host: str, port: int, lane: str) -> None:
        found: Found | OSError
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            found = error
        except UnicodeError as error:  # a label that is too long, or none
            found = OSError(str(error))
        except BaseException as error:  # whoever asked must hear of it
            self._end(host, port, lane)
            lookup.set_exception(error)
            return
        self._end(host, port, lane)
        if isinstance(found, OSError):
            lookup.set_exception(found)
        else:
            lookup.set_result(found)

    def _end(self, host: str, port: int, lane: str) -> None:
        with self._lock:
            del self._going[host, port]
            self._of_lane[lane] -= 1
            if not self._of_lane[lane]:
                del self._of_lane[lane]


LOOKUPS = Lookups()
