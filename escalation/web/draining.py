"""Whether this process is about to end: who waits or streams then lets go, and is asked again elsewhere."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

Found = TypeVar("Found")

_ending: dict[asyncio.AbstractEventLoop, asyncio.Event] = {}


def ending() -> asyncio.Event:
    """Return what is set on the loop of a process that takes nothing new."""
    loop = asyncio.get_running_loop()
    if loop not in _ending:
        _ending.clear()
        _ending[loop] = asyncio.Event()
    return _ending[loop]


async def or_ending(coming: Awaitable[Found]) -> Found | None:
    """Return what comes of it, or None, having called it off, when the process is about to end."""
    task = asyncio.ensure_future(coming)
    ended = asyncio.create_task(ending().wait())
    try:
        await asyncio.wait([task, ended], return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        task.cancel()
        ended.cancel()
