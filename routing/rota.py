"""The demo's rosters, played through the doors that a manager uses."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from escalation import access, calendars, fields
from escalation.actors import OPERATOR
from escalation.demo import rota
from escalation.enums import Weekday
from escalation.models import Calendar, Conflict, Limit, OpenSpan, Role, User
from escalation.wallclock import instant, wall
from escalation.working_time import holidays_ahead
from reviewers import absences, overrides, rosters, swaps, training
from reviewers.enums import AbsenceKind, Advance, Kind, OverrideKind, Unit
from reviewers.models import DutyWindow, Layer, Notice, Profile, Turn

BEFORE = timedelta(days=10)  # rosters began before anything that the demo tells of
DAY = timedelta(days=1)


class Rota:
    """Staffs the demo's roles once; a role that has layers is left to whoever edits them."""

    def __init__(self, roles: dict[str, Role], people: dict[str, User], at: datetime) -> None:
        self.roles, self.people, self.at = roles, people, at

    def load(self) -> None:
        if Layer.objects.exists():
            return
        kept = {name: self.calendar(name) for name in rota.CALENDARS}
        for slug, facts in rota.ROLES.items():
            role = self.roles[slug]
            role.time_zone, role.categories = facts.zone, list(facts.categories)
            role.calendar = kept.get(facts.calendar)
            role.backup_role = self.roles.get(facts.backup)
            role.competences, role.least_on_shift = list(facts.competences), facts.least_on_shift
            role.save()
            Limit.objects.bulk_create(
                Limit(role=role, currency=currency, amount=amount)
                for currency, amount in facts.limits.items()
            )
        self.profiles()
        for slug, facts in rota.ROLES.items():
            roster = rosters.roster_of(self.roles[slug])
            roster.most_hours_a_week = facts.most_hours_a_week
            roster.save(update_fields=["most_hours_a_week"])
            for told in facts.layers:
                self.layer(self.roles[slug], told)
        Notice.objects.all().delete()  # each layer moved shifts of those before: no news to anybody
        self.exceptions()

    def calendar(self, name: str) -> Calendar:
        zone, country, spans = rota.CALENDARS[name]
        calendar = Calendar.objects.create(name=name, time_zone=zone, country=country)
        OpenSpan.objects.bulk_create(
            OpenSpan(
                calendar=calendar,
                weekday=Weekday(weekday),
                opens=fields.minutes(opens),
                closes=fields.minutes(closes),
            )
            for weekdays, opens, closes in spans
            for weekday in weekdays
        )
        year = self.at.year
        calendars.seed_holidays(calendar, [year, year + 1], by=OPERATOR, at=self.at)
        holidays_ahead.schedule(calendar, at=self.at)
        return calendar

    def profiles(self) -> None:
        for name, capacity in rota.CAPACITY.items():
            Profile.objects.create(
                user=self.people[name], capacity=capacity, languages=rota.LANGUAGES.get(name, [])
            )
        for told in rota.TRAINING:
            lapses = self.at + told.lapses_in * DAY if told.lapses_in else None
            training.certify(
                self.people[told.who],
                told.name,
                since=self.at - 360 * DAY,
                expires_at=lapses,
                by=OPERATOR,
                at=self.at,
            )
        who, tenant, reason = rota.CONFLICT
        Conflict.objects.create(user=self.people[who], tenant=tenant, reason=reason)
        manager = self.people["manager"]
        for slug in rota.MANAGES:
            access.grant(access.MANAGE, manager, self.roles[slug])
            access.grant(access.SUPERVISE, manager, self.roles[slug])
            access.grant(access.OVERTURN, manager, self.roles[slug])

    def layer(self, role: Role, told: rota.LayerOf) -> None:
        zone = told.zone or role.time_zone
        layer = Layer.objects.create(
            roster=rosters.roster_of(role),
            name=told.name,
            position=told.position,
            priority=told.priority,
            kind=Kind.SHIFTS if told.hours else Kind.HANDOFF,
            time_zone=zone,
            first_on=self.monday(zone, -7).date(),
            first_time=fields.minutes(told.starts),
            every=told.every,
            unit=Unit(told.unit),
            length_minutes=told.hours * 60 if told.hours else None,
            weekdays=list(told.weekdays),
            advance=Advance(told.advance),
        )
        for order, group in enumerate(told.turns, 1):
            turn = Turn.objects.create(layer=layer, order=order)
            turn.members.set([self.people[name] for name in group])
        for weekdays, opens, closes in told.windows:
            DutyWindow.objects.create(
                layer=layer,
                weekdays=list(weekdays),
                opens=fields.minutes(opens),
                closes=fields.minutes(closes),
            )
        rosters.publish(layer, by=OPERATOR, at=self.at - BEFORE)

    def exceptions(self) -> None:
        for told in rota.AWAY:
            user = self.people[told.who]
            absences.note(
                user,
                since=self.midnight(user.time_zone, told.day),
                until=self.midnight(user.time_zone, told.until_day),
                kind=AbsenceKind(told.kind),
                note=told.note,
                by=user,
                at=self.at,
            )
        slug, out, stand_in, day, reason = rota.STAND_IN
        morning = self.midnight(self.roles[slug].time_zone, day) + timedelta(hours=8)
        overrides.make(
            rosters.roster_of(self.roles[slug]),
            OverrideKind.REPLACE,
            since=morning,
            until=morning + timedelta(hours=4),
            out=self.people[out],
            stand_in=self.people[stand_in],
            reason=reason,
            by=self.people["manager"],
            at=self.at,
        )

        slug, asks, colleague, day, reason = rota.SWAP
        begins = self.midnight(self.roles[slug].time_zone, day) + timedelta(hours=9)
        swaps.ask(
            rosters.roster_of(self.roles[slug]),
            colleague=self.people[colleague],
            since=begins,
            until=begins + timedelta(hours=9),
            reason=reason,
            by=self.people[asks],
            at=self.at,
        )

    def monday(self, zone: str, days: int) -> datetime:
        """Return midnight of this week's Monday, and days on, on the wall of a zone."""
        today = wall(self.at, ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
        return today + (days - today.weekday()) * DAY

    def midnight(self, zone: str, days: int) -> datetime:
        return instant(self.monday(zone, days), ZoneInfo(zone))
