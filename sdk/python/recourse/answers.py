"""What the desk answers. ``raw`` holds all of it, also what a newer desk has added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Decider:
    kind: str  # "person", or "fallback" when nobody answered in time
    name: str
    role: str | None


@dataclass(frozen=True)
class Decision:
    """What a person chose. Ask ``permitted`` before acting: nothing else means yes."""

    id: str
    case: str
    reference: str
    option: str | None  # the key of the option; None when a fallback ended the case
    outcome: str
    permitted: bool
    arguments: dict[str, Any] | None  # all that you act with; None unless permitted
    parameters: dict[str, Any]  # what the reviewer filled in; empty when the option takes nothing
    reasons: tuple[str, ...]  # keys that the desk's policy lists, as evidence_supports; may be none
    rationale: str  # in the reviewer's words; may be empty
    decided_by: Decider
    decided_at: datetime
    overturns: str | None
    digest: str  # of the package as the reviewer saw it
    state: Any  # what the agent gave to be handed back
    raw: dict[str, Any] = field(repr=False)

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Decision:
        decider = raw["decided_by"]
        return cls(
            id=raw["id"],
            case=raw["case"],
            reference=raw["reference"],
            option=raw["option"],
            outcome=raw["outcome"],
            permitted=raw["permitted"] is True,
            arguments=raw["arguments"],
            parameters=raw["parameters"] or {},
            reasons=tuple(raw.get("reasons", ())),
            rationale=raw["rationale"] or "",
            decided_by=Decider(decider["kind"], decider["name"], decider.get("role")),
            decided_at=datetime.fromisoformat(raw["decided_at"]),
            overturns=raw["overturns"],
            digest=raw["digest"],
            state=raw["state"],
            raw=dict(raw),
        )


@dataclass(frozen=True)
class Pause:
    """What a case waits for: its agent, or a person who holds it."""

    reason: str  # "information_requested" or "held"
    whom: str | None  # who is asked: "agent", or "requester", to whom the agent brings it
    asked: str | None  # what they are asked for; None while the case is only held
    since: datetime
    until: datetime | None  # when the case goes on by itself

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Pause:
        return cls(
            reason=raw["reason"],
            whom=raw.get("of"),
            asked=raw["asked"],
            since=datetime.fromisoformat(raw["since"]),
            until=datetime.fromisoformat(raw["until"]) if raw["until"] else None,
        )


@dataclass(frozen=True)
class Case:
    """A stop as it stands on the desk."""

    id: str
    reference: str  # for people, such as ESC-1042
    status: str
    stakes: str
    role: str | None
    due_at: datetime | None
    digest: str
    triggers: list[dict[str, Any]]
    pause: Pause | None
    decision: Decision | None
    url: str  # where a reviewer finds it
    created_at: datetime
    replayed: bool  # this very post had opened the case before
    raw: dict[str, Any] = field(repr=False)

    @classmethod
    def of(cls, raw: Mapping[str, Any], *, replayed: bool = False) -> Case:
        return cls(
            id=raw["id"],
            reference=raw["reference"],
            status=raw["status"],
            stakes=raw["stakes"],
            role=raw["role"],
            due_at=datetime.fromisoformat(raw["due_at"]) if raw["due_at"] else None,
            digest=raw["digest"],
            triggers=list(raw["triggers"]),
            pause=Pause.of(raw["pause"]) if raw.get("pause") else None,
            decision=Decision.of(raw["decision"]) if raw["decision"] else None,
            url=raw["url"],
            created_at=datetime.fromisoformat(raw["created_at"]),
            replayed=replayed,
            raw=dict(raw),
        )
