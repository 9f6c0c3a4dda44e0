"""Who is on call when at the demo's desk: layers of each role, training, who is away, who stands in.

People are user names, times wall-clock in the role's zone, days counted from the Monday of the week
in which the demo is loaded.
"""

from dataclasses import dataclass, field

WEEKDAYS = (0, 1, 2, 3, 4)
WEEKEND = (5, 6)
EVERY_DAY = (*WEEKDAYS, *WEEKEND)


@dataclass(frozen=True)
class LayerOf:
    """One layer; without ``length`` its turns follow one another, with it they are shifts."""

    name: str
    turns: tuple[tuple[str, ...], ...]
    position: int = 1
    priority: int = 1
    zone: str = ""  # the role's
    starts: str = "09:00"
    every: int = 1
    unit: str = "weeks"
    hours: int | None = None  # the length of a shift
    weekdays: tuple[int, ...] = ()
    advance: str = "occurrence"
    windows: tuple[tuple[tuple[int, ...], str, str], ...] = ()


@dataclass(frozen=True)
class RoleFacts:
    zone: str
    layers: tuple[LayerOf, ...]
    calendar: str = ""
    backup: str = ""
    limits: dict[str, int] = field(default_factory=dict)
    categories: tuple[str, ...] = ()
    competences: tuple[str, ...] = ()
    least_on_shift: int = 1
    most_hours_a_week: int = 168  # on call, not at work


def _weeks(*people: str) -> tuple[LayerOf, ...]:
    """Return a primary who changes each Monday, and a secondary a week behind."""
    primary = LayerOf("Primary, week by week", tuple((one,) for one in people))
    second = tuple((one,) for one in (*people[1:], people[0]))
    return primary, LayerOf("Secondary", second, position=2)


def _always(person: str) -> tuple[LayerOf, ...]:
    return (LayerOf("Around the clock", ((person,),)),)


CALENDARS = {  # name: zone, country, spans
    "Oslo office hours": ("Europe/Oslo", "NO", [(WEEKDAYS, "08:00", "17:00")]),
    "London office hours": (
        "Europe/London", "GB", [(WEEKDAYS, "09:00", "12:30"), (WEEKDAYS, "13:30", "17:30")],
    ),
}  # fmt: skip

# The first of each week's turns is last week's, so that the reviewer is on in the week of loading.
ROLES = {
    "refunds-compliance": RoleFacts(
        "Europe/Oslo",
        (
            LayerOf("Weekday days", (("nora.lind",), ("reviewer",)), priority=2,
                    windows=((WEEKDAYS, "08:00", "18:00"),)),
            LayerOf("Evenings from New York", (("ana.reis",), ("rui.costa",)), zone="America/New_York",
                    starts="12:00", every=3, unit="days", windows=((EVERY_DAY, "12:00", "19:00"),)),
            LayerOf("Nights from Tokyo", (("kenji.mori",),), zone="Asia/Tokyo",
                    windows=((EVERY_DAY, "09:00", "16:00"),)),
            LayerOf("Weekends", (("nora.lind",), ("reviewer",), ("rui.costa",)), priority=3,
                    starts="08:00", hours=10, weekdays=WEEKEND, advance="period"),
            LayerOf("Secondary", (("rui.costa",), ("nora.lind",), ("ana.reis",)), position=2),
        ),
        backup="customer-care",
        limits={"EUR": 5000, "GBP": 5000, "NOK": 50000, "USD": 5000},
        categories=("money_movement",),
        most_hours_a_week=140,
    ),
    "payments-control": RoleFacts(
        "Europe/Oslo", _weeks("tomas.berg", "reviewer", "priya.nair"),
        backup="treasury", limits={"EUR": 500_000, "NOK": 1_000_000, "USD": 500_000},
        least_on_shift=2,
    ),
    "access-review": RoleFacts(
        "Europe/London", _weeks("priya.nair", "reviewer"), competences=("privileged access",),
    ),
    "data-protection": RoleFacts(
        "Europe/London", _weeks("amina.yusuf", "reviewer"), calendar="London office hours",
        competences=("data protection",),
    ),
    "credit-review": RoleFacts(
        "Europe/Oslo", _weeks("kenji.mori", "reviewer"), calendar="Oslo office hours",
    ),
    "communications": RoleFacts("Europe/Oslo", _weeks("nora.lind", "reviewer", "amina.yusuf")),
    "production-changes": RoleFacts("Europe/Oslo", _always("reviewer")),
    "customer-care": RoleFacts("Europe/Oslo", _weeks("manager", "reviewer")),
    "operations": RoleFacts("Europe/Oslo", _always("reviewer")),
    "treasury": RoleFacts("Europe/Oslo", _weeks("tomas.berg", "manager"), backup="duty-director"),
    "credit-committee": RoleFacts("Europe/Oslo", _always("manager")),
    "duty-director": RoleFacts("Europe/Oslo", _always("manager")),
}  # fmt: skip


@dataclass(frozen=True)
class Trained:
    who: str
    name: str
    lapses_in: int | None = None  # days from now


TRAINING = [
    Trained("reviewer", "privileged access", 240),
    Trained("priya.nair", "privileged access", 9),  # soon: she is warned, and so is the roster
    Trained("reviewer", "data protection", 410),
    Trained("amina.yusuf", "data protection"),
]
CAPACITY = {"reviewer": 25, "nora.lind": 12, "kenji.mori": 8, "ana.reis": 8, "rui.costa": 10}
LANGUAGES = {
    "reviewer": ["nb", "en"], "nora.lind": ["nb", "en"], "kenji.mori": ["ja", "en"],
    "ana.reis": ["en", "es", "pt"], "rui.costa": ["pt", "en"], "amina.yusuf": ["ar", "en"],
}  # fmt: skip
CONFLICT = ("nora.lind", "halo-insurance", "Her brother works there.")


@dataclass(frozen=True)
class Away:
    who: str
    day: int  # from this Monday
    until_day: int
    kind: str
    note: str


AWAY = [
    Away("ana.reis", 12, 14, "leave", "Family"),
    Away("amina.yusuf", 8, 10, "training", "Course in Leeds"),
]
# Nora asks the reviewer to take her day at the end of next week.
SWAP = ("refunds-compliance", "nora.lind", "reviewer", 10, "My daughter's school play")
STAND_IN = ("refunds-compliance", "nora.lind", "rui.costa", 9, "Dentist, the whole morning")
MANAGES = (
    "refunds-compliance", "payments-control", "customer-care", "communications", "treasury",
    "credit-committee", "duty-director", "credit-review",
)  # fmt: skip
