"""What the pages of who is on call need to show positions, overrides and the colours of people."""

from django import template

from escalation.models import User
from reviewers import overrides, timeline
from reviewers.lanes import Schedule
from reviewers.models import Override

register = template.Library()


@register.filter
def place_in_line(number: int) -> str:
    """``Primary``, ``Secondary``: a position of a roster."""
    return timeline.position(number)


@register.filter
def override_words(override: Override) -> str:
    return overrides.words(override)


@register.filter
def tone_of(schedule: Schedule, user: User) -> str:
    """The colour beside a person's name in a calendar."""
    return schedule.tone(user)
