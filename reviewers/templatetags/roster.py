"""What the roster desk's templates need to draw a timeline and to list what is there."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.template import Context
from django.utils.timezone import now

from escalation import wallclock
from reviewers import timeline
from reviewers.admin import rosters as desk
from reviewers.admin.layers import ruled

register = template.Library()

SHELVES = {  # the models of the administration, as people look for them
    "Roles and people": ["Role", "Membership", "Profile", "Calendar"],
    "What is planned": ["Override", "Absence"],
    "The desk": [],  # whatever else there is
}
NAMES = {"Profile": "Reviewers", "Override": "Overrides"}


@register.simple_tag(takes_context=True)
def rosters(context: Context) -> list[desk.Row]:
    """The rosters that this person edits."""
    return desk.rows(context["request"], now())


@register.filter
def shelves(apps: Iterable[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The models of the administration in an order of ours."""
    models = {model["object_name"]: model for app in apps for model in app["models"]}
    for name in ("Roster", "Layer"):  # rosters stand for themselves, layers are in them
        models.pop(name, None)
    for model in models.values():
        model["name"] = NAMES.get(model["object_name"], model["name"])
    found = []
    for name, wanted in SHELVES.items():
        chosen = [models.pop(each) for each in wanted if each in models]
        found.append((name, chosen or (list(models.values()) if not wanted else [])))
    return [(name, chosen) for name, chosen in found if chosen]


@register.filter
def position(number: int) -> str:
    return timeline.position(number)


@register.filter
def bar_height(lane: timeline.Lane, less: int = 0) -> int:
    return timeline.HEIGHTS[lane.kind] + less


@register.filter
def baseline(lane: timeline.Lane) -> int:
    return timeline.HEIGHTS[lane.kind] // 2 + 4


@register.simple_tag
def said(bar: timeline.Bar, drawn: timeline.Timeline) -> str:
    return wallclock.said(bar.since, bar.until, drawn.zone)


@register.filter
def wall(at: Any, zone: str) -> str:
    """An instant on the wall of a zone: ``Mon 23 Nov 09:00``."""
    return f"{wallclock.wall(at, wallclock.ZoneInfo(zone)):%a %-d %b %H:%M}"


@register.filter
def widget_type(field: Any) -> str:
    return str(type(field.field.widget).__name__)


@register.filter
def rule(layer: Any) -> str:
    """A layer's rule in words: whose turns, how long, when."""
    return ruled(layer)


@register.filter
def between(during: Any, zone: str) -> str:
    return wallclock.said(during.lower, during.upper, zone)
