"""Who is signed in where: sessions are listed, and ended by deleting them from the store."""

from collections.abc import Iterator
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest

from escalation import ledger
from escalation.actors import Actor
from escalation.models import User


def keys_of(user: User, at: datetime) -> Iterator[str]:
    """Yield the key of each session in which ``user`` is signed in, listed or not.

    Reads every session of the desk: a session does not say in a column whose it is. It is asked
    when somebody leaves or ends the others, a few times a day at most.
    """
    for session in Session.objects.filter(expire_date__gt=at).iterator(chunk_size=500):
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            yield session.session_key


@transaction.atomic
def end_all(user: User, *, by: Actor, at: datetime, keep: str | None = None) -> int:
    """End every session of ``user`` but the one whose key is ``keep``; return how many."""
    ended = [key for key in keys_of(user, at) if key != keep]
    _delete(ended)
    UserSession.objects.filter(user=user).exclude(session_key=keep or "").delete()
    if ended:
        ledger.append("user.sessions_ended", subject=user, by=by, at=at, sessions=len(ended))
    return len(ended)


@transaction.atomic
def end_one(user: User, listed: int, *, by: Actor, at: datetime) -> bool:
    """End the session of ``user`` that is listed under this number; False when there is none."""
    found = UserSession.objects.select_for_update().filter(user=user, pk=listed).first()
    if found is None:
        return False
    _delete([found.session_key])
    found.delete()
    ledger.append("user.sessions_ended", subject=user, by=by, at=at, sessions=1)
    return True


def listed(user: User, at: datetime) -> list[UserSession]:
    """Return the sessions of ``user`` that still hold, newest first; the others are forgotten."""
    found = list(UserSession.objects.filter(user=user).order_by("-created_at"))
    alive = set(
        Session.objects.filter(
            session_key__in=[each.session_key for each in found], expire_date__gt=at
        ).values_list("session_key", flat=True)
    )
    return [each for each in found if each.session_key in alive]


def renamed(before: str | None, request: HttpRequest) -> None:
    """Keep a session on the list whose key changed, as it does with a new password."""
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


def clear_expired(at: datetime) -> None:
    """Forget sessions that ran out; nothing else does. Called when somebody signs in."""
    Session.objects.filter(expire_date__lt=at).delete()


def _delete(keys: list[str]) -> None:
    Session.objects.filter(session_key__in=keys).delete()
