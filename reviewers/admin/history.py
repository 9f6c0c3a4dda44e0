"""What changed, when and by whom, field by field: names instead of ids, old beside new."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, ForeignKey, Model
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.timezone import localtime
from pghistory.models import Events

from escalation import actors
from escalation.enums import Weekday
from escalation.fields import clock
from escalation.models import User
from reviewers.enums import Advance, Kind
from reviewers.models import Layer, LayerVersion
from reviewers.timeline import exact_length

NOTHING = "nothing"
UNSAID = {"id", "planned_until", "planned_at", "made_at", "made_by"}


@dataclass(frozen=True)
class Changed:
    what: str
    old: str
    new: str


@dataclass(frozen=True)
class Entry:
    """One edit."""

    at: datetime
    by: str
    what: str
    changed: tuple[Changed, ...]


# Rows, from what pghistory keeps ------------------------------------------------------------------


def of(row: Model) -> list[Entry]:
    """Return the edits of a row and, for a role, of its limits; the latest first."""
    events = list(Events.objects.tracks(row).order_by("-pgh_created_at", "-pgh_id")[:200])
    who = _people(event.pgh_context or {} for event in events)
    entries = []
    for event in events:
        diff = event.pgh_diff or {}
        changed = tuple(_changes(type(row), diff))
        first = event.pgh_label == "insert"
        if changed or first:
            by = who.get((event.pgh_context or {}).get("user", ""), "")
            entries.append(Entry(event.pgh_created_at, by, "made" if first else "edited", changed))
    return entries


def _people(contexts: Iterable[dict[str, Any]]) -> dict[str, str]:
    ids = {one["user"] for one in contexts if one.get("user")}
    return {str(user.pk): user.name for user in User.objects.filter(pk__in=ids)}


def _changes(model: type[Model], diff: dict[str, list[Any]]) -> Iterator[Changed]:
    for name, (old, new) in diff.items():
        try:
            field = model._meta.get_field(name.removesuffix("_id"))
        except FieldDoesNotExist:
            continue
        if field.name not in UNSAID and isinstance(field, Field):
            yield Changed(
                capfirst(str(field.verbose_name)), _worded(field, old), _worded(field, new)
            )


def _worded(field: Field[Any, Any], value: Any) -> str:
    if value in (None, "", []):
        return NOTHING
    if isinstance(field, ForeignKey):
        found = field.related_model._default_manager.filter(pk=value).first()
        return str(found or value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, str) and "T" in value and (at := parse_datetime(value)):
        return f"{localtime(at):%-d %b %Y %H:%M}"
    return str(dict(field.flatchoices).get(value, value))


# Layers, from their versions ----------------------------------------------------------------------

LABELS = {
    "name": "Name",
    "position": "Position",
    "priority": "Priority",
    "kind": "Kind",
    "time_zone": "Time zone",
    "first_on": "First day",
    "first_time": "Starts at",
    "every": "Every",
    "unit": "Unit",
    "length_minutes": "Each shift lasts",
    "weekdays": "Weekdays",
    "month_days": "Days of the month",
    "advance": "Next group",
    "effective_from": "In force from",
    "effective_until": "In force until",
    "groups": "Turns",
    "windows": "Duty windows",
}


def of_layer(layer: Layer) -> list[Entry]:
    """Return the published versions of a layer, the latest first, each with what it changed."""
    versions = list(layer.versions.order_by("number"))
    who = actors.names(version.made_by for version in versions)
    everybody = {id for one in versions for group in one.facts["groups"] for id in group}
    people = {str(user.pk): user.name for user in User.objects.filter(pk__in=everybody)}
    entries, before = [], None
    for version in versions:
        changed = tuple(_differs(before, version, people))
        what = f"version {version.number}"
        entries.append(Entry(version.made_at, who.get(version.made_by, ""), what, changed))
        before = version
    return entries[::-1]


def since_version(layer: Layer, number: int) -> list[Entry]:
    """Return what was published after a version."""
    found = of_layer(layer)
    return [entry for entry in found if int(entry.what.split()[1]) > number]


def _differs(
    old: LayerVersion | None, new: LayerVersion, people: dict[str, str]
) -> Iterator[Changed]:
    for name, label in LABELS.items():
        before, after = old.facts.get(name) if old else None, new.facts.get(name)
        if before != after and (old or after not in ("", [])):
            yield Changed(label, _fact(name, before, people), _fact(name, after, people))


def _fact(name: str, value: Any, people: dict[str, str]) -> str:
    if value in (None, "", []):
        return NOTHING
    if name == "groups":
        turns = (" and ".join(people.get(who, who) for who in group) for group in value)
        return "; ".join(f"{n} {turn}" for n, turn in enumerate(turns, 1))
    if name == "windows":
        return "; ".join(window(**one) for one in value)
    if name == "weekdays":
        return days(value)
    if name == "first_time":
        return clock(value)
    if name == "length_minutes":
        return exact_length(value)
    if name in ("kind", "advance"):
        return str((Kind if name == "kind" else Advance)(value).label)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if name.startswith("effective"):
        return f"{localtime(datetime.fromisoformat(value)):%-d %b %Y %H:%M}"
    return str(value)


def days(weekdays: list[int]) -> str:
    """Return ``Mon-Fri`` or ``Mon, Wed``."""
    names = [Weekday(day).label[:3] for day in sorted(weekdays)]
    together = len(weekdays) > 2 and sorted(weekdays) == list(
        range(min(weekdays), max(weekdays) + 1)
    )
    return f"{names[0]}–{names[-1]}" if together else ", ".join(names)


def window(weekdays: list[int], opens: int, closes: int) -> str:
    return f"{days(weekdays)} {clock(opens)}–{clock(closes)}"
