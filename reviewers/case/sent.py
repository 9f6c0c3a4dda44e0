"""What an agent sent with a case, as a reader may see it: the parts of its package, by name."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from escalation.models import Case, Firing, Option, User
from escalation.web import memory
from escalation.withholding import Sight
from reviewers.evidence import FiringView


class Sent:
    """The parts of a package that ``sight`` lets through, and what was stored beside it at intake."""

    def __init__(self, case: Case, reader: User, *, at: datetime, seen_digest: str = "") -> None:
        self.case, self.reader, self.at = case, reader, at
        self.seen_digest = seen_digest

    @cached_property
    def sight(self) -> Sight:
        """What this reader may be sent of the case."""
        return Sight(self.case, self.reader)

    @cached_property
    def package(self) -> dict[str, Any]:
        memory.note_size(sum(map(len, self.sight.bodies)))
        return self.sight.package

    @cached_property
    def request(self) -> dict[str, Any]:
        found: dict[str, Any] = self.package["request"]
        return found

    @property
    def request_is_document(self) -> bool:
        kind = self.request.get("media_type", "text/plain")
        return not kind.startswith("text/") or kind in ("text/csv", "text/html", "text/xml")

    @property
    def received_at(self) -> datetime | None:
        given = self.request.get("received_at")
        return datetime.fromisoformat(given.upper().replace("Z", "+00:00")) if given else None

    @property
    def proposal(self) -> dict[str, Any] | None:
        return self.package["proposal"]

    @property
    def arguments(self) -> Any:
        return (self.proposal or {}).get("arguments")

    @property
    def identity(self) -> dict[str, Any]:
        found: dict[str, Any] = self.package["identity"]
        return found

    @property
    def callback_host(self) -> str:
        return self.case.callback_url.split("/")[2] if "://" in self.case.callback_url else ""

    @cached_property
    def firings(self) -> list[FiringView]:
        return [FiringView(firing) for firing in self._fired]

    @cached_property
    def _fired(self) -> list[Firing]:
        return list(self.case.firings.all())

    @cached_property
    def options(self) -> list[Option]:
        return list(self.case.options.all())
