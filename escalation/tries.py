"""Guessing is slow: who tried in vain too often waits, and waits longer each time.

Counted in PostgreSQL, so that it holds across web processes and restarts and does without Redis. A
try is counted before it is looked at: a hundred guesses at one instant are a hundred guesses. While
somebody waits nothing more is counted, so a wait ends, however often it is run against.

A name that strangers hammer is closed to strangers only. A browser in which its person has signed
in before has a count of its own, and a passkey or single sign-on asks for no password at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from escalation.models import Tries

FORGOTTEN = timedelta(hours=1)  # after so long without a try, counting starts anew
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)


class TooManyTries(Exception):
    """Nothing was looked at; ``until`` is when the next try is."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"Too many tries; the next is at {until.isoformat()}.")
        self.until = until


@dataclass(frozen=True)
class Door:
    """What is counted together: ``free`` tries in vain cost nothing, then each doubles the wait.

    With ``shared`` many people come through it, such as an address: who gets in takes back their
    own try and leaves the others' as they are.
    """

    kind: str
    of: str
    free: int
    shared: bool = False

    @property
    def key(self) -> str:
        return salted_hmac(
            "recourse.tries", f"{self.kind}:{self.of}", algorithm="sha256"
        ).hexdigest()

    def opens_at(self, tries: Tries) -> datetime:
        """Return when the next try is, given those so far; in the past when it is now."""
        beyond = tries.count - self.free
        if beyond < 0:
            return tries.last_at
        wait: timedelta = min(FIRST_WAIT * 2 ** min(beyond, 10), LONGEST_WAIT)
        return tries.last_at + wait


@transaction.atomic
def count(doors: Iterable[Door], *, at: datetime) -> None:
    """Count one try at each of ``doors``, or none and raise TooManyTries when one is closed."""
    found = [(door, _locked(door, at)) for door in sorted(doors, key=lambda door: door.key)]
    closed = [door.opens_at(tries) for door, tries in found if door.opens_at(tries) > at]
    if closed:
        raise TooManyTries(max(closed))
    for _, tries in found:
        tries.count, tries.last_at = tries.count + 1, at
        tries.save(update_fields=["count", "last_at"])


@transaction.atomic
def succeeded(doors: Iterable[Door], *, at: datetime) -> None:
    """Forget what was tried at the person's own doors, and what nobody needs to know any more."""
    for door in sorted(doors, key=lambda door: door.key):
        if not door.shared:
            Tries.objects.filter(key=door.key).update(count=0)
        elif tries := Tries.objects.select_for_update().filter(key=door.key, count__gt=0).first():
            tries.count -= 1
            tries.save(update_fields=["count"])
    stale = Tries.objects.select_for_update(skip_locked=True).filter(last_at__lt=at - FORGOTTEN)
    Tries.objects.filter(pk__in=list(stale.values_list("pk", flat=True)[:1000])).delete()


def _locked(door: Door, at: datetime) -> Tries:
    """Return the door's row, locked until the transaction ends; one that is stale starts anew."""
    tries, _ = Tries.objects.select_for_update().get_or_create(
        key=door.key, defaults={"count": 0, "last_at": at}
    )
    if tries.last_at < at - FORGOTTEN:
        tries.count = 0
    return tries
