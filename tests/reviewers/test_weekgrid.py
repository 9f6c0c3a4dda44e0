from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from reviewers.weekgrid import Cell, Day, Grid, Lane, Mark, days, draw

OSLO = ZoneInfo("Europe/Oslo")
MONDAY = date(2026, 11, 16)
NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)  # Friday, 12:00 in Oslo
HOUR = timedelta(hours=1)


def oslo(day: int, hour: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=OSLO).astimezone(UTC)


def mark(since: datetime, until: datetime, *labels: str) -> Mark:
    return Mark(since, until, "held", labels[0] if labels else "Lena", labels)


def week(*marks: Mark, first: date = MONDAY, count: int = 7, zone: ZoneInfo = OSLO) -> Grid:
    over = days(first, count, zone, at=NOON)
    return draw([Lane("Primary", "held", marks)], over, zone, at=NOON)


def said(grid: Grid) -> list[list[str]]:
    return [[piece.clock for piece in cell.pieces] for cell in grid.lanes[0].cells]


def places(cell: Cell) -> list[tuple[float, float]]:
    return [(piece.x, piece.width) for piece in cell.pieces]


def test_a_shift_stands_in_its_day_at_its_time_of_day():
    grid = week(mark(oslo(17, 9), oslo(17, 18)))

    assert said(grid) == [[], ["09:00 to 18:00"], [], [], [], [], []]
    assert places(grid.lanes[0].cells[1]) == [(37.5, 37.5)]


def test_a_shift_over_midnight_is_a_piece_in_both_days_that_meet():
    grid = week(mark(oslo(17, 18), oslo(18, 6)))
    tuesday, wednesday = grid.lanes[0].cells[1:3]

    assert said(grid)[1:3] == [["from 18:00"], ["until 06:00"]]
    assert places(tuesday) + places(wednesday) == [(75, 25), (0, 25)]
    assert [(p.begins, p.ends) for c in (tuesday, wednesday) for p in c.pieces] == [
        (True, False),
        (False, True),
    ]


def test_a_shift_of_many_days_is_said_from_through_and_until():
    grid = week(mark(oslo(17, 9), oslo(20, 9)))

    assert said(grid) == [[], ["from 09:00"], ["all day"], ["all day"], ["until 09:00"], [], []]


@pytest.mark.parametrize(
    ("since", "until", "clocks"),
    [
        (oslo(17), oslo(18), ["all day"]),
        (oslo(17, 18), oslo(18), ["18:00 to 24:00"]),
        (oslo(16, 18), oslo(18), ["from 18:00", "all day"]),
        (oslo(15), oslo(17), ["all day"]),
    ],
)
def test_midnight_belongs_to_the_day_that_ends(since: datetime, until: datetime, clocks: list[str]):
    grid = week(mark(since, until))

    assert [clock for cell in said(grid) for clock in cell] == clocks


def test_what_lies_outside_is_left_out_and_what_reaches_in_is_cut():
    grid = week(mark(oslo(1), oslo(2)), mark(oslo(14), oslo(16, 12)), mark(oslo(22, 12), oslo(30)))

    assert said(grid) == [["until 12:00"], [], [], [], [], [], ["from 12:00"]]


@pytest.mark.parametrize(
    ("first", "hours", "six"),
    [
        (date(2026, 3, 29), "23", round(5 / 23 * 100, 3)),  # the clock is put forward at 02:00
        (date(2026, 10, 25), "25", round(7 / 25 * 100, 3)),
        (date(2026, 11, 16), "", 25.0),
    ],
)
def test_a_day_of_a_clock_change_is_drawn_at_its_true_length(first: date, hours: str, six: float):
    (day,) = days(first, 1, OSLO, at=NOON, every=6)
    at_six = datetime(first.year, first.month, first.day, 6, tzinfo=OSLO).astimezone(UTC)
    grid = week(mark(at_six, day.until), first=first, count=1)

    assert day.odd_hours == hours
    assert day.hours[0] == (six, "06:00")
    assert places(grid.lanes[0].cells[0]) == [(six, round(100 - six, 3))]
    assert said(grid) == [["06:00 to 24:00"]]


def test_half_an_hour_of_daylight_saving_is_drawn_too():
    (day,) = days(date(2026, 10, 4), 1, ZoneInfo("Australia/Lord_Howe"), at=NOON)

    assert day.odd_hours == "23.5"


def test_now_is_a_line_in_today_alone():
    grid = week()

    assert [cell.now for cell in grid.lanes[0].cells] == [None, None, None, None, 50, None, None]
    assert [day.is_today for day in grid.days].index(True) == 4


def test_those_who_are_on_together_lie_below_each_other():
    two, one = (
        week(*[mark(oslo(17, 9), oslo(17, 18), name) for name in names])
        for names in (("Lena", "Kim"), ("Lena",))
    )
    first, second = two.lanes[0].cells[1].pieces

    assert second.y - first.y >= first.height
    assert two.lanes[0].height > one.lanes[0].height


def test_what_follows_on_stays_on_the_same_track():
    grid = week(mark(oslo(17), oslo(17, 12)), mark(oslo(17, 12), oslo(18)))

    assert len({piece.y for piece in grid.lanes[0].cells[1].pieces}) == 1


@pytest.mark.parametrize(("hours", "label"), [(24, "Lena Moe"), (9, "Lena"), (6, "LM"), (1, "")])
def test_as_much_of_a_name_is_written_as_fits(hours: int, label: str):
    since = oslo(17)
    grid = week(mark(since, since + hours * HOUR, "Lena Moe", "Lena", "LM"))

    assert [piece.label for piece in grid.lanes[0].cells[1].pieces] == [label]


def test_a_name_is_written_once_into_the_first_piece_that_holds_it():
    grid = week(mark(oslo(16, 23), oslo(19), "nobody, 49 h", "nobody"))
    labels = [piece.label for cell in grid.lanes[0].cells for piece in cell.pieces]

    assert labels == ["", "nobody, 49 h", ""]


def test_a_list_of_days_says_what_stands_and_what_overrules_but_not_the_layers():
    over = days(MONDAY, 2, OSLO, at=NOON)
    one = mark(oslo(16, 9), oslo(16, 18))
    lanes = [Lane(kind, kind, (one,)) for kind in ("layer", "override", "held")]

    listed = [
        (day.date, [lane.kind for lane, _ in found])
        for day, found in draw(lanes, over, OSLO, at=NOON).by_day()
    ]

    assert listed == [(MONDAY, ["override", "held"]), (date(2026, 11, 17), [])]


def test_the_zone_moves_where_a_shift_is_drawn_and_not_how_long_it_is():
    shift = mark(oslo(17, 9), oslo(17, 18))
    tokyo = week(shift, zone=ZoneInfo("Asia/Tokyo"))

    assert said(tokyo)[1:3] == [["from 17:00"], ["until 02:00"]]
    whole = sum(width for cell in tokyo.lanes[0].cells for _, width in places(cell))
    assert whole == pytest.approx(37.5, abs=0.01)


def test_days_follow_one_another_without_a_gap():
    over: tuple[Day, ...] = days(date(2026, 10, 19), 28, OSLO, at=NOON)

    assert [day.until for day in over[:-1]] == [day.since for day in over[1:]]
