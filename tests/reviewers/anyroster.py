"""Any roster that a manager could make, near the days on which clocks change (hypothesis)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from reviewers.enums import Advance, Kind, OverrideKind, Unit
from reviewers.oncall import Absence, Facts, Override, Rule, Window

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PEOPLE = ("kim", "lou", "max", "nia", "oto")
ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
CHANGES = [datetime(2026, *day, tzinfo=UTC) for day in ((3, 8), (3, 29), (4, 4), (10, 3), (10, 25))]
QUIET = [datetime(*day, tzinfo=UTC) for day in ((2026, 11, 2), (2027, 2, 27), (2028, 2, 28))]
REACH = {Unit.HOURS: 20, Unit.DAYS: 90, Unit.WEEKS: 200, Unit.MONTHS: 900}  # days to the anchor

people = st.sampled_from(PEOPLE)
quarters = st.integers(0, 95).map(lambda quarter: quarter * 15)
tricky = st.sampled_from((0, 60, 75, 90, 105, 120, 135, 150))  # minutes about which clocks change
minutes = quarters | tricky
positions = st.sampled_from((1, 1, 1, 1, 2, 3))
weekdays = st.frozensets(st.integers(0, 6), max_size=5)
groups = st.lists(st.lists(people, max_size=2, unique=True).map(tuple), min_size=1, max_size=4).map(
    tuple
)
windows = st.builds(
    Window,
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    opens=minutes,
    closes=minutes.map(lambda minute: minute or 1440),
)


@st.composite
def times(draw: st.DrawFn, longest: timedelta = 12 * DAY) -> tuple[datetime, datetime]:
    """A stretch of time to ask about, around a change of clocks more often than not."""
    day = draw(st.sampled_from(CHANGES) | st.sampled_from(QUIET))
    since = day + draw(st.integers(-4 * 96, 96)) * timedelta(minutes=15)
    return since, since + draw(st.integers(1, longest // HOUR)) * HOUR


@st.composite
def spans(draw: st.DrawFn, about: tuple[datetime, datetime]) -> dict[str, datetime]:
    """A stretch that begins or ends within ``about``, or contains it."""
    quarter = timedelta(minutes=15)
    least, most = about[0] - DAY, about[1] + DAY
    since = least + draw(st.integers(0, (most - least) // quarter)) * quarter
    return {"since": since, "until": since + draw(st.integers(1, 4 * 96)) * quarter}


@st.composite
def rules(draw: st.DrawFn, about: tuple[datetime, datetime], years: int = 0, **given: Any) -> Rule:
    kind = draw(st.sampled_from(Kind))
    units = [unit for unit in Unit if kind == Kind.HANDOFF or unit != Unit.HOURS]
    unit = draw(st.sampled_from(units))
    day = (
        about[0] - draw(st.integers(-6, 6) | st.integers(6, 20) | st.integers(0, REACH[unit])) * DAY
    ).replace(hour=0, minute=0, tzinfo=None)
    first = day.replace(year=day.year - years, day=min(day.day, 28)) if years else day
    if unit == Unit.MONTHS and draw(st.booleans()):
        first = first.replace(day=1) - DAY  # the end of a month
    bounds = draw(st.none() | spans(about))
    shape: dict[str, Any] = {
        "layer": "a",
        "position": draw(positions),
        "priority": draw(st.sampled_from((0, 0, 1, 2))),
        "zone": draw(st.sampled_from(ZONES)),
        "first": first + draw(minutes) * timedelta(minutes=1),
        "every": draw(st.integers(1, 30 if unit == Unit.HOURS else 4)),
        "groups": draw(groups),
        "offset": draw(st.integers(0, 6)),
        "windows": tuple(draw(st.lists(windows, max_size=3))),
        "since": bounds["since"] if bounds and draw(st.booleans()) else None,
        "until": bounds["until"] if bounds and draw(st.booleans()) else None,
    }
    if kind == Kind.SHIFTS:
        shape |= draw(_shifts(unit))
    return Rule(**{"kind": kind, "unit": unit} | shape | given)


@st.composite
def _versions(draw: st.DrawFn, rule: Rule, about: tuple[datetime, datetime]) -> tuple[Rule, ...]:
    """Return the rule as it is, or as it was until an edit and as it is since."""
    if draw(st.integers(0, 3)):
        return (rule,)
    edited = draw(spans(about))["since"]
    until = min(edited, rule.until or edited)
    since = max(edited, rule.since or edited)
    return replace(rule, until=until), replace(rule, since=since, groups=draw(groups))


@st.composite
def _shifts(draw: st.DrawFn, unit: Unit) -> dict[str, Any]:
    early = draw(st.lists(st.integers(1, 27), max_size=2, unique=True))
    late = draw(st.lists(st.integers(28, 31), max_size=1))
    return {
        "length": draw(st.integers(1, 4 * 30) | st.integers(4 * 24 * 2, 4 * 24 * 8))
        * timedelta(minutes=15),
        "advance": draw(st.sampled_from(Advance)),
        "weekdays": draw(weekdays) if unit == Unit.WEEKS else frozenset(),
        "month_days": tuple(early + late) if unit == Unit.MONTHS else (),
    }


@st.composite
def overrides(draw: st.DrawFn, about: tuple[datetime, datetime]) -> tuple[Override, ...]:
    """Overrides that do not contradict each other: the desk refuses those when they are typed."""
    kept: list[Override] = []
    for number in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(OverrideKind))
        swaps = kind in (OverrideKind.REMOVE, OverrideKind.REPLACE)
        one = Override(
            id=f"o{number}",
            kind=kind,
            **draw(spans(about)),
            position=draw(st.none() | positions),
            out=draw(people) if swaps else None,
            stand_in=None if kind == OverrideKind.REMOVE else draw(people),
        )
        if not any(_contradict(one, other) for other in kept):
            kept.append(one)
    return tuple(kept)


def _contradict(one: Override, other: Override) -> bool:
    apart = one.until <= other.since or other.until <= one.since
    return not apart and one.out is not None and one.out == other.out


@st.composite
def rosters(
    draw: st.DrawFn, about: tuple[datetime, datetime], most: int = 4, years: int = 0
) -> Facts:
    counts = st.sampled_from((*range(1, most + 1), 0))  # none at all is rare
    layers = [draw(rules(about, years, layer="abcd"[n])) for n in range(draw(counts))]
    absences = st.builds(lambda person, span: Absence(person, **span), people, spans(about))
    return Facts(
        rules=tuple(version for layer in layers for version in draw(_versions(layer, about))),
        overrides=draw(overrides(about)),
        absences=tuple(draw(st.lists(absences, max_size=3))),
        available=draw(st.none() | _availability(about)),
    )


@st.composite
def _availability(draw: st.DrawFn, about: tuple[datetime, datetime]) -> dict[str, Any]:
    found = {}
    for person in draw(st.sets(people, min_size=2)):
        span = draw(spans(about))
        longer = span["since"] - draw(st.sampled_from((timedelta(), 30 * DAY)))
        found[person] = ((longer, draw(st.none() | st.just(span["until"]))),)
    return found
