"""Shifts for calendar programs: a secret address for each person, and for each role they see.

Who knows the address reads it without signing in, so it says who is on call and nothing else: no
case, no absence, no reason. Only the SHA-256 of the secret is kept.
"""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext_noop as _
from icalendar import Calendar, Event, vDuration, vText

from escalation import access, ledger
from escalation.actors import Actor
from escalation.models import Role, User
from reviewers import shifts
from reviewers.errors import FeedRefused
from reviewers.models import Feed, Roster, Shift
from reviewers.notices.inbox import one_line

BACK = timedelta(days=30)
READ_WITHIN = timedelta(hours=1)  # how exact read_at is
AGAIN = timedelta(hours=1)  # how often a program is asked to look
POSITIONS = {1: "primary", 2: "secondary"}


# Made, found, revoked ----------------------------------------------------------------------------


@transaction.atomic
def make_feed(owner: User, role: Role | None, *, by: Actor, at: datetime) -> str:
    """Return the secret of a new feed, which cannot be had again; the one before ends.

    ``role`` None: the owner's own shifts, in every role. Raises FeedRefused for a role of which the
    owner does not see who is on call.
    """
    if role and not _sees(owner, role):
        raise FeedRefused(
            _("%(person)s does not see who is on call for %(role)s."), person=owner, role=role
        )
    User.objects.select_for_update().get(pk=owner.pk)  # of two at once one stands
    for before in Feed.objects.filter(owner=owner, role=role, revoked_at=None):
        revoke_feed(before, by=by, at=at)
    secret = secrets.token_urlsafe(32)
    Feed.objects.create(owner=owner, role=role, digest=_digest(secret), made_at=at)
    ledger.append("feed.made", subject=owner, by=by, at=at, role=role.slug if role else None)
    return secret


@transaction.atomic
def revoke_feed(feed: Feed, *, by: Actor, at: datetime) -> None:
    """End an address at once. Ending one that has ended changes nothing."""
    if Feed.objects.filter(pk=feed.pk, revoked_at=None).update(revoked_at=at):
        role = feed.role.slug if feed.role else None
        ledger.append("feed.revoked", subject=feed.owner, by=by, at=at, role=role)


def feed_called(secret: str, *, at: datetime) -> Feed | None:
    """Return the feed at a secret address, marked as read.

    None where there is none, it was revoked, its owner left, or no longer sees the role's roster.
    """
    # the digest of 256 random bits is looked up: how long that takes tells nothing of the secret
    found = Feed.objects.filter(digest=_digest(secret), revoked_at=None)
    feed = found.select_related("owner", "role").first()
    if feed is None or not feed.owner.is_open:
        return None
    if feed.role and not _sees(feed.owner, feed.role):
        return None
    if feed.read_at is None or feed.read_at < at - READ_WITHIN:
        unmarked = Q(read_at=None) | Q(read_at__lt=at - READ_WITHIN)
        Feed.objects.filter(unmarked, pk=feed.pk).update(read_at=at)
    return feed


def feed_of(owner: User, role: Role | None) -> Feed | None:
    return Feed.objects.filter(owner=owner, role=role, revoked_at=None).first()


def address(secret: str) -> str:
    return f"{settings.BASE_URL}/on-call/feeds/{secret}.ics"


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _sees(owner: User, role: Role) -> bool:
    return access.rosters_of(owner).filter(pk=role.pk).exists()


# Written -----------------------------------------------------------------------------------------


def render(feed: Feed, at: datetime) -> bytes:
    """Return the feed as iCalendar (RFC 5545): a month back, and ahead as far as is planned.

    Nothing in it says when it was rendered, so that the same shifts are the same bytes.
    """
    since = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - BACK
    calendar = Calendar()
    calendar.add("prodid", "-//Recourse//On call//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    of = feed.role.name if feed.role else feed.owner.name
    calendar.add("x-wr-calname", vText(one_line(f"On call: {of}")))
    calendar.add("refresh-interval", vDuration(AGAIN), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(AGAIN))  # X-… has no type but the one given
    for shift in _shifts(feed, since, at):
        calendar.add_component(_event(shift, names_people=feed.role is not None))
    return bytes(calendar.to_ical())


def _shifts(feed: Feed, since: datetime, at: datetime) -> list[Shift]:
    """Return what is written out; a forecast may yet change and stays on the desk's own pages."""
    if feed.role:
        until = shifts.planned_until(feed.role)
        return shifts.between(feed.role, since, until) if until and until > since else []
    ends = Roster.objects.aggregate(latest=Max("planned_until"))["latest"] or at
    if ends <= since:
        return []
    found = Shift.objects.within(since, ends).filter(user=feed.owner)
    return list(found.select_related("role", "user").order_by("during", "role", "position"))


def _event(shift: Shift, *, names_people: bool) -> Event:
    position = POSITIONS.get(shift.position, f"position {shift.position}")
    said = f"On call: {shift.role.name} ({position})"
    event = Event()
    event.add("uid", uid(shift))
    event.add("dtstamp", _written_at(shift))
    event.add("dtstart", shift.since.astimezone(UTC))
    event.add("dtend", shift.until.astimezone(UTC))
    event.add("summary", one_line(f"{said}, {shift.user.name}" if names_people else said))
    event.add("transp", "TRANSPARENT")  # on call is not in a meeting
    return event


def uid(shift: Shift) -> str:
    """Return what names the shift for as long as its start, role, position and person stand."""
    facts = f"{shift.since.astimezone(UTC):%Y%m%dT%H%M%S} {shift.role_id} {shift.position}"
    named = hashlib.sha256(f"{facts} {shift.user_id}".encode()).hexdigest()[:32]
    return f"{named}@recourse"


def _written_at(shift: Shift) -> datetime:
    """Return when the row was made, which its id (version 7) says."""
    return datetime.fromtimestamp(int(shift.pk.hex[:12], 16) // 1000, UTC)
