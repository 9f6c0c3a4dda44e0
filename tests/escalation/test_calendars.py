"""Calendars as managers keep them: typed hours, holidays filled in, the page of the administration."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission

from escalation import access, calendars, ledger
from escalation.actors import OPERATOR
from escalation.errors import CalendarRefused
from escalation.hours import open_spans
from escalation.models import Calendar, Event, Holiday, OpenSpan, Role, SpecialDay
from tests.factories import NINE, make_role, make_user

pytestmark = pytest.mark.django_db
CHRISTMAS = date(2026, 12, 25)


def make_calendar(name="Oslo desk", *, zone="Europe/Oslo", country="NO", region=""):
    calendar = Calendar.objects.create(name=name, time_zone=zone, country=country, region=region)
    OpenSpan.objects.bulk_create(
        OpenSpan(calendar=calendar, weekday=day, opens=540, closes=1020) for day in range(5)
    )
    return calendar


def seed(calendar, *years):
    return calendars.seed_holidays(calendar, years or [2026], by=OPERATOR, at=NINE)


def works_on(calendar, day):
    ten = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
    return bool(open_spans(calendars.hours_of(calendar), ten, ten + timedelta(hours=1)))


def changes():
    found = Event.objects.filter(action="calendar.changed").order_by("id")
    return [ledger.Line.of(event).facts["changes"] for event in found]


# What is typed -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", ()),
        ("  ", ()),
        ("09:00-12:00, 13:00-24:00", ((540, 720), (780, 1440))),
        ("9:00 – 12:00", ((540, 720),)),
        ("22:00-06:00", ((1320, 360),)),
        ("22:00-00:00", ((1320, 1440),)),
        ("13:00-14:00,09:00-12:00", ((780, 840), (540, 720))),
        ("09:00-12:00,12:00-13:00", ((540, 720), (720, 780))),
    ],
)
def test_hours_are_read_as_people_write_them(text, spans):
    assert calendars.parse_hours(text) == spans


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("9-5", "“9-5” is not a span of hours; write 09:00-12:00, 13:00-16:00."),
        ("09:00-12:00,", "“” is not a span of hours; write 09:00-12:00, 13:00-16:00."),
        ("09:00-25:00", "“09:00-25:00” names no time of day; the latest is 24:00."),
        ("24:00-06:00", "Nothing opens at 24:00; write 00:00 on the next day."),
        ("09:00-12:00, 11:59-13:00", "09:00-12:00 and 11:59-13:00 overlap."),
        ("22:00-06:00, 23:00-23:30", "22:00-06:00 and 23:00-23:30 overlap."),
    ],
)
def test_hours_that_are_none_are_refused_with_a_sentence(text, said):
    with pytest.raises(CalendarRefused) as refusal:
        calendars.parse_hours(text)

    assert str(refusal.value) == said


def test_years_are_read_and_bounded():
    assert calendars.parse_years("2026-2028, 2030") == [2026, 2027, 2028, 2030]
    for text in ("x", "", "2028-2026", "1990", "2000-2050", "9999999"):
        with pytest.raises(CalendarRefused):
            calendars.parse_years(text)


@pytest.mark.parametrize(
    ("country", "region", "meant"),
    [
        ("UK", "", "GB (United Kingdom)"),
        ("XZ", "", "XK (Kosovo)"),
        ("DE", "Bayern", "Did you mean BY (Bayern)"),
        ("DE", "BX", "BY (Bayern)"),
        ("IS", "X", "Iceland has no regions; leave it empty."),
        ("", "BY", "A region needs its country."),
    ],
)
def test_an_unknown_place_is_refused_with_what_was_probably_meant(country, region, meant):
    with pytest.raises(CalendarRefused) as refusal:
        calendars.check_place(country, region)

    assert meant in str(refusal.value)


# Public holidays ---------------------------------------------------------------------------------


def test_holidays_are_filled_in_and_close_their_days():
    calendar = make_calendar()

    seeded = seed(calendar)

    christmas = Holiday.objects.get(date=CHRISTMAS)
    assert (christmas.name, christmas.kept, christmas.source) == (
        "Christmas Day",
        True,
        calendars.SOURCE,
    )
    assert calendars.SOURCE.startswith("holidays 0.")
    assert (len(seeded.added), seeded.known) == (Holiday.objects.count(), 0)
    assert {one.date.year for one in seeded.added} == {2026}
    assert not works_on(calendar, CHRISTMAS)
    assert works_on(calendar, date(2026, 12, 23))


def test_a_region_has_holidays_of_its_own():
    bavaria, berlin = (
        make_calendar(code, zone="Europe/Berlin", country="DE", region=code)
        for code in ("BY", "BE")
    )

    seed(bavaria), seed(berlin)

    epiphany = date(2026, 1, 6)
    assert bavaria.holidays.filter(date=epiphany).exists()
    assert not berlin.holidays.filter(date=epiphany).exists()


def test_filling_in_again_never_touches_what_the_manager_has_edited():
    calendar = make_calendar()
    seed(calendar)
    calendar.holidays.filter(date=CHRISTMAS).update(kept=False)
    calendar.holidays.filter(date=date(2026, 5, 1)).update(name="Labour day, desk closed")
    own = Holiday.objects.create(calendar=calendar, date=date(2027, 5, 17), name="Our picnic")

    again, later = seed(calendar), seed(calendar, 2026, 2027)

    assert again.added == [] and again.known > 0
    assert {one.date.year for one in later.added} == {2027}
    assert not calendar.holidays.get(date=CHRISTMAS).kept
    assert calendar.holidays.get(date=date(2026, 5, 1)).name == "Labour day, desk closed"
    own.refresh_from_db()
    assert (own.name, own.source) == ("Our picnic", "")
    assert works_on(calendar, CHRISTMAS)


def test_filling_in_is_on_the_record_once():
    calendar = make_calendar()

    seed(calendar), seed(calendar)

    ((holidays),) = changes()
    assert "2026-12-25 Christmas Day" in holidays["holidays"]["added"]
    assert holidays["holidays"]["source"] == calendars.SOURCE


@pytest.mark.parametrize(("country", "region"), [("", ""), ("XZ", ""), ("DE", "XX")])
def test_a_place_without_known_holidays_fills_in_nothing(country, region):
    calendar = make_calendar(country=country, region=region)

    with pytest.raises(CalendarRefused):
        seed(calendar)

    assert (Holiday.objects.count(), changes()) == (0, [])


def test_the_version_of_the_hours_changes_with_what_they_are_and_with_nothing_else():
    calendar = make_calendar()
    before = calendars.hours_of(calendar).version

    Calendar.objects.update(name="Another name")
    Holiday.objects.create(calendar=calendar, date=CHRISTMAS, name="Off", kept=False)
    assert calendars.hours_of(calendar).version == before

    Holiday.objects.update(kept=True)
    assert calendars.hours_of(calendar).version != before


def test_a_special_day_goes_before_a_holiday():
    calendar = make_calendar()
    seed(calendar)
    SpecialDay.objects.create(calendar=calendar, date=CHRISTMAS, name="Sale", hours="10:00-12:00")
    since = datetime(2026, 12, 25, tzinfo=UTC)

    found = open_spans(calendars.hours_of(calendar), since, since + timedelta(days=1))

    assert found == [(since.replace(hour=9), since.replace(hour=11))]


# The page of the administration ------------------------------------------------------------------

ADD = "/admin/escalation/calendar/add/"


def manager(*names):
    user = make_user(is_staff=True, first_name="Ida")
    codenames = names or ("add_calendar", "change_calendar", "view_calendar")
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


def page(*, spans=(), holidays=(), special=(), **fields):
    """Return what the form posts: rows are dicts, of saved ones with their id."""
    given = {"name": "Desk", "time_zone": "Europe/Oslo", "country": "", "region": "", "years": ""}
    posted = given | fields
    for prefix, rows in (("spans", spans), ("holidays", holidays), ("special_days", special)):
        posted[f"{prefix}-TOTAL_FORMS"] = len(rows)
        posted[f"{prefix}-INITIAL_FORMS"] = sum("id" in row for row in rows)
        for n, row in enumerate(rows):
            posted |= {f"{prefix}-{n}-{name}": value for name, value in row.items()}
    return posted


def span(weekday, opens, closes, **more):
    return {"weekday": weekday, "opens": opens, "closes": closes} | more


def errors(answer):
    """Return every sentence that the page shows, of the form and of its rows."""
    context = answer.context
    found = [*context["adminform"].form.errors.values()]
    for inline in context["inline_admin_formsets"]:
        found.append(inline.formset.non_form_errors())
        found += [each for row in inline.formset.errors for each in row.values()]
    return [str(said) for each in found for said in each]


def test_a_calendar_is_made_with_hours_to_24_and_its_holidays(as_user):
    user = manager()
    posted = page(
        spans=[span(4, "22:00", "06:00"), span(5, "13:00", "24:00"), span(6, "10:00", "00:00")],
        special=[{"date": "2026-12-24", "name": "Short", "hours": "09:00-12:00"}],
        country="no",
        years="2026",
    )

    answer = as_user(user).post(ADD, posted)

    assert answer.status_code == 302, errors(answer)
    calendar = Calendar.objects.get()
    assert calendar.country == "NO"
    assert [str(one) for one in calendar.spans.all()] == [
        "Friday 22:00-06:00",
        "Saturday 13:00-24:00",
        "Sunday 10:00-24:00",
    ]
    assert calendar.holidays.get(date=CHRISTMAS).source == calendars.SOURCE
    made, filled = changes()
    assert made["name"] == {"from": "", "to": "Desk"}
    assert made["special_days"] == {"added": ["2026-12-24 Short: 09:00-12:00"]}
    assert "2026-12-25 Christmas Day" in filled["holidays"]["added"]
    assert set(Event.objects.values_list("actor", flat=True)) == {f"user:{user.pk}"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"spans": [span(0, "09:00", "17:00"), span(0, "16:00", "20:00")]},
            "Monday 09:00-17:00 and 16:00-20:00 overlap.",
        ),
        ({"spans": [span(0, "9", "17:00")]}, "Give a time of day such as 09:30, at most 24:00."),
        (
            {"spans": [span(0, "24:00", "06:00")]},
            "Nothing opens at 24:00; choose 00:00 on the next day.",
        ),
        ({"time_zone": "Mars/Base"}, "Mars/Base is not a time zone; try Europe/London."),
        (
            {"special": [{"date": "2026-12-24", "name": "Short", "hours": "noon"}]},
            "“noon” is not a span of hours; write 09:00-12:00, 13:00-16:00.",
        ),
        ({"region": "BY"}, "A region needs its country."),
        ({"years": "soon", "country": "NO"}, "“soon” is not a year; write 2026 or 2026-2028."),
        ({"years": "2026"}, "Give a country first: its public holidays are filled in."),
    ],
)
def test_what_makes_no_calendar_is_asked_for_again(given, said, as_user):
    posted = page(**({"spans": [span(0, "09:00", "17:00")]} | given))

    answer = as_user(manager()).post(ADD, posted)

    assert said in errors(answer)
    assert (Calendar.objects.count(), OpenSpan.objects.count(), changes()) == (0, 0, [])


@pytest.mark.parametrize(
    "special", [[], [{"date": "2026-12-24", "name": "Closed all day", "hours": ""}]]
)
def test_a_calendar_that_never_opens_is_refused(special, as_user):
    answer = as_user(manager()).post(ADD, page(special=special))

    (said,) = errors(answer)
    assert said.startswith("With these hours the calendar never opens")
    assert Calendar.objects.count() == 0


def test_taking_away_the_last_hours_is_refused(as_user):
    calendar = Calendar.objects.create(name="Desk")
    only = OpenSpan.objects.create(calendar=calendar, weekday=0, opens=540, closes=1020)
    row = span(0, "09:00", "17:00", id=only.pk, calendar=calendar.pk, DELETE="on")

    answer = as_user(manager()).post(change_page(calendar), page(spans=[row]))

    assert answer.status_code == 200
    assert "never opens" in errors(answer)[0]
    assert list(calendar.spans.all()) == [only]


def change_page(calendar):
    return f"/admin/escalation/calendar/{calendar.pk}/change/"


def saved_page(calendar, **changed):
    """Return the page of a saved calendar as it stands, with its holidays by their name changed."""
    spans = [
        span(
            one.weekday,
            f"{one.opens // 60:02}:00",
            f"{one.closes // 60:02}:00",
            id=one.pk,
            calendar=calendar.pk,
        )
        for one in calendar.spans.all()
    ]
    holidays = [
        {"id": one.pk, "calendar": calendar.pk, "date": one.date, "name": one.name, "kept": "on"}
        | changed.pop(one.name, {})
        for one in calendar.holidays.all()
    ]
    place = {"country": calendar.country, "region": calendar.region, "name": calendar.name}
    return page(spans=spans, holidays=holidays, **place, **changed)


def test_a_holiday_from_the_public_list_is_switched_off_and_not_deleted(as_user):
    calendar = make_calendar()
    seed(calendar)
    browser = as_user(manager())

    refused = browser.post(
        change_page(calendar), saved_page(calendar, **{"Christmas Day": {"DELETE": "on"}})
    )
    saved = browser.post(
        change_page(calendar), saved_page(calendar, **{"Christmas Day": {"kept": ""}})
    )

    assert "Switch “kept” off instead." in errors(refused)[0]
    assert saved.status_code == 302
    assert not calendar.holidays.get(date=CHRISTMAS).kept
    assert changes()[-1] == {
        "holidays": {
            "removed": ["2026-12-25 Christmas Day"],
            "added": ["2026-12-25 Christmas Day (not kept)"],
        }
    }


def test_saving_without_a_change_is_no_event(as_user):
    calendar = make_calendar()

    answer = as_user(manager()).post(change_page(calendar), saved_page(calendar))

    assert (answer.status_code, changes()) == (302, [])


def test_the_page_shows_the_next_four_weeks(as_user):
    calendar = make_calendar()
    seed(calendar, datetime.now(UTC).year)

    answer = as_user(manager()).get(change_page(calendar))

    weeks = answer.context["weeks"]
    assert [len(week) for week in weeks] == [7] * 4
    assert {day.said for week in weeks for day in week[5:]} == {""}
    assert "The next four weeks" in answer.content.decode()
    assert (
        "style="
        not in answer.content.decode().partition("weeks-ahead")[2].partition("</section")[0]
    )


def test_the_weeks_ahead_say_what_is_open_and_why_not():
    calendar = make_calendar()
    seed(calendar)
    OpenSpan.objects.create(calendar=calendar, weekday=6, opens=1320, closes=360)

    hours, names = calendars.hours_of(calendar), calendars.names_of(calendar)
    (week,) = calendars.days_ahead(hours, names, datetime(2026, 12, 23, 12, tzinfo=UTC), weeks=1)

    assert [(day.date.day, day.said, day.name) for day in week] == [
        (21, "00:00–06:00, 09:00–17:00", ""),
        (22, "09:00–17:00", ""),
        (23, "09:00–17:00", ""),
        (24, "09:00–17:00", ""),
        (25, "", "Christmas Day"),
        (26, "", "Second Day of Christmas"),
        (27, "22:00–24:00", ""),
    ]


def test_times_are_shown_and_typed_as_a_clock_shows_them(as_user):
    calendar = Calendar.objects.create(name="Night")
    OpenSpan.objects.create(calendar=calendar, weekday=4, opens=1320, closes=1440)

    html = as_user(manager()).get(change_page(calendar)).content.decode()

    inputs = re.findall(r'<input type="(\w+)" name="spans-0-(opens|closes)" value="([^"]*)"', html)
    assert inputs == [("text", "opens", "22:00"), ("text", "closes", "24:00")]


def test_the_weeks_ahead_follow_what_is_typed_and_nothing_is_saved(as_user):
    calendar = make_calendar()
    browser = as_user(manager())
    monday = datetime.now(UTC).date() + timedelta(days=7 - datetime.now(UTC).weekday())
    day_off = {"date": str(monday), "name": "Moving house", "kept": "on"}
    special = {
        "date": str(monday + timedelta(days=5)),
        "name": "Stocktaking",
        "hours": "08:00-24:00",
    }
    typed = page(spans=[span(0, "10:00", "12:00")], holidays=[day_off], special=[special])

    for address in (change_page(calendar), ADD):
        answer = browser.post(address, typed | {"_look": "1"})
        week = answer.context["weeks"][1]
        assert [(day.said, day.name) for day in week if day.said or day.name] == [
            ("", "Moving house"),
            ("08:00–24:00", "Stocktaking"),
        ]
        assert answer.context["weeks"][2][0].said == "10:00–12:00"
        assert "as typed" in answer.content.decode()

    assert (Calendar.objects.count(), calendar.spans.count(), Holiday.objects.count()) == (1, 5, 0)
    assert changes() == []


def test_the_weeks_ahead_wait_for_what_makes_sense_and_for_those_who_may(as_user):
    calendar = make_calendar()
    nonsense = page(spans=[span(0, "noon", "12:00")]) | {"_look": "1"}

    answer = as_user(manager()).post(change_page(calendar), nonsense)

    assert answer.status_code == 200
    assert "once what is typed makes sense" in answer.content.decode()
    reader = as_user(manager("view_calendar"))
    assert reader.post(change_page(calendar), nonsense).status_code == 403
    assert reader.post(ADD, nonsense).status_code == 403


def test_only_those_who_may_change_calendars_do(as_user):
    calendar = make_calendar()
    reader = as_user(manager("view_calendar"))

    assert as_user(make_user()).get(change_page(calendar)).status_code == 302
    assert as_user(make_user(is_staff=True)).get(change_page(calendar)).status_code == 403
    assert reader.get(change_page(calendar)).status_code == 200
    assert reader.post(change_page(calendar), saved_page(calendar)).status_code == 403
    assert reader.get(ADD).status_code == 403


def test_who_manages_a_role_owns_the_calendars_that_no_other_role_works_by(as_user):
    mine, shared, unused = (make_calendar(name) for name in ("Mine", "Shared", "Unused"))
    role, other = make_role(), make_role()
    boss = make_user(is_staff=True)
    access.grant(access.MANAGE, boss, role)
    Role.objects.filter(pk=role.pk).update(calendar=mine)
    Role.objects.filter(pk=other.pk).update(calendar=shared)
    browser = as_user(boss)

    saved = [browser.post(change_page(one), saved_page(one)) for one in (mine, shared, unused)]
    chosen = {"action": "fill_in_holidays", "_selected_action": [mine.pk, shared.pk]}
    browser.post("/admin/escalation/calendar/", chosen)

    assert [answer.status_code for answer in saved] == [302, 403, 302]
    assert browser.get(change_page(shared)).status_code == 200
    assert browser.get(ADD).status_code == 200
    assert mine.holidays.exists() and not shared.holidays.exists()


def test_no_calendar_is_deleted(as_user):
    calendar = make_calendar()

    answer = as_user(make_user(is_staff=True, is_superuser=True)).post(
        f"/admin/escalation/calendar/{calendar.pk}/delete/", {"post": "yes"}
    )

    assert answer.status_code == 403
    assert Calendar.objects.exists()


def test_holidays_of_this_year_and_the_next_are_filled_in_from_the_list(as_user):
    known, unknown = make_calendar("Known"), make_calendar("Unknown", country="")
    chosen = {"action": "fill_in_holidays", "_selected_action": [known.pk, unknown.pk]}

    answer = as_user(manager()).post("/admin/escalation/calendar/", chosen, follow=True)

    this = datetime.now(UTC).year
    assert {day.year for day in known.holidays.values_list("date", flat=True)} == {this, this + 1}
    assert "Unknown: Give the calendar a country first" in answer.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_queries_however_many_there_are(
    count, as_user, django_assert_num_queries
):
    for n in range(count):
        make_role().calendar = make_calendar(f"Desk {n}")
    browser = as_user(make_user(is_staff=True, is_superuser=True))

    browser.get("/admin/escalation/calendar/")  # content types are asked for once

    with django_assert_num_queries(8):
        browser.get("/admin/escalation/calendar/")


@pytest.mark.parametrize("count", [1, 3])
def test_a_calendar_costs_the_same_queries_however_much_it_holds(
    count, as_user, django_assert_num_queries
):
    calendar = make_calendar()
    for n in range(count):
        Holiday.objects.create(calendar=calendar, date=CHRISTMAS + timedelta(days=n), name="Off")
    browser = as_user(make_user(is_staff=True, is_superuser=True))

    browser.get(change_page(calendar))

    with django_assert_num_queries(14):
        browser.get(change_page(calendar))
