"""The record of who did what: events that are only ever added, each with its own leaf hash.

An event is hashed in the transaction that it records. Personal values enter its body as salted
commitments, so that they can be erased later while every hash still holds. Numbering and sealing
into a tree come after commit, ordered by transaction id (``design.md`` has the measurements).
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model, QuerySet

from escalation import canonical
from escalation.actors import Actor, actor_id
from escalation.models import Case, Disclosure, Event

VERSION = 1
COMMITMENT = "hmac-sha256:"


def instant(at: datetime) -> str:
    """Return ``at`` as RFC 3339 in UTC with ``Z``, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def subject_of(thing: Model | str) -> str:
    """Return ``case:<id>`` and the like; a text, such as ``desk``, stands for itself."""
    return thing if isinstance(thing, str) else f"{thing._meta.model_name}:{thing.pk}"


def commitment(salt: bytes, value: bytes) -> str:
    """Return the salted hash that stands for ``value`` in an event's body."""
    return COMMITMENT + hmac.digest(salt, value, "sha256").hex()


def leaf(body: bytes) -> bytes:
    """Return the RFC 6962 leaf hash of an event's body."""
    return hashlib.sha256(b"\x00" + body).digest()


@dataclass(frozen=True)
class Entry:
    """One event with the private values that its body commits to, not yet written."""

    event: Event
    disclosures: list[Disclosure]


def entry(
    action: str,
    *,
    subject: Model | str,
    by: Actor,
    at: datetime,
    private: dict[str, Any] | None = None,
    on_behalf_of: str = "",
    **facts: Any,
) -> Entry:
    """Return one event, hashed. ``facts`` stand in the open; ``private`` values as commitments.

    Both hold JSON values only; instants are written with ``instant``.
    """
    actor, about = actor_id(by), subject_of(subject)
    committed: dict[str, str] = {}
    disclosures = []
    for name, value in (private or {}).items():
        salt, kept = secrets.token_bytes(32), canonical.encode(value)
        committed[name] = commitment(salt, kept)
        disclosures.append(Disclosure(name=name, salt=salt, value=kept))
    body = canonical.encode(
        {
            "version": VERSION,
            "action": action,
            "at": instant(at),
            "actor": actor,
            "on_behalf_of": on_behalf_of,
            "subject": about,
            "facts": facts,
            "private": committed,
        }
    )
    event = Event(
        at=at,
        actor=actor,
        on_behalf_of=on_behalf_of,
        action=action,
        subject=about,
        body=body,
        leaf=leaf(body),
    )
    return Entry(event, disclosures)


def append(action: str, **given: Any) -> Event:
    """Add one event to the record; see ``entry`` for what it takes."""
    return append_all([entry(action, **given)])[0]


def append_all(entries: list[Entry]) -> list[Event]:
    """Add several events in their order, in as few statements as that takes."""
    events = Event.objects.bulk_create([written.event for written in entries])
    disclosures = []
    for written in entries:
        for disclosure in written.disclosures:
            disclosure.event = written.event
            disclosures.append(disclosure)
    if disclosures:
        Disclosure.objects.bulk_create(disclosures)
    return events


# Reading -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """An event as people read it: its body, with the private values that are not erased."""

    id: int
    action: str
    at: datetime
    actor: str
    facts: dict[str, Any]
    private: dict[str, Any]  # an erased value is None
    leaf: str  # hex

    @classmethod
    def of(cls, event: Event) -> "Line":
        body = json.loads(bytes(event.body))
        disclosed = {d.name: d for d in event.disclosures.all()}
        private = {
            name: json.loads(bytes(found.value))
            if (found := disclosed.get(name)) and found.value is not None
            else None
            for name in body["private"]
        }
        return cls(
            event.pk,
            event.action,
            event.at,
            event.actor,
            body["facts"],
            private,
            bytes(event.leaf).hex(),
        )


def events_of(*cases: Case) -> QuerySet[Event]:
    """Return the events of these cases in order, ready to be read as ``Line``."""
    subjects = [subject_of(case) for case in cases]
    return Event.objects.filter(subject__in=subjects).order_by("id").prefetch_related("disclosures")


def history(case: Case) -> list[Line]:
    return [Line.of(event) for event in events_of(case)]


# Checking ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Break:
    """The first place where the record does not hold."""

    event: int
    problem: str

    def __str__(self) -> str:
        return f"event {self.event}: {self.problem}"


def first_break(events: Iterable[Event]) -> Break | None:
    """Return the first event whose hash, columns or disclosed values do not fit its body."""
    return next(_breaks(events), None)


def _breaks(events: Iterable[Event]) -> Iterator[Break]:
    for event in events:
        if problem := _problem(event):
            yield Break(event.pk, problem)


def _problem(event: Event) -> str:
    encoded = bytes(event.body)
    if leaf(encoded) != bytes(event.leaf):
        return "its body is not the one that was hashed"
    body = json.loads(encoded)
    columns = {
        "action": event.action,
        "at": instant(event.at),
        "actor": event.actor,
        "on_behalf_of": event.on_behalf_of,
        "subject": event.subject,
    }
    for name, value in columns.items():
        if body[name] != value:
            return f"its column {name} says {value!r}, its body {body[name]!r}"
    disclosed = {d.name: d for d in event.disclosures.all()}
    if disclosed.keys() != body["private"].keys():
        return "the private values beside it are not the ones it commits to"
    for name, found in disclosed.items():
        if found.salt is None or found.value is None:
            continue  # erased: the commitment alone remains
        if commitment(bytes(found.salt), bytes(found.value)) != body["private"][name]:
            return f"its private value {name} is not the one it commits to"
    return ""
