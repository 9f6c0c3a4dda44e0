"""How a person would be told now, in words: by stakes, which ways in which order, and when. Pure.

What sending itself does stands in ``notifications.turns`` and ``notices.inbox``; this says it beforehand.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from escalation.enums import Stakes
from escalation.fields import clock
from escalation.wallclock import wall
from reviewers import quiet
from reviewers.enums import ContactKind
from reviewers.models import ContactPoint

COMMON = (ContactKind.EMAIL, ContactKind.PHONE, ContactKind.WEBHOOK, ContactKind.PUSH)
NOT_SET_UP = gettext_lazy("On this desk only. What you named is not set up here.")
HERE_ONLY = gettext_lazy("On this desk only.")


@dataclass(frozen=True)
class Wishes:
    """What a person asked for. ``offered`` are the kinds of ways that this desk is set up for."""

    ways: Sequence[ContactPoint]  # in their order
    offered: Collection[ContactKind]
    quiet: tuple[quiet.Span, ...]
    digest_at: int | None
    zone: ZoneInfo

    def used(self, stakes: str) -> list[ContactPoint]:
        """Return the ways for some stakes as they are tried: what is dead comes last."""
        found = [way for way in self.ways if stakes in way.stakes and way.kind in self.offered]
        return sorted(found, key=lambda way: way.dead_since is not None)


@dataclass(frozen=True)
class Told:
    stakes: Stakes
    said: str
    reached: bool  # by something that works


def now_told(wishes: Wishes) -> list[Told]:
    """Return a line for each stakes, the highest first."""
    return [_told(wishes, stakes) for stakes in reversed(Stakes)]


def _told(wishes: Wishes, stakes: Stakes) -> Told:
    ways = wishes.used(stakes)
    if not ways:
        named = any(stakes in way.stakes for way in wishes.ways)
        return Told(stakes, str(NOT_SET_UP if named else HERE_ONLY), False)
    living = [way for way in ways if way.dead_since is None]
    dead = [way for way in ways if way.dead_since is not None]
    said = [f"{_begun(_(', then ').join(_names(living, ways)))}."] if living else []
    if dead and living:
        more = ngettext(
            "%(ways)s does not work now, and is tried last.",
            "%(ways)s do not work now, and are tried last.",
            len(dead),
        )
        said.append(more % {"ways": _begun(_listed(_names(dead, ways)))})
    elif dead:
        none = ngettext("%(ways)s does not work now.", "%(ways)s do not work now.", len(dead))
        said.append(none % {"ways": _begun(_listed(_names(dead, ways)))})
    if stakes == Stakes.LOW and wishes.digest_at is not None:
        said.append(_("Once a day, at %(time)s.") % {"time": clock(wishes.digest_at)})
    return Told(stakes, " ".join(said), bool(living))


def works(way: ContactPoint, offered: Collection[ContactKind]) -> bool:
    return way.kind in offered and way.dead_since is None


def reached_by(ways: Iterable[ContactPoint], offered: Collection[ContactKind]) -> str:
    """Return by what somebody is reached outside the desk, for whoever supervises them."""
    held = list(ways)
    if not held:
        return _("the desk only")
    kinds = [str(way.get_kind_display()) for way in held if works(way, offered)]
    return ", ".join(dict.fromkeys(kinds)) or _("nothing that works")


def quiet_now(wishes: Wishes, at: datetime) -> str:
    """Return until when the person is not disturbed; empty where they may be now."""
    until = quiet.over_at(at, wishes.quiet, wishes.zone)
    if until == at:
        return ""
    if until is None:
        return _("Quiet at every hour. Only what policy lets break through comes.")
    local, today = wall(until, wishes.zone), wall(at, wishes.zone)
    said = _("Quiet until %(time)s. Only what policy lets break through comes before.")
    if (local.date() - today.date()).days > 1:
        said = _(
            "Quiet until %(time)s on %(day)s. Only what policy lets break through comes before."
        )
    return said % {"time": f"{local:%H:%M}", "day": date_format(local, "l")}


def _names(some: Sequence[ContactPoint], ways: Sequence[ContactPoint]) -> list[str]:
    """Return what ways are called in a sentence; two of a kind are told apart by where they lead."""
    kinds = [way.kind for way in ways]
    return [_named(way) if kinds.count(way.kind) == 1 else f"{_named(way)} ({way.shown})"
            for way in some]  # fmt: skip


def _named(way: ContactPoint) -> str:
    """Return the kind of a way within a sentence: a name keeps its capital."""
    name = str(way.get_kind_display())
    return name.lower() if way.kind in COMMON else name


def _listed(names: Sequence[str]) -> str:
    *before, last = names
    if not before:
        return last
    return _("%(names)s and %(last)s") % {"names": ", ".join(before), "last": last}


def _begun(text: str) -> str:
    return text[0].upper() + text[1:]
