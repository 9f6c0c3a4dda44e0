"""Taking a case is a lease: renewed by who works on it, given back on the record when nobody does."""

from datetime import timedelta

import pytest

from escalation import effects, lifecycle
from escalation.enums import EffectKind
from escalation.errors import IllegalTransition, NotAuthorised
from escalation.lifecycle import LEASE
from escalation.models import Case, Decision, Effect, Event
from reviewers import hands
from tests.factories import (
    NINE,
    decide,
    decided_case,
    handed_off_case,
    make_layer,
    make_reviewer,
    make_role,
)

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
END = NINE + LEASE


@pytest.fixture
def role():
    return make_role("refunds")


@pytest.fixture
def kim(role):
    return make_reviewer(role, username="kim")


@pytest.fixture
def case(role):
    return handed_off_case(role)


def current(case):
    return case.handoffs.select_related("user").get(ended_at=None)


def looks_at(handoff):
    return Effect.objects.get(kind=EffectKind.LEASE, target=handoff.pk, done_at=None).due_at


def test_a_case_that_is_taken_is_leased_and_the_clock_looks_when_that_ends(case, kim):
    taken = lifecycle.claim(case.pk, by=kim, at=NINE)

    assert (taken.claimed_at, taken.lease_until, looks_at(taken)) == (NINE, END, END)
    assert Event.objects.get(action="case.claimed").at == NINE


def test_renewing_is_written_once_a_minute_and_moves_no_effect(
    case, kim, django_assert_num_queries
):
    taken = lifecycle.claim(case.pk, by=kim, at=NINE)

    with django_assert_num_queries(2):
        assert lifecycle.renew(case.pk, by=kim, at=NINE + MINUTE)
    assert current(case).lease_until == END  # a minute is not yet more than a minute
    for seconds in (61, 90, 120):
        assert lifecycle.renew(case.pk, by=kim, at=NINE + timedelta(seconds=seconds))
    assert current(case).lease_until == END + timedelta(seconds=61)
    assert looks_at(taken) == END


def test_only_who_took_it_renews(case, role, kim):
    lena = make_reviewer(role)

    assert not lifecycle.renew(case.pk, by=kim, at=NINE)
    lifecycle.claim(case.pk, by=kim, at=NINE)
    assert not lifecycle.renew(case.pk, by=lena, at=NINE)


def test_a_lease_that_was_renewed_is_looked_at_again_when_it_ends(case, kim):
    taken = lifecycle.claim(case.pk, by=kim, at=NINE)
    lifecycle.renew(case.pk, by=kim, at=NINE + 10 * MINUTE)

    assert lifecycle.lapse(taken.pk, at=END) is None

    assert looks_at(taken) == END + 10 * MINUTE
    assert current(case) == taken


def test_a_lease_that_ends_gives_the_case_back_to_its_role_on_the_record(case, kim, role):
    taken = lifecycle.claim(case.pk, by=kim, at=NINE)

    given = lifecycle.lapse(taken.pk, at=END)

    assert (given.user, given.reason, given.due_at) == (None, "lapsed", taken.due_at)
    taken.refresh_from_db()
    assert (taken.end, taken.ended_at) == ("lapsed", END)
    (event,) = Event.objects.filter(action="case.lapsed")
    assert event.actor == "system:clock"
    assert Effect.objects.get(kind=EffectKind.SEAT, target=role.pk, done_at=None).due_at <= END
    assert not Effect.objects.filter(kind=EffectKind.LEASE, done_at=None).exists()
    assert not lifecycle.renew(case.pk, by=kim, at=END)


def test_a_second_worker_finds_that_it_has_lapsed(case, kim):
    taken = lifecycle.claim(case.pk, by=kim, at=NINE)
    lifecycle.lapse(taken.pk, at=END)

    assert lifecycle.lapse(taken.pk, at=END) is None
    assert Event.objects.filter(action="case.lapsed").count() == 1


def test_what_has_ended_in_between_does_not_lapse(role, kim):
    case = handed_off_case(role)
    taken = lifecycle.claim(case.pk, by=kim, at=NINE)
    decide(case, by=kim, at=NINE + MINUTE)

    assert lifecycle.lapse(taken.pk, at=END) is None
    assert not Effect.objects.filter(kind=EffectKind.LEASE, done_at=None).exists()


def test_a_lease_blocks_nobodys_answer(case, role, kim):
    lifecycle.claim(case.pk, by=kim, at=NINE)

    assert isinstance(decide(case, by=make_reviewer(role), at=NINE + MINUTE), Decision)


def test_while_the_clock_sleeps_a_lease_that_has_run_out_still_makes_way(case, role, kim):
    lena = make_reviewer(role)
    taken = lifecycle.claim(case.pk, by=kim, at=NINE)
    with pytest.raises(IllegalTransition):
        lifecycle.claim(case.pk, by=lena, at=END - MINUTE)

    lifecycle.claim(case.pk, by=lena, at=END)

    assert (current(case).user, current(case).lease_until) == (lena, END + LEASE)
    taken.refresh_from_db()
    assert taken.end == "lapsed"
    assert lifecycle.lapse(taken.pk, at=END + MINUTE) is None


def test_renewing_saves_what_has_run_out_and_not_lapsed_yet(case, kim):
    taken = lifecycle.claim(case.pk, by=kim, at=NINE)

    assert lifecycle.renew(case.pk, by=kim, at=END + MINUTE)

    assert lifecycle.lapse(taken.pk, at=END + MINUTE) is None
    assert current(case) == taken


def test_while_a_case_waits_for_its_agent_its_lease_stands_still_and_then_begins_anew(case, kim):
    taken = lifecycle.claim(case.pk, by=kim, at=NINE)
    lifecycle.ask(case.pk, "Which parcel?", by=kim, at=NINE + MINUTE)

    assert lifecycle.lapse(taken.pk, at=END) is None
    assert looks_at(taken) == END + LEASE

    answered = END + 14 * MINUTE
    lifecycle.answer(case.pk, "The blue one.", [], by=case.agent, at=answered)
    assert current(case).lease_until == answered + LEASE


def test_whoever_signed_keeps_the_case_until_the_answer_is_out(case, kim):
    taken = lifecycle.claim(case.pk, by=kim, at=NINE)
    out = END + 2 * MINUTE
    Case.objects.filter(pk=case.pk).update(release_at=out)

    assert lifecycle.lapse(taken.pk, at=END) is None
    assert (looks_at(taken), current(case).lease_until) == (out + LEASE, out + LEASE)


def test_others_on_call_are_asked_before_who_let_it_lapse(role, kim):
    lena = make_reviewer(role, username="lena")
    make_layer(role, [kim, lena])
    case = handed_off_case(role)
    first = current(case).user
    taken = lifecycle.claim(case.pk, by=first, at=NINE)
    lifecycle.lapse(taken.pk, at=END)

    hands.seat(role, at=END)

    assert current(case).user == ({kim, lena} - {first}).pop()


def test_where_nobody_else_is_on_call_it_goes_back_to_who_let_it_lapse(role, kim):
    make_layer(role, kim)
    case = handed_off_case(role)
    taken = lifecycle.claim(case.pk, by=kim, at=NINE)
    lifecycle.lapse(taken.pk, at=END)

    hands.seat(role, at=END)

    assert (current(case).user, current(case).claimed_at) == (kim, None)


def test_what_may_not_be_taken_is_not_leased(role, kim):
    case = decided_case(role)
    with pytest.raises(IllegalTransition):
        lifecycle.claim(case.pk, by=kim, at=NINE)
    with pytest.raises(NotAuthorised):
        lifecycle.claim(handed_off_case(role).pk, by=make_reviewer(make_role()), at=NINE)
    assert effects.claim(EffectKind.LEASE, at=END) == []
