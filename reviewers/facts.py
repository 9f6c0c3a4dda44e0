"""From the tables to what the pure resolver eats, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from escalation.models import Competence, Role, User
from escalation.wallclock import instant
from reviewers import models, oncall, turns
from reviewers.enums import Advance, Kind, OverrideKind, Unit
from reviewers.models import Layer, LayerVersion, Membership

Spans = tuple[tuple[datetime, datetime | None], ...]


@dataclass(frozen=True)
class Version:
    """A published layer: its snapshot, from when until when it is in force."""

    layer: str
    facts: dict[str, Any]  # what ``snapshot`` returns
    offset: int
    since: datetime
    until: datetime | None


# Layers --------------------------------------------------------------------------------------------


def snapshot(
    layer: Layer,
    groups: Iterable[Iterable[UUID]],
    windows: Iterable[models.DutyWindow],
) -> dict[str, Any]:
    """Return all that a layer is made of, as JSON; the layer may be unsaved."""
    return {
        "name": layer.name,
        "position": layer.position,
        "priority": layer.priority,
        "kind": layer.kind,
        "time_zone": layer.time_zone,
        "first_on": layer.first_on.isoformat(),
        "first_time": layer.first_time,
        "every": layer.every,
        "unit": layer.unit,
        "length_minutes": layer.length_minutes,
        "weekdays": sorted(layer.weekdays),
        "month_days": sorted(layer.month_days),
        "advance": layer.advance,
        "effective_from": _text(layer.effective_from),
        "effective_until": _text(layer.effective_until),
        "groups": [[str(person) for person in group] for group in groups],
        "windows": [
            {"weekdays": sorted(one.weekdays), "opens": one.opens, "closes": one.closes}
            for one in windows
        ],
    }


def saved_snapshot(layer: Layer) -> dict[str, Any]:
    groups = [
        sorted(turn.members.values_list("pk", flat=True), key=str) for turn in layer.turns.all()
    ]
    return snapshot(layer, [group for group in groups if group], layer.windows.all())


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def rule(version: Version) -> oncall.Rule:
    """Return the version as the resolver reads it, in force for its own time only."""
    facts = version.facts
    minutes = facts["length_minutes"]
    return oncall.Rule(
        layer=version.layer,
        position=facts["position"],
        priority=facts["priority"],
        kind=Kind(facts["kind"]),
        zone=facts["time_zone"],
        first=anchor(facts),
        every=facts["every"],
        unit=Unit(facts["unit"]),
        groups=tuple(tuple(group) for group in facts["groups"]),
        offset=version.offset,
        length=timedelta(minutes=minutes) if minutes else None,
        weekdays=frozenset(facts["weekdays"]),
        month_days=tuple(facts["month_days"]),
        advance=Advance(facts["advance"]),
        windows=tuple(
            oncall.Window(frozenset(one["weekdays"]), one["opens"], one["closes"])
            for one in facts["windows"]
        ),
        since=max(filter(None, (version.since, _instant(facts["effective_from"])))),
        until=min(filter(None, (version.until, _instant(facts["effective_until"]))), default=None),
    )


def anchor(facts: dict[str, Any]) -> datetime:
    """Return a snapshot's first start, on the wall of its zone."""
    midnight = datetime.combine(date.fromisoformat(facts["first_on"]), time())
    return midnight + timedelta(minutes=facts["first_time"])


def offset_after(old: Version, new: dict[str, Any], at: datetime) -> int:
    """Return the offset with which an edit at ``at`` leaves the turn with who has it.

    Somebody who is no longer in the rotation is followed by the next who still is. A rule that has
    not begun, before or after the edit, begins with its first group.
    """
    begun = [
        instant(anchor(facts), ZoneInfo(facts["time_zone"])) <= at for facts in (old.facts, new)
    ]
    before, groups = old.facts["groups"], new["groups"]
    if not all(begun) or not before or not groups:
        return 0
    was = rule(old)
    now = rule(replace(old, facts=new, offset=0))
    holder = (turns.turn_at(was, at) + old.offset) % len(before)
    wanted = _followed(before, holder, groups)
    return (wanted - turns.turn_at(now, at)) % len(groups)


def _followed(before: list[list[str]], holder: int, groups: list[list[str]]) -> int:
    """Return the place in ``groups`` of the holder's group, else of the next that is still there."""
    for step in range(len(before)):
        place = (holder + step) % len(before)
        same = [n for n, group in enumerate(groups) if set(group) == set(before[place])]
        alike = [n for n, group in enumerate(groups) if set(group) & set(before[place])]
        if found := same or alike:
            return min(found, key=lambda n: abs(n - place))
    return 0


def versions(role: Role, since: datetime, until: datetime) -> list[Version]:
    """Return the versions that were, are or will be in force between two instants."""
    found = LayerVersion.objects.filter(
        layer__roster__role=role, in_force__overlap=(since, until)
    ).order_by("layer_id", "number")
    return [version_of(one) for one in found]


def version_of(row: LayerVersion) -> Version:
    return Version(str(row.layer_id), row.facts, row.offset, row.in_force.lower, row.in_force.upper)


def edited(
    held: list[Version], layer: str, new: dict[str, Any] | None, at: datetime
) -> list[Version]:
    """Return the versions as they are once ``layer`` is published anew (or retired: None) at ``at``."""
    kept = [one for one in held if one.layer != layer or one.since < at]
    closing = [one for one in kept if one.layer == layer and (one.until is None or one.until > at)]
    kept = [replace(one, until=at) if one in closing else one for one in kept]
    if new is None or not new["groups"]:
        return kept
    old = closing[-1] if closing else None
    return [*kept, Version(layer, new, offset_after(old, new, at) if old else 0, at, None)]


# People -------------------------------------------------------------------------------------------


def load(
    role: Role,
    since: datetime,
    until: datetime,
    *,
    held: list[Version] | None = None,
) -> oncall.Facts:
    """Return all that decides who is on call in ``role`` between two instants.

    ``held`` are the versions to go by instead of the published ones, to look at an edit beforehand.
    """
    held = versions(role, since, until) if held is None else held
    available = availability(role)
    return oncall.Facts(
        rules=tuple(rule(one) for one in held if one.facts["groups"]),
        overrides=tuple(
            override(one)
            for one in models.Override.objects.within(since, until).filter(roster__role=role)
        ),
        absences=tuple(
            oncall.Absence(str(one.user_id), one.during.lower, one.during.upper)
            for one in models.Absence.objects.within(since, until).filter(user__in=list(available))
        ),
        available=available,
    )


def override(row: models.Override) -> oncall.Override:
    return oncall.Override(
        id=str(row.pk),
        kind=OverrideKind(row.kind),
        since=row.during.lower,
        until=row.during.upper,
        position=row.position,
        out=str(row.out_user_id) if row.out_user_id else None,
        stand_in=str(row.in_user_id) if row.in_user_id else None,
    )


def availability(role: Role) -> dict[str, Spans]:
    """Return when each person of the role may be on call at all: member, active and trained."""
    member: dict[str, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for one in Membership.objects.filter(role=role, user__is_active=True).order_by("joined_at"):
        member[str(one.user_id)].append((one.joined_at, one.left_at))
    spans: dict[str, Spans] = {who: tuple(held) for who, held in member.items()}
    for name in role.competences:
        trained = _trained(name, spans)
        spans = {who: _both(held, trained.get(who, ())) for who, held in spans.items()}
    return spans


def _trained(name: str, people: Iterable[str]) -> dict[str, Spans]:
    found: dict[str, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for one in Competence.objects.filter(name=name, user__in=list(people)):
        found[str(one.user_id)].append((one.since, one.expires_at))
    return {who: tuple(spans) for who, spans in found.items()}


def _both(one: Spans, other: Spans) -> Spans:
    """Return where two lists of spans overlap; an end of None is open."""
    found = []
    for a, b in one:
        for c, d in other:
            begins, ends = max(a, c), min(filter(None, (b, d)), default=None)
            if ends is None or begins < ends:
                found.append((begins, ends))
    return tuple(sorted(found, key=lambda span: span[0]))


def people(ids: Iterable[str]) -> dict[str, User]:
    """Return the people by their ids as the resolver writes them."""
    return {str(user.pk): user for user in User.objects.filter(Q(pk__in=set(ids)))}
