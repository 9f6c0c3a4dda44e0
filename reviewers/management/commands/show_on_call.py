import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from escalation import wallclock
from escalation.instants import instant_argument
from escalation.ledger import instant
from escalation.models import Role
from escalation.spans import Span
from reviewers import onduty, shifts, wording
from reviewers.models import Shift
from reviewers.onduty import OnDuty
from reviewers.timeline import position

LONGEST = timedelta(days=2 * 366)


class Command(BaseCommand):
    help = "Say who is on call for a role, who comes next, and where nobody is: what the page says."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", help="the role's slug, such as refunds-compliance")
        parser.add_argument("--at", type=instant_argument, metavar="INSTANT", help="instead of now")
        parser.add_argument(
            "--until", type=instant_argument, metavar="INSTANT", help="list the shifts until then"
        )
        parser.add_argument("--json", action="store_true", help="print JSON for programs")

    def handle(self, **options: Any) -> None:
        role, at, until = role_called(options["role"]), options["at"] or now(), options["until"]
        if until and until <= at:
            raise CommandError("--until is not after the time that is asked about.")
        if until and until - at > LONGEST:
            raise CommandError("At most two years are listed at once.")
        duty = onduty.look(role, at)
        listed = shifts.between(role, at, until) if until else []
        gaps = onduty.uncovered(role, listed, at, until) if until else []
        if options["json"]:
            self.stdout.write(json.dumps(as_json(duty, listed, gaps), ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(sentences(duty, until, listed, gaps)))


def role_called(slug: str) -> Role:
    """Return the role; raises CommandError that names those which are called alike."""
    if found := Role.objects.filter(slug=slug).select_related("calendar").first():
        return found
    slugs = list(Role.objects.values_list("slug", flat=True))
    near = get_close_matches(slug, slugs, n=3, cutoff=0.4)
    alike = f" Did you mean {' or '.join(near)}?" if near else ""
    raise CommandError(f"There is no role {slug}.{alike}")


# For people ----------------------------------------------------------------------------------------


def sentences(
    duty: OnDuty, until: datetime | None, listed: list[Shift], gaps: list[Span]
) -> Iterator[str]:
    zone = duty.role.time_zone
    yield f"{duty.role}, {_moment(duty.at, zone)}"
    if duty.is_without_primary and duty.away:
        away = " and ".join(map(str, duty.away))
        yield f"  Primary: nobody ({away} {'are' if duty.away[1:] else 'is'} away)."
    for shift in duty.on_call:
        forecast = " (forecast)" if shift.is_forecast else ""
        yield f"  {position(shift.position)}: {shift.user} until {_moment(shift.until, zone)}{forecast}."
    if not duty.on_call:
        ends = f" until {_moment(duty.until, zone)}" if duty.until else ""
        yield f"  Nobody is on call{ends}."
    for shift in duty.next:
        where = position(shift.position).lower()
        yield f"  Next: {shift.user}, {where}, from {_moment(shift.since, zone)}."
    if until is None:
        return
    yield f"Until {_moment(until, zone)}:"
    for shift in listed:
        forecast = " (forecast)" if shift.is_forecast else ""
        yield f"  {_span(shift.since, shift.until, zone)}  {position(shift.position)}: {shift.user}{forecast}"
    for since, end in gaps:
        yield f"  {_span(since, end, zone)}  nobody, {wording.hours(end - since)}"
    if not gaps:
        yield "  Somebody is there at all times."


def _moment(at: datetime, zone: str) -> str:
    """Return an instant in the role's zone, and in UTC where that is another clock."""
    there = at.astimezone(ZoneInfo(zone))
    said = f"{there:%a %-d %b %Y %H:%M} {zone}"
    return said if not there.utcoffset() else f"{said} ({at.astimezone(UTC):%H:%M} UTC)"


def _span(since: datetime, until: datetime, zone: str) -> str:
    return f"{wallclock.said(since, until, zone)} ({since.astimezone(UTC):%H:%M} UTC)"


# For programs --------------------------------------------------------------------------------------


def as_json(duty: OnDuty, listed: list[Shift], gaps: list[Span]) -> dict[str, Any]:
    return {
        "role": duty.role.slug,
        "at": instant(duty.at),
        "on_call": [_shift(shift) for shift in duty.on_call],
        "away": [str(user.pk) for user in duty.away],
        "until": instant(duty.until) if duty.until else None,
        "next": [_shift(shift) for shift in duty.next],
        "shifts": [_shift(shift) for shift in listed],
        "gaps": [{"since": instant(since), "until": instant(until)} for since, until in gaps],
    }


def _shift(shift: Shift) -> dict[str, Any]:
    return {
        "position": shift.position,
        "slot": shift.slot,
        "user": shift.user.username,
        "name": shift.user.name,
        "since": instant(shift.since),
        "until": instant(shift.until),
        "layer": str(shift.layer_id) if shift.layer_id else None,
        "override": str(shift.override_id) if shift.override_id else None,
        "forecast": shift.is_forecast,
    }
