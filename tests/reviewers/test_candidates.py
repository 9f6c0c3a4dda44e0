"""Who of those on call gets a case: the order of the line, and why somebody in it is passed over."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils.timezone import now

from escalation import access, ledger
from escalation.actors import OPERATOR
from escalation.models import Case, Competence, Conflict, Handoff
from reviewers import candidates
from reviewers.memberships import join_role
from reviewers.models import Profile
from routing.dispatch import dispatch
from tests.factories import (
    NINE,
    handed_off_case,
    make_layer,
    make_reviewer,
    make_role,
    open_case,
    package,
    package_with,
)
from tests.strain.at_once import at_once

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def role():
    return make_role()


@pytest.fixture
def on_call(role):
    """Put people on call for the role, together or, with a position, behind one another."""

    def put(*people, position=1):
        make_layer(role, list(people), position=position)
        return people if len(people) > 1 else people[0]

    return put


def named(role, name, capacity=None):
    user = make_reviewer(role, first_name=name)
    if capacity:
        Profile.objects.create(user=user, capacity=capacity)
    return user


def turn_of(case):
    return Handoff.objects.get(case=case, ended_at=None).user


def reasons(case):
    (line,) = [line for line in ledger.history(case) if line.action == "case.handed_off"]
    return line.private.get("passed_over", [])


# The order ---------------------------------------------------------------------------------------


def test_primary_is_asked_before_secondary_however_much_is_in_hand(role, on_call):
    second, first = named(role, "Sol"), named(role, "Pim")
    on_call(second, position=2)
    on_call(first)

    cases = [handed_off_case(role) for _ in range(3)]

    assert [turn_of(case) for case in cases] == [first] * 3


def test_the_smallest_share_of_capacity_comes_first(role, on_call):
    small, large = on_call(named(role, "Small", 2), named(role, "Large", 8))

    cases = [handed_off_case(role, at=NINE + n * MINUTE) for n in range(10)]

    assert [turn_of(case) for case in cases].count(small) == 2
    assert [turn_of(case) for case in cases].count(large) == 8


def test_somebody_without_a_limit_does_not_get_everything(role, on_call):
    bounded, open_ended = on_call(named(role, "Ann", candidates.ROOMY), named(role, "Bo"))

    turns = [turn_of(handed_off_case(role, at=NINE + n * MINUTE)) for n in range(6)]

    assert (turns.count(bounded), turns.count(open_ended)) == (3, 3)


def test_of_equals_the_longest_idle_comes_first(role, on_call):
    one, two, three = on_call(*(named(role, name) for name in ("One", "Two", "Three")))

    first = [turn_of(handed_off_case(role, at=NINE + n * MINUTE)) for n in range(3)]
    for case in Case.objects.all():
        case.handoffs.update(ended_at=NINE + 5 * MINUTE, end="returned")
    again = [turn_of(handed_off_case(role, at=NINE + (10 + n) * MINUTE)) for n in range(3)]

    assert set(first) == {one, two, three}
    assert again == first


def test_a_burst_is_spread_evenly(role, on_call):
    team = on_call(*(named(role, f"P{n}") for n in range(5)))
    cases = [open_case(package(role=role.slug)) for _ in range(50)]

    dispatch([case.pk for case in cases], at=NINE)

    given = [turn_of(case) for case in cases]
    assert {given.count(one) for one in team} == {10}


@pytest.mark.parametrize(
    ("reads", "language", "turn"),
    [
        (["nb", "en"], "nb", "Ann"),
        (["pt"], "pt-BR", "Ann"),  # whoever reads a language reads its regions
        (["en"], "nb", "Bo"),
        (["en"], "", "Ann"),
        ([], "nb", "Ann"),  # who names no languages is asked in any
    ],
)
def test_a_case_goes_to_somebody_who_reads_its_language(role, on_call, reads, language, turn):
    ann, bo = named(role, "Ann"), named(role, "Bo")
    Profile.objects.create(user=ann, languages=reads)
    on_call(ann)
    on_call(bo, position=2)
    sent = package_with("/request/language", language) if language else None

    case = handed_off_case(role, sent)

    assert turn_of(case).first_name == turn
    assert reasons(case) == ([] if turn == "Ann" else ["Ann does not read nb."])


def test_who_answered_a_case_before_is_not_asked_again(role, on_call):
    ann, bo = named(role, "Ann"), named(role, "Bo")
    on_call(ann)
    on_call(bo, position=2)
    case = handed_off_case(role)
    case.answers.create(user=ann, option=case.options.first(), digest=case.digest, answered_at=NINE)

    before = candidates.earlier([case])[case.pk]
    chosen, _ = candidates.Team(role, NINE).choose(case, before)

    assert (before, chosen) == ({ann.pk}, bo)


def test_who_is_on_call_for_two_roles_has_one_pair_of_hands(role):
    other = make_role()
    busy = make_reviewer(role, other)
    Profile.objects.create(user=busy, capacity=1)
    for each in (role, other):
        make_layer(each, busy)
    cases = [open_case(package(role=each.slug)) for each in (role, other)]

    dispatch([case.pk for case in cases], at=NINE)

    assert sorted(str(turn_of(case)) for case in cases) == sorted([str(busy), "None"])


# Passed over -------------------------------------------------------------------------------------


def test_nobody_on_call_leaves_a_case_to_the_role_and_says_so(role):
    make_reviewer(role)  # of the role, but on no roster

    case = handed_off_case(role)

    assert turn_of(case) is None
    assert reasons(case) == [f"Nobody is on call for {role}."]


def untrained(role, user):
    role.competences = ["refunds"]
    role.save(update_fields=["competences"])
    return f"{user} is not trained in refunds, or no longer."


def in_conflict(role, user):
    Conflict.objects.create(user=user, tenant="nordic-retail", reason="Owns shares.")
    return f"{user} has a conflict of interest."


def of_another_tenant(role, user):
    user.tenants = ["other"]
    user.save(update_fields=["tenants"])
    return f"{user} does not decide for nordic-retail."


def acted_for(role, user):
    user.username = "CUS_19"
    user.save(update_fields=["username"])
    return f"The agent acts for {user}, who therefore cannot decide "


def without_the_right(role, user):
    access.revoke(access.DECIDE, user, role)
    return f"{user} may not decide for {role}."


def full(role, user):
    Profile.objects.update_or_create(user=user, defaults={"capacity": 1})
    other = make_role()
    join_role(other, user, by=OPERATOR, at=NINE)
    make_layer(other, user)
    handed_off_case(other)
    return f"{user} has 1 of 1 cases in hand."


@pytest.mark.parametrize(
    "obstacle", [untrained, in_conflict, of_another_tenant, acted_for, without_the_right, full]
)
def test_an_obstacle_passes_somebody_over_with_the_reason_on_record(role, on_call, obstacle):
    first, second = named(role, "Ida"), named(role, "Bo")
    on_call(first)
    on_call(second, position=2)
    Competence.objects.create(user=second, name="refunds", since=NINE - timedelta(days=1))
    sentence = obstacle(role, first)

    case = handed_off_case(role)

    assert turn_of(case) == second
    (said,) = reasons(case)
    assert said.startswith(sentence)


def test_everybody_passed_over_leaves_the_case_to_the_role_and_every_reason_is_on_record(
    role, on_call
):
    ida, bo = on_call(named(role, "Ida"), named(role, "Bo"))
    sentences = {of_another_tenant(role, ida), in_conflict(role, bo)}

    case = handed_off_case(role)

    assert turn_of(case) is None
    assert set(reasons(case)) == sentences


def test_a_conflict_with_one_case_is_none_with_the_next(role, on_call):
    ida = on_call(named(role, "Ida"))
    in_conflict(role, ida)

    other = handed_off_case(role, package_with("/identity/tenant", "elsewhere"))

    assert turn_of(other) == ida


def test_the_line_of_a_role_shows_everybody_in_order_with_what_they_have(role, on_call):
    ida, bo = on_call(named(role, "Ida", 5), named(role, "Bo", 5))
    got = turn_of(handed_off_case(role))

    line = candidates.Team(role, NINE + MINUTE).weigh(None)

    assert [one.user for one in line] == [*({ida, bo} - {got}), got]
    assert [(one.in_hand, one.capacity, one.passed_over) for one in line] == [
        (0, 5, ""),
        (1, 5, ""),
    ]


# At one instant ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_jobs_at_one_instant_do_not_all_choose_the_same_person():
    role = make_role()
    team = [make_reviewer(role) for _ in range(4)]
    make_layer(role, team)
    for _ in range(3):
        cases = [open_case(package(role=role.slug), at=now()) for _ in range(4)]

        done = at_once(*(partial(dispatch, [case.pk], at=now()) for case in cases))

        assert [type(each) for each in done] == [list] * 4
        assert {turn_of(case) for case in cases} == set(team)


@pytest.mark.django_db(transaction=True)
def test_jobs_for_two_roles_do_not_fill_shared_hands_beyond_their_room():
    roles = [make_role(), make_role()]
    shared = make_reviewer(*roles)
    Profile.objects.create(user=shared, capacity=1)
    for role in roles:
        make_layer(role, shared)
    cases = [open_case(package(role=role.slug), at=now()) for role in roles]

    at_once(*(partial(dispatch, [case.pk], at=now()) for case in cases))

    assert [turn_of(case) for case in cases].count(shared) == 1


@pytest.mark.django_db(transaction=True)
def test_jobs_with_the_same_roles_in_another_order_do_not_wait_for_each_other_for_ever():
    roles = [make_role() for _ in range(3)]
    for role in roles:
        make_layer(role, [make_reviewer(*roles) for _ in range(3)])
    batches = [
        [open_case(package(role=role.slug), at=now()).pk for role in order for _ in range(2)]
        for order in (roles, roles[::-1], roles, roles[::-1])
    ]

    done = at_once(*(partial(dispatch, batch, at=now()) for batch in batches))

    assert [len(each) for each in done] == [6] * 4
