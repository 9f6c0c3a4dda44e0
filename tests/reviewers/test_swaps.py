from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from escalation import access, ledger
from escalation.actors import OPERATOR
from escalation.models import Event, Role, User
from reviewers import absences, overrides, rosters, shifts, swaps, volunteers
from reviewers.enums import OverrideKind, SwapStatus
from reviewers.errors import OverrideRefused, SwapRefused
from reviewers.memberships import leave_role
from reviewers.models import Notice, Override, Swap
from tests.factories import NINE, make_layer, make_reviewer, make_role

pytestmark = pytest.mark.django_db
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
MONDAY = NINE + 3 * DAY  # 23 November, 9:00: the second turn of a weekly layer begins


class Team:
    """Two people who take weekly turns, and their manager. On Friday at nine Lena is on call."""

    def __init__(self) -> None:
        self.role = make_role("refunds")
        self.lena = make_reviewer(self.role, username="lena")
        self.kim = make_reviewer(self.role, username="kim")
        self.manager = make_reviewer(username="manager")
        access.grant(access.MANAGE, self.manager, self.role)
        make_layer(self.role, self.lena, self.kim)
        self.roster = rosters.roster_of(self.role)
        Notice.objects.all().delete()

    def ask(self, **given: Any) -> Swap:
        given = {
            "colleague": self.kim,
            "since": NINE + HOUR,
            "until": NINE + 5 * HOUR,
            "reason": "A doctor's appointment",
            "by": self.lena,
            "at": NINE,
        } | given
        return swaps.ask(self.roster, **given)

    def on_call(self, at: datetime) -> list[str]:
        return [shift.user.username for shift in shifts.on_call(self.role, at)]


@pytest.fixture
def team() -> Team:
    return Team()


def told(user: User) -> list[str]:
    return list(
        Notice.objects.filter(user=user).order_by("made_at", "id").values_list("text", flat=True)
    )


def recorded(role: Role) -> list[str]:
    found = Event.objects.filter(subject=ledger.subject_of(role), action__startswith="swap.")
    return list(found.order_by("id").values_list("action", flat=True))


def test_a_colleague_who_accepts_is_on_call_for_that_time_and_no_longer(team: Team):
    swap = team.ask()
    assert team.on_call(NINE + 2 * HOUR) == ["lena"]

    done = swaps.accept(swap.pk, by=team.kim, at=NINE + timedelta(minutes=5))

    assert (done.status, done.override.kind) == (SwapStatus.DONE, OverrideKind.REPLACE)
    assert [team.on_call(NINE + n * HOUR) for n in (0, 1, 4, 5)] == [
        ["lena"], ["kim"], ["kim"], ["lena"],
    ]  # fmt: skip
    assert recorded(team.role) == ["swap.asked", "swap.done"]


def test_both_hear_of_it_on_their_own_wall_clocks(team: Team):
    User.objects.filter(pk=team.kim.pk).update(time_zone="America/New_York")
    team.kim.refresh_from_db()
    swap = team.ask()
    assert told(team.kim) == [
        "lena asks you to take their shift Fri 20 Nov 05:00 to 09:00 for Refunds."
    ]

    swaps.accept(swap.pk, by=team.kim, at=NINE)

    assert "kim takes your shift Fri 20 Nov 10:00 to 14:00 for Refunds." in told(team.lena)


def test_where_the_roster_wants_it_a_manager_has_the_last_word(team: Team):
    team.roster.swaps_need_approval = True
    team.roster.save(update_fields=["swaps_need_approval"])
    swap = team.ask()

    waits = swaps.accept(swap.pk, by=team.kim, at=NINE)
    assert (waits.status, waits.settled_at, waits.override) == (SwapStatus.ACCEPTED, None, None)
    assert team.on_call(NINE + 2 * HOUR) == ["lena"]
    assert swaps.to_approve(team.manager, NINE) == [swap]
    assert told(team.manager) == [
        "kim would take the shift of lena Fri 20 Nov 10:00 to 14:00 for Refunds. You decide."
    ]

    with pytest.raises(SwapRefused, match="Only a manager of Refunds can decide this"):
        swaps.approve(swap.pk, by=team.kim, at=NINE)
    swaps.approve(swap.pk, by=team.manager, at=NINE)

    assert team.on_call(NINE + 2 * HOUR) == ["kim"]
    assert swaps.to_approve(team.manager, NINE) == []
    assert recorded(team.role) == ["swap.asked", "swap.accepted", "swap.done"]


@pytest.mark.parametrize(
    ("act", "whose", "status", "event"),
    [
        (swaps.decline, "kim", SwapStatus.DECLINED, "swap.declined"),
        (swaps.withdraw, "lena", SwapStatus.WITHDRAWN, "swap.withdrawn"),
    ],
)
def test_a_swap_that_is_declined_or_withdrawn_changes_nobodys_shift(
    team: Team, act: Callable[..., Swap], whose: str, status: SwapStatus, event: str
):
    swap = team.ask()

    act(swap.pk, by=getattr(team, whose), at=NINE + HOUR)

    swap.refresh_from_db()
    assert (swap.status, swap.settled_at) == (status, NINE + HOUR)
    assert team.on_call(NINE + 2 * HOUR) == ["lena"]
    assert recorded(team.role) == ["swap.asked", event]
    assert Override.objects.count() == 0


def test_a_manager_may_refuse(team: Team):
    team.roster.swaps_need_approval = True
    team.roster.save(update_fields=["swaps_need_approval"])
    swap = swaps.accept(team.ask().pk, by=team.kim, at=NINE)

    swaps.refuse(swap.pk, by=team.manager, at=NINE)

    assert team.on_call(NINE + 2 * HOUR) == ["lena"]
    said = "manager refused the swap of Fri 20 Nov 10:00 to 14:00: lena stays on call for Refunds."
    assert said in told(team.lena) and said in told(team.kim)


def test_a_manager_who_accepts_needs_no_approval(team: Team):
    team.roster.swaps_need_approval = True
    team.roster.save(update_fields=["swaps_need_approval"])
    access.grant(access.MANAGE, team.kim, team.role)

    assert swaps.accept(team.ask().pk, by=team.kim, at=NINE).status == SwapStatus.DONE


# Who may, and when ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "whose", "said"),
    [
        (swaps.accept, "lena", "Only kim can answer this"),
        (swaps.accept, "manager", "Only kim can answer this"),
        (swaps.decline, "lena", "Only kim can answer this"),
        (swaps.withdraw, "kim", "Only lena can withdraw this"),
        (swaps.approve, "manager", "kim has not answered yet"),
        (swaps.refuse, "manager", "kim has not answered yet"),
    ],
)
def test_each_act_is_one_persons(team: Team, act: Callable[..., Swap], whose: str, said: str):
    swap = team.ask()

    with pytest.raises(SwapRefused, match=said):
        act(swap.pk, by=getattr(team, whose), at=NINE)

    swap.refresh_from_db()
    assert swap.status == SwapStatus.ASKED


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("second", ["accept", "withdraw"])
def test_of_two_answers_at_once_one_stands(second: str):
    team = Team()
    swap = team.ask()
    start = Barrier(2)

    def act(name: str) -> str:
        by = team.lena if name == "withdraw" else team.kim
        try:
            start.wait(60)
            return getattr(swaps, name)(swap.pk, by=by, at=NINE).status
        except SwapRefused:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(act, ("accept", second)))

    swap.refresh_from_db()
    assert found.count("refused") == 1 and swap.status in found
    assert Override.objects.count() == (1 if swap.status == SwapStatus.DONE else 0)
    assert len(recorded(team.role)) == 2


@pytest.mark.parametrize(
    ("settle", "whose", "said"),
    [
        (swaps.accept, "kim", "kim has already taken this shift"),
        (swaps.decline, "kim", "kim has already declined"),
        (swaps.withdraw, "lena", "lena has withdrawn this"),
    ],
)
def test_what_is_settled_is_settled(team: Team, settle: Callable[..., Swap], whose: str, said: str):
    swap = team.ask()
    settle(swap.pk, by=getattr(team, whose), at=NINE)

    for act, by in (
        (swaps.accept, team.kim),
        (swaps.decline, team.kim),
        (swaps.withdraw, team.lena),
    ):
        with pytest.raises(SwapRefused, match=said):
            act(swap.pk, by=by, at=NINE)

    assert Override.objects.count() == (1 if settle is swaps.accept else 0)


def test_a_shift_that_has_passed_is_not_taken(team: Team):
    swap = team.ask()

    with pytest.raises(SwapRefused, match="has already passed"):
        swaps.accept(swap.pk, by=team.kim, at=NINE + 5 * HOUR)

    assert swaps.waiting_for(team.kim, NINE + 5 * HOUR) == []
    assert swaps.waiting_for(team.kim, NINE) == [swap]


def test_a_shift_that_is_under_way_is_taken_from_now_on(team: Team):
    swap = team.ask()

    swaps.accept(swap.pk, by=team.kim, at=NINE + 3 * HOUR)

    assert [team.on_call(NINE + n * HOUR) for n in (2, 3)] == [["lena"], ["kim"]]


def test_a_shift_that_moved_meanwhile_is_not_taken(team: Team):
    swap = team.ask(since=MONDAY + WEEK, until=MONDAY + WEEK + DAY)
    absences.note(team.lena, since=MONDAY + WEEK, until=MONDAY + WEEK + HOUR, by=team.lena, at=NINE)

    with pytest.raises(SwapRefused, match="lena is not on call for Refunds Mon 30 Nov 09:00 to 10"):
        swaps.accept(swap.pk, by=team.kim, at=NINE)

    assert Override.objects.count() == 0
    assert recorded(team.role) == ["swap.asked"]


def test_a_colleague_who_left_the_role_meanwhile_does_not_take_it(team: Team):
    swap = team.ask()
    leave_role(team.role, team.kim, by=OPERATOR, at=NINE)

    with pytest.raises(SwapRefused, match="kim is not in Refunds in that time"):
        swaps.accept(swap.pk, by=team.kim, at=NINE)

    assert team.on_call(NINE + 2 * HOUR) == ["lena"]


def test_a_colleague_who_is_away_by_now_does_not_take_it(team: Team):
    swap = team.ask()
    absences.note(team.kim, since=NINE, until=NINE + DAY, by=team.kim, at=NINE)

    with pytest.raises(SwapRefused, match="kim is away Fri 20 Nov 09:00 to Sat 21 Nov 09:00"):
        swaps.accept(swap.pk, by=team.kim, at=NINE)


def test_a_manager_approves_only_what_still_fits(team: Team):
    team.roster.swaps_need_approval = True
    team.roster.save(update_fields=["swaps_need_approval"])
    swap = swaps.accept(team.ask().pk, by=team.kim, at=NINE)
    overrides.make(
        team.roster, OverrideKind.REMOVE, since=NINE, until=NINE + DAY, reason="Audit day",
        out=team.lena, by=team.manager, at=NINE,
    )  # fmt: skip

    with pytest.raises(SwapRefused, match="lena is not on call"):
        swaps.approve(swap.pk, by=team.manager, at=NINE)

    swap.refresh_from_db()
    assert swap.status == SwapStatus.ACCEPTED


# What may be asked ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"until": NINE}, "end before it starts, or has already passed"),
        ({"since": NINE - DAY, "until": NINE - HOUR}, "has already passed"),
        ({"until": MONDAY + HOUR}, "lena is not on call for Refunds Mon 23 Nov 09:00 to 10:00"),
    ],
)
def test_only_a_shift_of_ones_own_that_is_to_come_is_asked_for(
    team: Team, given: dict[str, Any], said: str
):
    with pytest.raises(SwapRefused, match=said):
        team.ask(**given)

    assert Swap.objects.count() == 0


def test_one_is_not_asked_oneself_nor_is_a_stranger(team: Team):
    with pytest.raises(SwapRefused, match="already yours"):
        team.ask(colleague=team.lena)
    with pytest.raises(SwapRefused, match="manager is not in Refunds"):
        team.ask(colleague=team.manager)


def test_the_same_time_is_asked_of_one_colleague_at_a_time(team: Team):
    ana = make_reviewer(team.role, username="ana")
    first = team.ask()

    with pytest.raises(SwapRefused, match="kim was already asked about that time"):
        team.ask(colleague=ana)
    swaps.withdraw(first.pk, by=team.lena, at=NINE)

    assert team.ask(colleague=ana).status == SwapStatus.ASKED


def test_who_stands_in_asks_a_manager_instead(team: Team):
    overrides.make(
        team.roster, OverrideKind.REPLACE, since=NINE, until=NINE + DAY, reason="Audit day",
        out=team.lena, stand_in=team.kim, by=team.manager, at=NINE,
    )  # fmt: skip

    with pytest.raises(SwapRefused, match="already has an override then"):
        team.ask(by=team.kim, colleague=team.lena)


# Standing in where nobody is -----------------------------------------------------------------------


def test_a_member_stands_in_where_nobody_is(team: Team):
    absences.note(team.lena, since=NINE, until=NINE + DAY, by=team.lena, at=NINE)
    assert team.on_call(NINE + HOUR) == []

    volunteers.fill(
        team.roster, position=1, since=NINE, until=NINE + DAY, reason="Nobody else is there",
        by=team.kim, at=NINE,
    )  # fmt: skip

    assert team.on_call(NINE + HOUR) == ["kim"]


@pytest.mark.parametrize("away", [False, True])
def test_nobodys_shift_is_taken_from_them_and_the_absent_do_not_stand_in(team: Team, away: bool):
    if away:
        for user in (team.lena, team.kim):
            absences.note(user, since=NINE, until=NINE + DAY, by=user, at=NINE)

    with pytest.raises(OverrideRefused, match="You are away" if away else "lena is on call Fri 20"):
        volunteers.fill(
            team.roster, position=1, since=NINE, until=NINE + HOUR, reason="I am free",
            by=team.kim, at=NINE,
        )  # fmt: skip

    assert Override.objects.count() == 0
