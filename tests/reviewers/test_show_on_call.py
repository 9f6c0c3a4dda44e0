import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from reviewers import absences, shifts
from tests.factories import NINE, make_layer, make_reviewer, make_role

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEN_TO_FOUR = ([0, 1, 2, 3, 4], 10 * 60, 16 * 60)


def say(*arguments: str) -> str:
    out = StringIO()
    call_command("show_on_call", *arguments, stdout=out)
    return out.getvalue().strip()


@pytest.fixture
def team() -> Any:
    """On Friday at nine Lena is primary and Kim secondary; on Monday at nine they change places."""
    role = make_role("refunds-compliance")
    role.time_zone = "Europe/Oslo"
    role.save(update_fields=["time_zone"])
    lena = make_reviewer(role, username="lena", first_name="Lena", last_name="Moe")
    kim = make_reviewer(role, username="kim", first_name="Kim", last_name="Osei")
    make_layer(role, lena, kim, time_zone="UTC")
    make_layer(role, kim, lena, time_zone="UTC", position=2)
    return role


def test_it_says_who_is_on_call_and_who_comes_next_in_the_roles_zone_and_in_utc(team: Any):
    assert say("refunds-compliance", "--at", "2026-11-20T09:00:00Z").splitlines() == [
        "Refunds compliance, Fri 20 Nov 2026 10:00 Europe/Oslo (09:00 UTC)",
        "  Primary: Lena Moe until Mon 23 Nov 2026 10:00 Europe/Oslo (09:00 UTC).",
        "  Secondary: Kim Osei until Mon 23 Nov 2026 10:00 Europe/Oslo (09:00 UTC).",
        "  Next: Kim Osei, primary, from Mon 23 Nov 2026 10:00 Europe/Oslo (09:00 UTC).",
        "  Next: Lena Moe, secondary, from Mon 23 Nov 2026 10:00 Europe/Oslo (09:00 UTC).",
    ]


def test_it_says_why_the_first_position_is_empty(team: Any):
    lena = shifts.on_call(team, NINE)[0].user
    absences.note(lena, since=NINE, until=NINE + DAY, by=lena, at=NINE)

    said = say("refunds-compliance", "--at", "2026-11-20T09:00:00Z").splitlines()

    assert said[1:3] == [
        "  Primary: nobody (Lena Moe is away).",
        "  Secondary: Kim Osei until Mon 23 Nov 2026 10:00 Europe/Oslo (09:00 UTC).",
    ]


def test_until_lists_the_shifts_and_names_the_gaps():
    role = make_role("night-desk")
    make_layer(role, make_reviewer(role, username="lena"), windows=[TEN_TO_FOUR])

    said = say("night-desk", "--at", "2026-11-20T09:00:00Z", "--until", "2026-11-21T00:00:00Z")

    assert said.splitlines() == [
        "Night desk, Fri 20 Nov 2026 09:00 UTC",
        "  Nobody is on call until Fri 20 Nov 2026 10:00 UTC.",
        "  Next: lena, primary, from Fri 20 Nov 2026 10:00 UTC.",
        "Until Sat 21 Nov 2026 00:00 UTC:",
        "  Fri 20 Nov 10:00 to 16:00 (10:00 UTC)  Primary: lena",
        "  Fri 20 Nov 09:00 to 10:00 (09:00 UTC)  nobody, 1 h",
        "  Fri 20 Nov 16:00 to Sat 21 Nov 00:00 (16:00 UTC)  nobody, 8 h",
    ]


def test_programs_get_the_same_as_json(team: Any):
    told = json.loads(
        say("refunds-compliance", "--at", "2026-11-20T09:00:00Z",
            "--until", "2026-11-24T00:00:00Z", "--json")
    )  # fmt: skip

    first = told["on_call"][0]
    layer = first.pop("layer")
    assert first == {
        "position": 1,
        "slot": 0,
        "user": "lena",
        "name": "Lena Moe",
        "since": "2026-11-20T09:00:00.000000Z",
        "until": "2026-11-23T09:00:00.000000Z",
        "override": None,
        "forecast": False,
    }
    assert told | {"on_call": 0, "next": 0, "shifts": 0} == {
        "role": "refunds-compliance",
        "at": "2026-11-20T09:00:00.000000Z",
        "on_call": 0,
        "away": [],
        "until": "2026-11-23T09:00:00.000000Z",
        "next": 0,
        "shifts": 0,
        "gaps": [],
    }
    assert [(one["user"], one["position"]) for one in told["next"]] == [("kim", 1), ("lena", 2)]
    assert len(told["shifts"]) == 4 and layer == told["shifts"][0]["layer"]


def test_beyond_what_is_planned_it_says_that_it_is_a_forecast(team: Any):
    said = say("refunds-compliance", "--at", "2027-11-20T09:00:00Z")

    assert "until" in said and said.count("(forecast)") == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["refund-compliance"], "There is no role refund-compliance. Did you mean refunds-compli"),
        (["zzz"], "There is no role zzz.$"),
        (["refunds-compliance", "--at", "now"], "now is no instant with an offset"),
        (["refunds-compliance", "--at", "2026-11-20T09:00:00Z", "--until", "2026-11-20T09:00:00Z"],
         "--until is not after"),
        (["refunds-compliance", "--until", "2036-11-20T09:00:00Z"], "At most two years"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said(team: Any, arguments: list[str], said: str):
    with pytest.raises(CommandError, match=said):
        say(*arguments)
