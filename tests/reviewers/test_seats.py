"""Whose turn the cases of a role are when a shift changes, and when somebody can take what nobody could."""

from datetime import date, timedelta

import pytest

from escalation import lifecycle
from escalation.enums import EffectKind
from escalation.lifecycle import Hands
from escalation.models import Effect, Handoff
from reviewers import hands
from reviewers.models import Notice, Profile
from tests.factories import NINE, decide, handed_off_case, make_layer, make_reviewer, make_role

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
CHANGE = NINE.replace(hour=17)  # NINE is a Friday; shifts are 09:00 to 17:00 and 17:00 to 09:00


@pytest.fixture
def role():
    """Return a role with Dee by day and Nia by night."""
    role = make_role("refunds")
    daily = {"kind": "shifts", "unit": "days", "every": 1, "first_on": date(2026, 11, 16)}
    for name, starts, length in (("dee", 9, 8), ("nia", 17, 16)):
        person = make_reviewer(role, username=name)
        make_layer(role, person, first_time=starts * 60, length_minutes=length * 60, **daily)
    return role


def turn(case):
    current = case.handoffs.select_related("user").get(ended_at=None)
    return (current.user and current.user.username, current.reason, current.due_at)


def looked_at(role):
    return Effect.objects.get(kind=EffectKind.SEAT, target=role.pk, done_at=None).due_at


def test_what_was_not_taken_moves_to_who_comes_on_with_the_same_deadline(role):
    case = handed_off_case(role)
    due = case.due_at
    assert turn(case) == ("dee", "wished", due)

    hands.seat(role, at=CHANGE)

    assert turn(case) == ("nia", "shift", due)
    first = case.handoffs.first()
    assert (first.end, first.ended_at) == ("shift", CHANGE)
    told = Notice.objects.filter(user__username="nia", kind="hands").values_list("text", flat=True)
    assert [text.startswith(f"{case.reference} is yours to decide") for text in told] == [True]


def test_what_was_taken_stays_and_its_person_is_asked_once_to_hand_it_over(role):
    case = handed_off_case(role)
    dee = case.handoffs.get().user
    lifecycle.claim(case.pk, by=dee, at=NINE + HOUR)

    for _ in range(2):
        hands.seat(role, at=CHANGE)

    assert turn(case)[0] == "dee"
    nudges = Notice.objects.filter(user=dee, about__startswith="over:")
    assert [notice.text for notice in nudges] == [
        f"Your shift is over and you have {case.reference} in review. Hand it over with a note."
    ]


def test_what_a_person_gave_to_a_person_is_not_undone_by_a_shift(role):
    case = handed_off_case(role)
    dee = case.handoffs.get().user
    colleague = make_reviewer(role, username="cy")  # not on call at all
    given = Hands(case.pk, role, "handed_over", "You know this customer.", colleague)
    lifecycle.hand_over(given, by=dee, at=NINE + HOUR)

    hands.seat(role, at=CHANGE)

    assert turn(case)[0] == "cy"


def test_before_the_change_nothing_moves(role):
    case = handed_off_case(role)

    assert hands.seat(role, at=CHANGE - timedelta(microseconds=1)) == []
    assert turn(case)[0] == "dee"


def test_a_role_is_looked_at_when_its_next_shift_begins_or_ends(role):
    hands.seat(role, at=NINE + HOUR)
    assert looked_at(role) == CHANGE

    hands.seat(role, at=CHANGE)
    assert looked_at(role) == NINE + timedelta(days=1)


def test_whoever_comes_to_have_room_gets_what_nobody_could_take(role):
    dee = Profile.objects.create(
        user=role.memberships.get(user__username="dee").user, capacity=1
    ).user
    first, second = handed_off_case(role), handed_off_case(role)
    assert [turn(one)[0] for one in (first, second)] == ["dee", None]
    hands.seat(role, at=NINE)
    assert looked_at(role) == NINE + timedelta(minutes=1)

    decide(first, by=dee, at=NINE)
    hands.seat(role, at=NINE + timedelta(minutes=1))

    assert turn(second)[:2] == ("dee", "waited")


def test_what_still_nobody_can_take_is_left_as_it_is(role):
    empty = make_role("empty")
    case = handed_off_case(empty)

    for minute in (1, 2):
        hands.seat(empty, at=NINE + timedelta(minutes=minute))

    assert Handoff.objects.filter(case=case).count() == 1
    assert looked_at(empty) == NINE + timedelta(minutes=3)


def test_whoever_comes_on_next_hears_of_what_nobody_can_take(role):
    Profile.objects.create(user=role.memberships.get(user__username="dee").user, capacity=1)
    _first, second = handed_off_case(role), handed_off_case(role)

    told = Notice.objects.filter(about=f"unowned:{second.pk}:{role.pk}")

    assert [(one.user.username, one.text) for one in told] == [
        ("nia", f"{second.reference} waits for Refunds: nobody on call can take it.")
    ]


def test_a_roster_that_changes_now_moves_what_was_not_taken(role):
    make_layer(role, make_reviewer(role, username="sub"), priority=5)

    due = Effect.objects.get(kind=EffectKind.SEAT, target=role.pk, done_at=None).due_at
    assert due <= NINE
