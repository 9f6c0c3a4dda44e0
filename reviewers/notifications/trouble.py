"""What an operator should know about telling people: ways that are dead, people whom nothing reaches."""

from datetime import datetime, timedelta

from escalation.models import User
from reviewers.enums import NoticeStatus
from reviewers.models import ContactPoint, Membership, Notice
from reviewers.notices import channels

LATELY = timedelta(days=1)


def warnings(*, at: datetime) -> list[str]:
    """Return a sentence for each way that is dead, and for each person none of whose ways works."""
    ways = ContactPoint.objects.filter(user__is_active=True).select_related("user")
    dead = [_dead(way) for way in ways.exclude(dead_since=None).order_by("dead_since", "pk")]
    working = ways.filter(dead_since=None, kind__in=channels.offered())
    cut_off = User.objects.filter(pk__in=ways.values("user")).exclude(pk__in=working.values("user"))
    none = [f"No way that {user} named works." for user in cut_off.order_by("username")]
    return [*dead, *none, *_unsent(at)]


def _dead(way: ContactPoint) -> str:
    since = f"{way.dead_since:%-d %B %Y %H:%M} UTC"
    return f"{way.user}'s {way.get_kind_display()} has been dead since {since}: {way.last_error}"


def _unsent(at: datetime) -> list[str]:
    unsent = Notice.objects.filter(
        status=NoticeStatus.FAILED, made_at__gt=at - LATELY, seen_at=None
    ).count()
    if not unsent:
        return []
    if unsent == 1:
        return ["One notice of the last day could be sent no way, and stands unseen on the desk."]
    return [f"{unsent} notices of the last day could be sent no way, and stand unseen on the desk."]


def notes(*, at: datetime) -> list[str]:
    """Return which channels are set up, which not, and how many people can be told here only."""
    offered = channels.offered()
    said = [f"People can be told by {', '.join(str(kind.label) for kind in offered)}."]
    said += [
        f"{kind.label} is not set up: {', '.join(channel.missing)}."
        for kind, channel in channels.CHANNELS.items()
        if channel.missing
    ]
    joined = Membership.objects.current(at).values("user")
    only_here = User.objects.filter(pk__in=joined, is_active=True, contact_points=None).count()
    if only_here:
        people = (
            "One person of a role has" if only_here == 1 else f"{only_here} people of roles have"
        )
        said.append(f"{people} named no way to be reached: told on this desk only.")
    return said
