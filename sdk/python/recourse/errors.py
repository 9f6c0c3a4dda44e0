"""What can go wrong, each with what the desk said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class DeskError(Exception):
    """Anything that this client raises about a desk."""


class Unreachable(DeskError):
    """The desk could not be spoken to for longer than the client was told to be patient."""


class NoDecisionYet(DeskError, TimeoutError):
    """``wait`` was given a timeout, and nobody decided within it. The case still stands."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a body: where (an RFC 6901 pointer into it) and what."""

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.message}"


class Refused(DeskError):
    """The desk said no, as an RFC 9457 problem.

    ``slug`` is the name of the refusal, such as ``case-closed``; ``problems`` point at each wrong
    place of the body that was sent.
    """

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.type = str(document.get("type") or "about:blank")
        self.slug = self.type.rpartition("#")[2].rstrip("/").rpartition("/")[2]
        self.title = str(document.get("title") or f"HTTP {status}")
        self.detail = str(document.get("detail") or "")
        self.problems = [
            Problem(str(entry.get("pointer", "")), str(entry.get("message", "")))
            for entry in document.get("errors") or []
            if isinstance(entry, Mapping)
        ]
        said = "; ".join(str(problem) for problem in self.problems) or self.detail
        super().__init__(f"{self.title} ({status})" + (f": {said}" if said else ""))


class Unauthorised(Refused):
    """401: the key is missing, wrong or revoked."""


class Forbidden(Refused):
    """403: the key lacks the scope."""


class NotFound(Refused):
    """404: there is no such case, or it is another agent's."""


class Conflict(Refused):
    """409: the case has moved on, or has not got there yet."""


class Withdrawn(Refused):
    """410: the case was withdrawn; there never will be a decision."""


class Rejected(Refused):
    """400, 413, 415 or 422: the desk does not take what was sent; ``problems`` say where and why."""


class RateLimited(Refused):
    """429, for longer than the client was told to be patient."""


KINDS: dict[int, type[Refused]] = {
    400: Rejected,
    401: Unauthorised,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Withdrawn,
    413: Rejected,
    415: Rejected,
    422: Rejected,
    429: RateLimited,
}


def refusal(status: int, document: Any) -> Refused:
    """Return the error for an answer; a body that is no problem document still has its status."""
    known = document if isinstance(document, Mapping) else {}
    return KINDS.get(status, Refused)(status, known)
