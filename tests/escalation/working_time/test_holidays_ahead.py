"""Holidays that run out before a deadline does."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command

from escalation import access, calendars, clocks, effects
from escalation.actors import OPERATOR
from escalation.enums import EffectKind
from escalation.models import Clock, Effect, Event, Holiday
from escalation.working_time import holidays_ahead
from reviewers import jobs
from reviewers.models import Notice
from tests.factories import handed_off_case, make_calendar, make_role, make_user

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
WEEK = [(day, 9 * 60, 17 * 60) for day in range(5)]
SAID = (
    "The holidays of calendar Oslo desk are listed until 31 December 2026, and are needed until "
    "19 January 2027: later deadlines fall on holidays. Fill in the next years on its page."
)


@pytest.fixture
def calendar():
    calendar = make_calendar(*WEEK, name="Oslo desk", time_zone="Europe/Oslo", country="NO")
    calendars.seed_holidays(calendar, [2026], by=OPERATOR, at=AT)
    return calendar


@pytest.fixture
def role(calendar):
    return make_role("refunds", calendar=calendar)


def years(calendar):
    return sorted({one.date.year for one in calendar.holidays.all()})


def test_holidays_that_end_within_sixty_days_are_warned_of(role, capsys):
    assert holidays_ahead.warnings(at=AT) == [SAID]
    assert holidays_ahead.warnings(at=AT - timedelta(days=60)) == []


def test_the_warning_stands_in_readyz_and_among_what_the_operator_is_told(role, client, capsys):
    Holiday.objects.all().delete()

    call_command("say_warnings")

    assert "The holidays of calendar Oslo desk are listed until" in capsys.readouterr().out
    assert client.get("/readyz").json()["warnings"] >= 1


def test_a_deadline_far_ahead_needs_holidays_sixty_days_beyond_it(role, calendar):
    calendars.seed_holidays(calendar, [2027], by=OPERATOR, at=AT)
    case = handed_off_case(role)
    Clock.objects.filter(case=case).update(due_at=datetime(2027, 11, 10, tzinfo=UTC))

    (shortage,) = holidays_ahead.shortages(at=AT)

    assert (shortage.until, shortage.needed) == (date(2028, 1, 1), date(2028, 1, 9))


@pytest.mark.parametrize(
    ("country", "holidays", "warned"),
    [
        ("", [], False),
        ("", [date(2026, 12, 24)], True),
        ("", [date(2026, 12, 24), date(2027, 12, 24)], False),
        ("NO", [date(2026, 12, 24), date(2027, 1, 1)], True),  # typed: none is from the list
    ],
)
def test_a_calendar_needs_holidays_where_it_has_some_or_names_a_country(country, holidays, warned):
    own = make_calendar(*WEEK, country=country)
    make_role("refunds", calendar=own)
    for day in holidays:
        Holiday.objects.create(calendar=own, date=day, name="Day off")

    assert bool(holidays_ahead.warnings(at=AT)) is warned


def test_a_calendar_that_no_role_works_by_is_no_matter(calendar):
    assert holidays_ahead.warnings(at=AT) == []


def test_the_next_year_fills_itself_in_once_and_leaves_what_is_listed(role, calendar):
    Holiday.objects.create(calendar=calendar, date=date(2027, 1, 1), name="Ours", kept=False)

    first = holidays_ahead.look_at(calendar, at=AT)
    count = calendar.holidays.count()
    again = holidays_ahead.look_at(calendar, at=AT + timedelta(days=1))

    assert (first, again, years(calendar), calendar.holidays.count()) == (
        None,
        None,
        [2026, 2027],
        count,
    )
    assert [(one.name, one.kept) for one in calendar.holidays.filter(date=date(2027, 1, 1))] == [
        ("Ours", False)
    ]
    last = Event.objects.filter(action="calendar.changed").order_by("id").last()
    assert Event.objects.filter(action="calendar.changed").count() == 2
    assert "2027-12-25" in str(last.body)
    effect = Effect.objects.get(kind=EffectKind.HOLIDAYS, target=calendar.pk)
    assert effect.due_at == AT + timedelta(days=2)


def test_cases_that_run_keep_the_hours_that_they_came_with(role, calendar):
    before = clocks.freeze([role])[role.pk]

    holidays_ahead.look_at(calendar, at=AT)

    before.refresh_from_db()
    role.refresh_from_db()
    assert before.digest != clocks.freeze([role])[role.pk].digest
    assert "2027-01-01" not in before.facts["holidays"]


def test_what_nobody_but_a_manager_can_fill_in_is_told_to_them_once_a_year(role, calendar):
    boss = make_user("boss")
    access.grant(access.MANAGE, boss, role)
    calendar.country = ""
    calendar.save(update_fields=["country"])
    now = datetime.now(UTC)
    Holiday.objects.filter(date__year__gt=2026).delete()
    Holiday.objects.create(calendar=calendar, date=date(now.year - 1, 5, 1), name="May")
    Holiday.objects.filter(date__year__gte=now.year).delete()

    for hour in range(2):
        holidays_ahead.schedule(calendar, at=now - timedelta(hours=1))
        claims = effects.claim(EffectKind.HOLIDAYS, at=now + timedelta(hours=hour))
        jobs.look_at_holidays({str(one.id): one.number for one in claims})

    (notice,) = Notice.objects.filter(user=boss)
    assert notice.text.startswith("The holidays of calendar Oslo desk are listed until")
    assert notice.path == f"/admin/escalation/calendar/{calendar.pk}/change/"
