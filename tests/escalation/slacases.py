"""SLA cases by name, with the instants at which they are due: worked out by hand, none by the code."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from escalation.deadlines import Segment
from escalation.hours import Hours

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
WEEKDAYS, DAYS = range(MON, SAT), range(7)
S, M, H, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))
NOTHING = timedelta()


def utc(text):
    """Return an instant of a text, which is in UTC unless it gives another offset."""
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def hours(*spans, zone="UTC", holidays=(), special=None):
    """Return hours of ``(days, opens, closes)``; days are one weekday or several, times are hours."""
    weekly = [
        (day, round(opens * 60), round(closes * 60))
        for days, opens, closes in spans
        for day in ([days] if isinstance(days, int) else days)
    ]
    own = {
        date.fromisoformat(day): tuple((opens * 60, closes * 60) for opens, closes in found)
        for day, found in (special or {}).items()
    }
    return Hours(zone, tuple(weekly), frozenset(map(date.fromisoformat, holidays)), own)


NINE_TO_FIVE = (WEEKDAYS, 9, 17)
OFFICE = hours(NINE_TO_FIVE)
LUNCH = hours((WEEKDAYS, 9, 12), (WEEKDAYS, 13, 17))
NIGHT = hours((WEEKDAYS, 22, 6))
NEVER = hours()
LONDON = hours(NINE_TO_FIVE, zone="Europe/London")
NEW_YORK = hours(NINE_TO_FIVE, zone="America/New_York")
KATHMANDU = hours(NINE_TO_FIVE, zone="Asia/Kathmandu")


def saturday_night(zone):
    return hours((SAT, 22, 6), zone=zone)


@dataclass
class Named:
    """One SLA case: due within so much of a start, and how much had elapsed at some instants."""

    name: str
    on: object  # hours, None for around the clock, or (since, hours) pairs
    start: str
    within: timedelta
    due: str | None
    pauses: tuple = ()
    used: tuple = ()  # (instant, elapsed by then) pairs; given where nothing is ever due

    def facts(self):
        turns = self.on if isinstance(self.on, list) else [("2026-01-01", self.on)]
        return (
            [Segment(utc(since), on) for since, on in turns],
            [(utc(since), utc(until) if until else None) for since, until in self.pauses],
        )


# 16 November 2026 is a Monday
IN_OFFICE_HOURS = [
    Named("within a day", OFFICE, "2026-11-16T10:00", 2 * H, "2026-11-16T12:00"),
    Named("the rest on the next day", OFFICE, "2026-11-16T15:00", 4 * H, "2026-11-17T11:00",
          used=[("2026-11-16T16:30", 90 * M), ("2026-11-16T23:00", 2 * H)]),
    Named("over a weekend", OFFICE, "2026-11-20T16:00", 2 * H, "2026-11-23T10:00",
          used=[("2026-11-22T12:00", 1 * H), ("2026-11-23T17:00", 9 * H)]),
    Named("begun before opening", OFFICE, "2026-11-16T07:30", 1 * H, "2026-11-16T10:00",
          used=[("2026-11-16T09:00", NOTHING), ("2026-11-16T09:00:01", S)]),
    Named("begun after closing", OFFICE, "2026-11-16T18:00", 1 * H, "2026-11-17T10:00"),
    Named("begun on a Saturday", OFFICE, "2026-11-21T12:00", 30 * M, "2026-11-23T09:30"),
    Named("due at closing, not at the next opening", OFFICE, "2026-11-16T15:00", 2 * H,
          "2026-11-16T17:00", used=[("2026-11-17T09:00", 2 * H)]),
    Named("a second more than closing", OFFICE, "2026-11-16T15:00", 2 * H + S,
          "2026-11-17T09:00:01"),
    Named("begun at the instant of closing", OFFICE, "2026-11-16T17:00", H, "2026-11-17T10:00"),
    Named("begun at the instant of opening", OFFICE, "2026-11-16T09:00", 8 * H,
          "2026-11-16T17:00"),
    Named("the last second of a day", OFFICE, "2026-11-16T16:59:59", S, "2026-11-16T17:00"),
    Named("a week of work", OFFICE, "2026-11-16T09:00", 40 * H, "2026-11-20T17:00"),
    Named("a week of work from a Wednesday noon", OFFICE, "2026-11-18T12:00", 40 * H,
          "2026-11-25T12:00"),
    Named("a target of zero in open hours", OFFICE, "2026-11-16T10:00", NOTHING,
          "2026-11-16T10:00"),
    Named("a target of zero out of hours", OFFICE, "2026-11-21T12:00", NOTHING,
          "2026-11-21T12:00"),
    Named("a target below zero is due at once", OFFICE, "2026-11-16T10:00", -H,
          "2026-11-16T10:00", used=[("2026-11-16T09:30", NOTHING)]),
    Named("begun within a second, which counts whole", OFFICE, "2026-11-16T10:00:00.999999", H,
          "2026-11-16T11:00", used=[("2026-11-16T10:00:01.2", S)]),
    Named("half a second of a target is none", OFFICE, "2026-11-16T10:00", H + S / 2,
          "2026-11-16T11:00"),
]  # fmt: skip

SEVERAL_WINDOWS = [
    Named("two windows a day", LUNCH, "2026-11-16T11:00", 2 * H, "2026-11-16T14:00",
          used=[("2026-11-16T12:45", 1 * H)]),
    Named("due when the first of two windows closes", LUNCH, "2026-11-16T11:00", H,
          "2026-11-16T12:00"),
    Named("begun between two windows", LUNCH, "2026-11-16T12:30", H, "2026-11-16T14:00"),
    Named("two windows a day, from day to day", LUNCH, "2026-11-16T11:30", 7 * H,
          "2026-11-17T11:30"),
    Named("windows that meet are one", hours((MON, 9, 12), (MON, 12, 17)), "2026-11-16T11:00",
          2 * H, "2026-11-16T13:00"),
    Named("windows that overlap count once", hours((MON, 9, 13), (MON, 12, 17)),
          "2026-11-16T11:00", 3 * H, "2026-11-16T14:00"),
    Named("a minute a week", hours((MON, 9, 9 + 1 / 60)), "2026-11-16T09:00", 3 * M,
          "2026-11-30T09:01", used=[("2026-11-23T08:00", M)]),
]  # fmt: skip

OVER_MIDNIGHT = [
    Named("a night shift", NIGHT, "2026-11-16T23:00", 4 * H, "2026-11-17T03:00"),
    Named("due when the night ends", NIGHT, "2026-11-16T23:00", 7 * H, "2026-11-17T06:00"),
    Named("a second more than the night", NIGHT, "2026-11-16T23:00", 7 * H + S,
          "2026-11-17T22:00:01"),
    Named("begun after midnight, in the night of the day before", NIGHT, "2026-11-17T02:00", H,
          "2026-11-17T03:00"),
    Named("Friday's night ends on Saturday, the next is Monday's", NIGHT, "2026-11-20T23:00",
          8 * H, "2026-11-23T23:00", used=[("2026-11-22T00:00", 7 * H)]),
    Named("a holiday cancels the night that begins on it",
          hours((WEEKDAYS, 22, 6), holidays=["2026-11-20"]), "2026-11-20T05:00", 2 * H,
          "2026-11-23T23:00", used=[("2026-11-21T12:00", 1 * H)]),
    Named("a holiday leaves the night that reaches into it",
          hours((WEEKDAYS, 22, 6), holidays=["2026-11-21"]), "2026-11-20T23:00", 3 * H,
          "2026-11-21T02:00"),
    Named("from Sunday's night into the week", hours((SUN, 22, 6)), "2026-11-22T23:30", H,
          "2026-11-23T00:30"),
    Named("24:00 meets 00:00", hours((MON, 9, 24), (TUE, 0, 8)), "2026-11-16T23:00", 2 * H,
          "2026-11-17T01:00"),
    Named("due at 24:00", hours((MON, 9, 24), (TUE, 9, 24)), "2026-11-16T22:00", 2 * H,
          "2026-11-17T00:00"),
    Named("the last second before 24:00", hours((MON, 16, 24), (TUE, 16, 24)),
          "2026-11-16T23:59:59", 2 * S, "2026-11-17T16:00:01"),
    Named("opens when it closes: a whole day", hours((WED, 9, 9)), "2026-11-18T10:00", 23 * H,
          "2026-11-19T09:00"),
    Named("open at all hours of all days", hours((DAYS, 0, 24)), "2026-11-20T20:00", 48 * H,
          "2026-11-22T20:00"),
    Named("around the clock", None, "2026-11-20T20:00", 48 * H, "2026-11-22T20:00",
          used=[("2026-11-21T20:00:30", 24 * H + 30 * S)]),
    Named("around the clock into the next year", None, "2026-12-31T23:00", 2 * H,
          "2027-01-01T01:00"),
]  # fmt: skip

ON_SPECIAL_DAYS = [
    Named("over a holiday", hours(NINE_TO_FIVE, holidays=["2026-11-23"]), "2026-11-20T16:00",
          2 * H, "2026-11-24T10:00", used=[("2026-11-23T17:00", 1 * H)]),
    Named("begun on a holiday", hours(NINE_TO_FIVE, holidays=["2026-11-23"]),
          "2026-11-23T10:00", H, "2026-11-24T10:00"),
    Named("Christmas and the Monday after it",
          hours(NINE_TO_FIVE, holidays=["2026-12-25", "2026-12-28"]), "2026-12-24T16:00", 3 * H,
          "2026-12-29T11:00"),
    Named("Christmas Eve closes at noon",
          hours(NINE_TO_FIVE, holidays=["2026-12-25"], special={"2026-12-24": [(9, 12)]}),
          "2026-12-24T11:00", 2 * H, "2026-12-28T10:00"),
    Named("closed between the years",
          hours(NINE_TO_FIVE, holidays=[f"2026-12-{day}" for day in range(24, 32)] + ["2027-01-01"]),
          "2026-12-23T16:00", 2 * H, "2027-01-04T10:00"),
    Named("a Saturday that opens", hours(NINE_TO_FIVE, special={"2026-11-21": [(10, 14)]}),
          "2026-11-20T16:00", 3 * H, "2026-11-21T12:00"),
    Named("a special day goes before a holiday",
          hours(NINE_TO_FIVE, holidays=["2026-11-16"], special={"2026-11-16": [(10, 12)]}),
          "2026-11-16T08:00", H, "2026-11-16T11:00"),
    Named("a special day of two windows, one over midnight",
          hours(NINE_TO_FIVE, special={"2026-11-17": [(9, 10), (22, 2)]}), "2026-11-16T16:00",
          5 * H, "2026-11-18T01:00"),
    Named("a special day that stays closed", hours(NINE_TO_FIVE, special={"2026-11-17": []}),
          "2026-11-16T16:00", 2 * H, "2026-11-18T10:00"),
    Named("open on two special days only, years ahead",
          hours(special={"2027-06-01": [(9, 10)], "2028-06-01": [(9, 10)]}), "2026-11-20", 90 * M,
          "2028-06-01T09:30"),
    Named("a leap day is worked", OFFICE, "2028-02-28T16:00", 10 * H, "2028-03-01T10:00"),
    Named("a February without a leap day", OFFICE, "2027-02-26T16:00", 2 * H,
          "2027-03-01T10:00"),
    Named("around the clock over a leap day", None, "2028-02-28T12:00", 48 * H,
          "2028-03-01T12:00"),
    Named("over the end of a year", hours(NINE_TO_FIVE, holidays=["2027-01-01"]),
          "2026-12-31T16:00", 2 * H, "2027-01-04T10:00"),
]  # fmt: skip

WHERE_CLOCKS_CHANGE = [
    Named("London, all hours, an hour less in spring", hours((DAYS, 0, 24), zone="Europe/London"),
          "2026-03-28T12:00+00:00", 24 * H, "2026-03-29T13:00+01:00"),
    Named("London, all hours, an hour more in autumn", hours((DAYS, 0, 24), zone="Europe/London"),
          "2026-10-24T12:00+01:00", 24 * H, "2026-10-25T11:00+00:00"),
    Named("London, nine stays nine in spring", LONDON, "2026-03-27T16:00+00:00", 2 * H,
          "2026-03-30T10:00+01:00"),
    Named("London, nine stays nine in autumn", LONDON, "2026-10-23T16:00+01:00", 2 * H,
          "2026-10-26T10:00+00:00"),
    Named("London, a spring night of seven hours", saturday_night("Europe/London"),
          "2026-03-28T22:00+00:00", 7 * H, "2026-03-29T06:00+01:00"),
    Named("London, an autumn night of nine hours", saturday_night("Europe/London"),
          "2026-10-24T22:00+01:00", 9 * H, "2026-10-25T06:00+00:00"),
    Named("London, open only in the hour that is skipped", hours((SUN, 1, 2), zone="Europe/London"),
          "2026-03-28T12:00+00:00", 30 * M, "2026-04-05T01:30+01:00"),
    Named("London, due at closing after the skipped hour",
          hours((SUN, 0, 3), zone="Europe/London"), "2026-03-29T00:00+00:00", 2 * H,
          "2026-03-29T03:00+01:00"),
    Named("London, due in the hour after the repeated one",
          hours((SUN, 0, 3), zone="Europe/London"), "2026-10-25T00:00+01:00", 3 * H,
          "2026-10-25T02:00+00:00", used=[("2026-10-25T03:00+00:00", 4 * H)]),
    Named("London, due in the first pass of the repeated hour",
          hours((SUN, 0, 3), zone="Europe/London"), "2026-10-25T00:00+01:00", 90 * M,
          "2026-10-25T01:30+01:00"),
    Named("London, due in the second pass of the repeated hour",
          hours((SUN, 0, 3), zone="Europe/London"), "2026-10-25T00:00+01:00", 150 * M,
          "2026-10-25T01:30+00:00"),
    Named("London, closing in the repeated hour is its first pass",
          hours((SUN, 0, 1.5), zone="Europe/London"), "2026-10-25T00:00+01:00", 90 * M + S,
          "2026-11-01T00:00:01+00:00", used=[("2026-10-25T01:30+00:00", 90 * M)]),
    Named("New York, nine stays nine in spring", NEW_YORK, "2026-03-06T16:00-05:00", 2 * H,
          "2026-03-09T10:00-04:00"),
    Named("New York, an autumn night of nine hours", saturday_night("America/New_York"),
          "2026-10-31T22:00-04:00", 9 * H, "2026-11-01T06:00-05:00"),
    Named("Sydney, a spring night of seven hours", saturday_night("Australia/Sydney"),
          "2026-10-03T22:00+10:00", 7 * H, "2026-10-04T06:00+11:00"),
    Named("Sydney, an autumn night of nine hours", saturday_night("Australia/Sydney"),
          "2026-04-04T22:00+11:00", 9 * H, "2026-04-05T06:00+10:00"),
    Named("Lord Howe, half an hour less in spring", saturday_night("Australia/Lord_Howe"),
          "2026-10-03T22:00+10:30", 7 * H + 30 * M, "2026-10-04T06:00+11:00"),
    Named("Lord Howe, half an hour more in autumn", saturday_night("Australia/Lord_Howe"),
          "2026-04-04T22:00+11:00", 8 * H + 30 * M, "2026-04-05T06:00+10:30"),
    Named("Santiago, a midnight that does not exist", hours((SUN, 0, 24), zone="America/Santiago"),
          "2026-09-05T12:00-04:00", H, "2026-09-06T02:00-03:00"),
    Named("Kathmandu, a quarter of an hour off", KATHMANDU, "2026-11-20T16:00+05:45", 2 * H,
          "2026-11-23T10:00+05:45"),
    Named("begun by a clock in another zone", LONDON, "2026-11-20T11:00-05:00", 2 * H,
          "2026-11-23T10:00+00:00"),
]  # fmt: skip

PAUSED = [
    Named("a pause within a day", OFFICE, "2026-11-16T10:00", 2 * H, "2026-11-16T13:00",
          [("2026-11-16T11:00", "2026-11-16T12:00")], [("2026-11-16T11:30", 1 * H)]),
    Named("a pause over a weekend", OFFICE, "2026-11-20T16:00", 2 * H, "2026-11-23T11:00",
          [("2026-11-20T16:30", "2026-11-23T09:30")], [("2026-11-23T09:30", 30 * M)]),
    Named("a pause out of hours costs nothing", OFFICE, "2026-11-20T16:00", 2 * H,
          "2026-11-23T10:00", [("2026-11-20T17:00", "2026-11-23T09:00")]),
    Named("a pause over night", OFFICE, "2026-11-16T15:00", 2 * H, "2026-11-17T11:00",
          [("2026-11-16T16:00", "2026-11-17T10:00")]),
    Named("a pause over a weekend and a holiday", hours(NINE_TO_FIVE, holidays=["2026-11-23"]),
          "2026-11-20T16:00", 2 * H, "2026-11-24T11:00", [("2026-11-20T16:30", "2026-11-24T09:30")]),
    Named("a pause from the start", OFFICE, "2026-11-16T10:00", H, "2026-11-16T12:00",
          [("2026-11-16T10:00", "2026-11-16T11:00")], [("2026-11-16T11:00", NOTHING)]),
    Named("a pause from before the start", OFFICE, "2026-11-16T10:00", H, "2026-11-16T11:30",
          [("2026-11-16T09:30", "2026-11-16T10:30")]),
    Named("a pause that ended before the start", OFFICE, "2026-11-16T12:00", H,
          "2026-11-16T13:00", [("2026-11-16T09:30", "2026-11-16T12:00")]),
    Named("a pause from opening", OFFICE, "2026-11-16T16:00", 2 * H, "2026-11-17T11:00",
          [("2026-11-17T09:00", "2026-11-17T10:00")]),
    Named("a pause until closing", OFFICE, "2026-11-16T15:00", 2 * H, "2026-11-17T10:00",
          [("2026-11-16T16:00", "2026-11-16T17:00")], [("2026-11-16T17:00", 1 * H)]),
    Named("a pause from the due instant", OFFICE, "2026-11-16T10:00", H, "2026-11-16T11:00",
          [("2026-11-16T11:00", "2026-11-16T12:00")]),
    Named("a pause of odd seconds", OFFICE, "2026-11-16T10:00", H, "2026-11-16T11:30:30",
          [("2026-11-16T10:15:20", "2026-11-16T10:45:50")]),
    Named("a pause within a second is none, over its end one second", OFFICE, "2026-11-16T10:00",
          H, "2026-11-16T11:00:01", [("2026-11-16T10:15:20.1", "2026-11-16T10:15:20.9"),
                                     ("2026-11-16T10:30:20.9", "2026-11-16T10:30:21.1")]),
    Named("resumed at once", OFFICE, "2026-11-16T10:00", 2 * H, "2026-11-16T12:00",
          [("2026-11-16T11:00", "2026-11-16T11:00")]),
    Named("a pause that ends before it begins is none", OFFICE, "2026-11-16T10:00", 2 * H,
          "2026-11-16T12:00", [("2026-11-16T11:00", "2026-11-16T10:30")]),
    Named("overlapping pauses count once", OFFICE, "2026-11-16T10:00", H, "2026-11-16T12:30",
          [("2026-11-16T10:30", "2026-11-16T11:30"), ("2026-11-16T11:00", "2026-11-16T12:00")]),
    Named("a pause within a pause", OFFICE, "2026-11-16T10:00", H, "2026-11-16T13:00",
          [("2026-11-16T10:30", "2026-11-16T12:30"), ("2026-11-16T11:00", "2026-11-16T11:30")]),
    Named("pauses that meet", OFFICE, "2026-11-16T10:00", H, "2026-11-16T11:45",
          [("2026-11-16T10:15", "2026-11-16T10:30"), ("2026-11-16T10:30", "2026-11-16T11:00")]),
    Named("pauses in any order", OFFICE, "2026-11-16T10:00", 4 * H, "2026-11-16T16:00",
          [("2026-11-16T14:00", "2026-11-16T15:00"), ("2026-11-16T11:00", "2026-11-16T12:00")]),
    Named("a pause of a year", OFFICE, "2026-11-16T16:00", 2 * H, "2027-11-16T10:00",
          [("2026-11-16T17:00", "2027-11-15T17:00")]),
    Named("a pause over the spring change", None, "2026-03-28T22:00+00:00", 4 * H,
          "2026-03-29T06:00+01:00", [("2026-03-28T23:00+00:00", "2026-03-29T03:00+01:00")]),
    Named("a pause over the autumn change", saturday_night("Europe/London"),
          "2026-10-24T22:00+01:00", 4 * H, "2026-10-25T05:00+00:00",
          [("2026-10-25T00:00+01:00", "2026-10-25T03:00+00:00")]),
    Named("a target of zero while paused", OFFICE, "2026-11-16T10:00", NOTHING,
          "2026-11-16T10:00", [("2026-11-16T09:30", None)]),
    Named("still paused", OFFICE, "2026-11-16T10:00", 2 * H, None, [("2026-11-16T11:00", None)],
          [("2026-11-16T11:00", 1 * H), ("2026-11-20T11:00", 1 * H)]),
    Named("still paused from before the start", OFFICE, "2026-11-16T10:00", H, None,
          [("2026-11-16T09:00", None)], [("2026-11-20T11:00", NOTHING)]),
    Named("still paused since a second before it was due", OFFICE, "2026-11-16T10:00", H, None,
          [("2026-11-16T10:59:59", None)], [("2026-11-17T12:00", H - S)]),
    Named("paused at the due instant, which has come", OFFICE, "2026-11-16T10:00", H,
          "2026-11-16T11:00", [("2026-11-16T11:00", None)], [("2026-11-20T11:00", 1 * H)]),
    Named("paused after it was due", OFFICE, "2026-11-16T15:00", 2 * H, "2026-11-16T17:00",
          [("2026-11-16T18:00", None)]),
    Named("still paused after an earlier pause", OFFICE, "2026-11-16T10:00", 2 * H, None,
          [("2026-11-16T11:30", None), ("2026-11-16T10:30", "2026-11-16T11:00")],
          [("2026-11-17T10:30", 1 * H)]),
]  # fmt: skip

HANDED_ON = [
    Named("to a zone that is still open, with the time that was used",
          [("2026-11-16", LONDON), ("2026-11-16T17:30", NEW_YORK)], "2026-11-16T10:00", 8 * H,
          "2026-11-16T13:30-05:00", used=[("2026-11-16T17:30", 7 * H)]),
    Named("to a zone that has closed", [("2026-11-16", LONDON), ("2026-11-16T12:00", KATHMANDU)],
          "2026-11-16T10:00", 4 * H, "2026-11-17T11:00+05:45", used=[("2026-11-16T16:00", 2 * H)]),
    Named("to around the clock", [("2026-11-16", OFFICE), ("2026-11-16T16:00", None)],
          "2026-11-16T15:00", 10 * H, "2026-11-17T01:00"),
    Named("to office hours, on a Saturday", [("2026-11-16", None), ("2026-11-21T12:00", OFFICE)],
          "2026-11-21T10:00", 3 * H, "2026-11-23T10:00"),
    Named("from hours that never open to some that do",
          [("2026-11-16", NEVER), ("2026-11-18", OFFICE)], "2026-11-16T10:00", H,
          "2026-11-18T10:00", used=[("2026-11-18T09:00", NOTHING)]),
    Named("to hours that never open", [("2026-11-16", OFFICE), ("2026-11-16T11:00", NEVER)],
          "2026-11-16T10:00", 2 * H, None, used=[("2027-11-16", 1 * H)]),
    Named("to hours that never open, and on",
          [("2026-11-16", OFFICE), ("2026-11-16T11:00", NEVER), ("2026-11-19T10:00", OFFICE)],
          "2026-11-16T10:00", 2 * H, "2026-11-19T11:00"),
    Named("to the night and back",
          [("2026-11-16", OFFICE), ("2026-11-16T16:00", NIGHT), ("2026-11-17T10:00", OFFICE)],
          "2026-11-16T15:00", 10 * H, "2026-11-17T11:00",
          used=[("2026-11-16T23:00", 2 * H), ("2026-11-17T09:30", 9 * H)]),
    Named("due at the instant of the change",
          [("2026-11-16", OFFICE), ("2026-11-16T12:00", NEVER)], "2026-11-16T10:00", 2 * H,
          "2026-11-16T12:00"),
    Named("twice at one instant: the last counts",
          [("2026-11-16", OFFICE), ("2026-11-16T12:00", NEVER), ("2026-11-16T12:00", None)],
          "2026-11-16T11:00", 10 * H, "2026-11-16T21:00"),
    Named("while paused", [("2026-11-16", OFFICE), ("2026-11-16T14:00", None)],
          "2026-11-16T10:00", 4 * H, "2026-11-16T18:00", [("2026-11-16T11:00", "2026-11-16T15:00")]),
    Named("before the start", [("2026-11-16", OFFICE), ("2026-11-17T12:00", NIGHT)],
          "2026-11-17T18:00", H, "2026-11-17T23:00"),
    Named("after it was due", [("2026-11-16", OFFICE), ("2027-11-16", NEVER)],
          "2026-11-16T10:00", H, "2026-11-16T11:00"),
    Named("the first hours count before they begin", [("2026-11-17", OFFICE)],
          "2026-11-16T10:00", 2 * H, "2026-11-16T12:00"),
    Named("within a second: from its beginning",
          [("2026-11-16", OFFICE), ("2026-11-16T17:00:00.7", None)], "2026-11-16T16:00", 2 * H,
          "2026-11-16T18:00"),
]  # fmt: skip

NOT_IN_TEN_YEARS = [
    Named("no open hour", NEVER, "2026-11-16T10:00", S, None, used=[("2036-11-16", NOTHING)]),
    Named("special days in the past only", hours(special={"2025-12-24": [(9, 12)]}),
          "2026-11-16T10:00", S, None, used=[("2036-11-16", NOTHING)]),
    Named("a target that special days do not hold", hours(special={"2027-06-01": [(9, 12)]}),
          "2026-11-16T10:00", 4 * H, None, used=[("2036-11-16", 3 * H)]),
    Named("special days in eleven years", hours(special={"2037-11-16": [(9, 12)]}),
          "2026-11-16T10:00", H, None, used=[("2037-11-16T10:00", H)]),
    Named("special days in nine years", hours(special={"2035-11-16": [(9, 12)]}),
          "2026-11-16T10:00", H, "2035-11-16T10:00"),
    Named("more than a minute a week comes to", hours((MON, 9, 9 + 1 / 60)), "2026-11-16", 9 * H,
          None, used=[("2027-11-15", 52 * M)]),
]  # fmt: skip

NAMED = [
    *IN_OFFICE_HOURS, *SEVERAL_WINDOWS, *OVER_MIDNIGHT, *ON_SPECIAL_DAYS, *WHERE_CLOCKS_CHANGE,
    *PAUSED, *HANDED_ON, *NOT_IN_TEN_YEARS,
]  # fmt: skip
