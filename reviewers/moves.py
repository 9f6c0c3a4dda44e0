"""Whose next shift moved: people hear of that, not of every edit."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from escalation import wallclock
from escalation.actors import Actor, actor_id
from escalation.models import Role, User
from reviewers.enums import NoticeKind
from reviewers.models import Shift
from reviewers.notices import inbox


@dataclass(frozen=True)
class Next:
    """A person's next stretch on call, whichever layers and positions it is made of."""

    since: datetime
    until: datetime


def next_shifts(role: Role, at: datetime) -> dict[UUID, Next]:
    """Return each person's next stretch that begins after ``at``, joined where shifts meet."""
    found: dict[UUID, Next] = {}
    coming = Shift.objects.filter(role=role, during__startswith__gt=at).order_by("during")
    for user_id, during in coming.values_list("user_id", "during"):
        held = found.get(user_id)
        if held is None:
            found[user_id] = Next(during.lower, during.upper)
        elif during.lower <= held.until < during.upper:
            found[user_id] = Next(held.since, during.upper)
    return found


def tell(
    role: Role,
    before: dict[UUID, Next],
    after: dict[UUID, Next],
    *,
    planned: datetime,
    by: Actor,
    at: datetime,
) -> None:
    """Tell those whose next shift is another now, but not who moved it themselves.

    What only came into sight because the plan reaches further is no news.
    """
    moved = {
        user_id: (before.get(user_id), after.get(user_id))
        for user_id in before.keys() | after.keys()
        if actor_id(by) != f"user:{user_id}"
        and _is_news(before.get(user_id), after.get(user_id), planned)
    }
    for user in User.objects.filter(pk__in=moved):
        inbox.tell(
            user,
            NoticeKind.SHIFT,
            about=f"shift:{role.pk}:{at.isoformat()}",
            text=_sentence(role, user.time_zone, *moved[user.pk]),
            path=f"/on-call/{role.slug}/",
            at=at,
        )


def _is_news(was: Next | None, now: Next | None, planned: datetime) -> bool:
    if was is None or now is None:
        return was is not None or (now is not None and now.since < planned)
    longer = was.since == now.since and now.until > planned
    return was != now and not longer


def _sentence(role: Role, zone: str, was: Next | None, now: Next | None) -> str:
    before = wallclock.said(was.since, was.until, zone) if was else ""
    if now is None:
        return f"You are no longer on call for {role} {before}."
    after = wallclock.said(now.since, now.until, zone)
    if was is None:
        return f"You are on call for {role} {after}."
    return f"Your next shift for {role} is now {after}; it was {before}."
