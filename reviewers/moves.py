"""Whose next shift moved: people hear of that, not of every edit."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from escalation import wallclock
from escalation.actors import Actor, actor_id
from escalation.models import Role, User
from reviewers import notices
from reviewers.enums import NoticeKind
from reviewers.models import Shift


@dataclass(frozen=True)
class Next:
    """A person's next stretch on call, whichever layers and positions it is made of."""

    user: User
    since: datetime
    until: datetime


def next_shifts(role: Role, at: datetime) -> dict[UUID, Next]:
    """Return each person's next stretch that begins after ``at``, joined where shifts meet."""
    found: dict[UUID, Next] = {}
    coming = Shift.objects.filter(role=role, during__startswith__gt=at).select_related("user")
    for shift in coming.order_by("during"):
        held = found.get(shift.user_id)
        if held is None:
            found[shift.user_id] = Next(shift.user, shift.since, shift.until)
        elif shift.since <= held.until < shift.until:
            found[shift.user_id] = Next(shift.user, held.since, shift.until)
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
    for user_id in before.keys() | after.keys():
        was, now = before.get(user_id), after.get(user_id)
        if (was and now and (was.since, was.until) == (now.since, now.until)) or (
            was is None and now and now.since >= planned
        ):
            continue
        if was and now and was.since == now.since and now.until > planned:
            continue
        someone = was or now
        if someone and actor_id(by) != f"user:{user_id}":
            notices.tell(
                someone.user,
                NoticeKind.SHIFT,
                about=f"shift:{role.pk}:{at.isoformat()}",
                text=_sentence(role, was, now),
                path=f"/on-call/{role.slug}/",
                at=at,
            )


def _sentence(role: Role, was: Next | None, now: Next | None) -> str:
    if now is None:
        assert was
        return f"You are no longer on call for {role} {_when(was)}."
    if was is None:
        return f"You are on call for {role} {_when(now)}."
    return f"Your next shift for {role} is now {_when(now)}; it was {_when(was)}."


def _when(shift: Next) -> str:
    return wallclock.said(shift.since, shift.until, shift.user.time_zone)
