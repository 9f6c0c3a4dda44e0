"""The desk, spoken to over HTTP, with the patience that asking people takes."""

from __future__ import annotations

import hashlib
import json
import math
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from recourse.answers import Case, Decision
from recourse.errors import NoDecisionYet, Refused, Unreachable, refusal
from recourse.package import Package

POLL_SECONDS = 30  # how long one request waits; the desk allows 60
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 30.0
HELD = 0.5  # a "not yet" that comes sooner than this share of the wait is no reason to ask at once
BUSY = (429, 502, 503, 504)  # the desk has not taken the call: the same call may be made again


class Desk:
    """A desk at ``url``, for the agent whose key is ``key``. Threads may share one.

    Calls that can safely be made twice are made again, with growing pauses, while the desk cannot
    be reached, is restarting or asks to slow down: for up to ``patience`` seconds, then Unreachable
    (or the refusal) is raised. ``wait`` knows no such end.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        patience: float = 60.0,
        timeout: float = 15.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._patience = patience
        self._timeout = timeout
        self._client = httpx.Client(
            base_url=f"{url.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {key}", "User-Agent": "recourse-python/0.1.0"},
            timeout=timeout,
            limits=httpx.Limits(max_connections=None),  # each thread that waits holds one
            transport=transport,
        )

    def __enter__(self) -> Desk:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    # Asking

    def open(
        self, package: Package | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> Case:
        """Open a case, or return the one that this very post has opened before.

        Without a key the digest of the body is taken: sending the same package twice opens one
        case. A package that is built anew after a crash has new times and so another digest; give a
        key of your own, such as the run and the step, where that may happen.
        """
        body = _encode(package.body() if isinstance(package, Package) else package)
        key = idempotency_key or f"sha256-{hashlib.sha256(body).hexdigest()}"
        answer = self._call("POST", "/cases", body, headers={"Idempotency-Key": key})
        replayed = answer.headers.get("Idempotency-Replayed") == "true"
        return Case.of(answer.json(), replayed=replayed)

    def case(self, ref: str) -> Case:
        """Return a case as it stands, by its reference or its id."""
        return Case.of(self._call("GET", f"/cases/{ref}").json())

    def cases(self, *, status: str | None = None, run: str | None = None) -> Iterator[Case]:
        """Yield the agent's own cases, newest first, fetching page after page as they are used."""
        asked = {"status": status, "run": run}
        query = {name: value for name, value in asked.items() if value}
        while True:
            page = self._call("GET", "/cases", params=query).json()
            yield from (Case.of(item) for item in page["items"])
            if not page["next"]:
                return
            query["cursor"] = page["next"]

    def wait(self, ref: str, timeout: float | None = None) -> Decision:
        """Wait until a person has decided, for days if need be, and return the decision.

        A desk that restarts, is busy or out of reach meanwhile is waited for as well. ``timeout``
        is in seconds, None for ever. Raises NoDecisionYet when it has passed, Withdrawn when there
        never will be a decision, and at once what waiting cannot mend: a key that is refused, a
        case that does not exist.
        """
        until = math.inf if timeout is None else time.monotonic() + timeout
        pauses = _pauses()
        while True:
            asked_at = time.monotonic()
            seconds = int(min(POLL_SECONDS, max(0.0, until - asked_at)))
            answer = self._poll(ref, seconds)
            if answer is not None and answer.status_code == 200:
                return Decision.of(answer.json())
            if answer is not None and answer.status_code == 204:
                pauses = _pauses()
                held = time.monotonic() - asked_at >= max(1, seconds) * HELD
                pause = 0.0 if held else _retry_after(answer) or 1.0
            elif answer is None or _may_pass(answer):
                pause = max(next(pauses), _retry_after(answer) or 0.0 if answer else 0.0)
            else:
                raise _refusal(answer)
            left = until - time.monotonic()
            if left <= 0:
                raise NoDecisionYet(f"nobody has decided {ref} within {timeout:g} s")
            time.sleep(min(pause, left))

    def _poll(self, ref: str, seconds: int) -> httpx.Response | None:
        """Ask for a decision, waiting up to ``seconds``; None when the connection did not hold."""
        patience = httpx.Timeout(self._timeout, read=seconds + self._timeout)
        try:
            return self._client.get(
                f"/cases/{ref}/decision", params={"wait": seconds}, timeout=patience
            )
        except httpx.TransportError:
            return None

    # While it waits, and after

    def add_steps(self, ref: str, steps: Sequence[Mapping[str, Any]]) -> Case:
        """Add evidence to a case that is not decided yet; raises Conflict once it is."""
        body = _encode({"steps": list(steps)})
        return Case.of(self._call("POST", f"/cases/{ref}/steps", body, again=False).json())

    def attach(
        self,
        ref: str,
        file: Path | bytes,
        title: str,
        *,
        name: str = "",
        must_read: bool = False,
    ) -> Case:
        """Add a document to the evidence of a case that is not decided yet: a path, or bytes with a name.

        The desk takes 25 MiB at most. Sending the same document under the same title again changes
        nothing, so that it is sent again where the answer was lost. Raises Conflict once decided.
        """
        content = file.read_bytes() if isinstance(file, Path) else file
        named = name or (file.name if isinstance(file, Path) else "document")
        form = {"title": title, "must_read": "true" if must_read else "false"}
        body, kind = _form(form, named, content)
        headers = {"Content-Type": kind}
        return Case.of(
            self._call("POST", f"/cases/{ref}/attachments", body, headers=headers).json()
        )

    def answer(self, ref: str, text: str, steps: Sequence[Mapping[str, Any]] = ()) -> Case:
        """Answer what a reviewer asked (``case.pause.asked``), with the steps it took to find out.

        Raises Conflict (``nothing-asked``) when nobody waits for it any more. It is not sent again
        when the answer was lost: look at the case first.
        """
        body = _encode({"text": text, "steps": list(steps)})
        return Case.of(self._call("POST", f"/cases/{ref}/answers", body, again=False).json())

    def withdraw(self, ref: str, reason: str) -> Case:
        """Take a case back that needs no decision any more; raises Conflict once it is decided."""
        body = _encode({"reason": reason})
        return Case.of(self._call("POST", f"/cases/{ref}/withdrawal", body).json())

    def resume(
        self,
        ref: str,
        result: str,
        detail: str = "",
        *,
        decision: str | None = None,
        at: datetime | None = None,
    ) -> Case:
        """Say how the agent went on: ``succeeded``, ``failed`` or ``skipped``. It closes the loop.

        ``decision`` is the id of the one it went on from; None: the last that it was told of.
        """
        said: dict[str, Any] = {"result": result}
        if decision:
            said["decision"] = decision
        if detail:
            said["detail"] = detail
        if at is not None:
            said["at"] = at.isoformat()
        return Case.of(self._call("POST", f"/cases/{ref}/resumption", _encode(said)).json())

    # How calls are made

    def _call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        again: bool = True,
    ) -> httpx.Response:
        """Make one call and return its answer.

        It is made again where that cannot do a thing twice: always when the desk was not reached
        or says that it is busy, and with ``again`` also when the connection broke or the desk
        failed halfway.
        """
        until = time.monotonic() + self._patience
        sent = {"Content-Type": "application/json"} if body is not None else {}
        for pause in _pauses():
            problem: Refused | Unreachable
            try:
                answer = self._client.request(
                    method, path, content=body, params=params, headers={**sent, **(headers or {})}
                )
            except httpx.TransportError as error:
                problem = Unreachable(f"{method} {path}: {error or type(error).__name__}")
                if not (again or isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)):
                    raise problem from error
            else:
                if answer.is_success:
                    return answer
                problem = _refusal(answer)
                if not (answer.status_code in BUSY or (again and answer.status_code >= 500)):
                    raise problem
                pause = max(pause, _retry_after(answer) or 0.0)
            if time.monotonic() + pause > until:
                raise problem
            time.sleep(pause)
        raise AssertionError("pauses never end")


def _encode(body: Mapping[str, Any]) -> bytes:
    """Return JSON that is the same for the same values, so that its digest can be a key."""
    text = json.dumps(
        body, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
    )
    return text.encode()


def _form(fields: Mapping[str, str], name: str, content: bytes) -> tuple[bytes, str]:
    """Return a form with a file as the same bytes on each try, and its content type."""
    request = httpx.Request(
        "POST", "http://form", data=dict(fields), files={"file": (name, content)}
    )
    return request.read(), request.headers["Content-Type"]


def _pauses() -> Iterator[float]:
    """Yield growing pauses, each drawn by chance so that many agents do not come back as one."""
    longest = FIRST_PAUSE
    while True:
        yield random.uniform(longest / 2, longest)
        longest = min(longest * 2, LONGEST_PAUSE)


def _may_pass(answer: httpx.Response) -> bool:
    return answer.status_code == 429 or answer.status_code >= 500


def _retry_after(answer: httpx.Response) -> float | None:
    """Return the seconds that the desk asks to be left alone; it may also name a date."""
    value = answer.headers.get("Retry-After", "")
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def _refusal(answer: httpx.Response) -> Refused:
    try:
        document = answer.json()
    except ValueError:
        document = None
    return refusal(answer.status_code, document)
