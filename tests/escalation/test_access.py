import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission

from escalation import access
from escalation.actors import OPERATOR
from escalation.models import Case
from reviewers.memberships import join_role, leave_role
from tests.factories import (
    NINE,
    handed_off_case,
    make_agent,
    make_auditor,
    make_reviewer,
    make_role,
    make_user,
    open_case,
)

pytestmark = pytest.mark.django_db


def seen_by(user):
    return set(access.cases_for(user))


def opens(user, case):
    try:
        return access.case_for_reader(user, case.reference) == case
    except Case.DoesNotExist:
        return False


def rights(user, case):
    """Return whether somebody sees a case in lists, may open it, may decide it."""
    return (case in seen_by(user), opens(user, case), access.may_decide(user, case))


def test_a_reviewer_reads_and_decides_the_cases_of_their_roles_and_no_other():
    one, two, other = make_role(), make_role(), make_role()
    reviewer = make_reviewer(one, two)
    mine = {handed_off_case(one), handed_off_case(two)}
    theirs, unhanded = handed_off_case(other), open_case()

    assert seen_by(reviewer) == mine
    assert {rights(reviewer, case) for case in mine} == {(True, True, True)}
    assert rights(reviewer, theirs) == rights(reviewer, unhanded) == (False, False, False)


@pytest.mark.parametrize(
    "outsider",
    [
        AnonymousUser,
        make_user,
        lambda: make_user(is_staff=True),
        lambda: make_user(is_superuser=True, is_staff=True),
        lambda: make_reviewer(make_role()),
    ],
)
def test_nobody_reads_what_they_have_no_role_for(outsider):
    case = handed_off_case(make_role())

    assert rights(outsider(), case) == (False, False, False)


def test_a_right_on_every_role_at_once_gives_none():
    case, user = handed_off_case(make_role()), make_user()
    user.user_permissions.add(*Permission.objects.filter(codename__endswith="_cases"))

    assert rights(user, case) == (False, False, False)


def test_leaving_a_role_ends_what_it_gave_at_once():
    role = make_role()
    case, reviewer = handed_off_case(role), make_reviewer(role)

    leave_role(role, reviewer, by=OPERATOR, at=NINE)

    assert rights(reviewer, case) == (False, False, False)


def test_coming_back_to_a_role_gives_it_again():
    role = make_role()
    case, reviewer = handed_off_case(role), make_reviewer(role)
    leave_role(role, reviewer, by=OPERATOR, at=NINE)

    join_role(role, reviewer, by=OPERATOR, at=NINE)

    assert rights(reviewer, case) == (True, True, True)


def test_who_is_made_inactive_reads_nothing():
    role = make_role()
    case, reviewer, auditor = handed_off_case(role), make_reviewer(role), make_auditor()
    for user in (reviewer, auditor):
        user.is_active = False
        user.save(update_fields=["is_active"])

    assert rights(reviewer, case) == rights(auditor, case) == (False, False, False)


def test_an_auditor_reads_every_case_and_decides_none():
    case, unhanded = handed_off_case(make_role()), open_case()
    auditor = make_auditor()

    assert seen_by(auditor) == {case, unhanded}
    assert rights(auditor, case) == rights(auditor, unhanded) == (True, True, False)


def test_an_auditor_may_be_one_by_their_group():
    group = Group.objects.create(name="Auditors")
    group.permissions.add(Permission.objects.get(codename="audit_desk"))
    user = make_user()
    user.groups.add(group)

    assert access.may_audit(user)


@pytest.mark.parametrize("user", [AnonymousUser, make_user, lambda: make_user(is_superuser=True)])
def test_the_whole_record_is_read_only_by_those_who_were_named_for_it(user):
    assert not access.may_audit(user())


@pytest.mark.parametrize("name", ["reference", "lower", "id"])
def test_a_case_is_found_by_its_reference_or_its_id(name):
    role = make_role()
    case, reviewer = handed_off_case(role), make_reviewer(role)
    names = {"reference": case.reference, "lower": f"esc-{case.number}", "id": str(case.pk)}

    assert access.case_for_reader(reviewer, names[name]) == case


@pytest.mark.parametrize(
    "name",
    ["", "ESC-", "ESC-0", "ESC-99999999999999999999", "ESC-1e3", "ESC-١", "1", "../admin", "x\x00"],
)
def test_a_name_that_is_none_finds_no_case(name):
    role = make_role()
    handed_off_case(role)

    with pytest.raises(Case.DoesNotExist):
        access.case_for_reader(make_reviewer(role), name)


def test_an_agent_sees_its_own_case_and_anothers_never_was():
    agent, other = make_agent(), make_agent()
    case = open_case(by=agent)

    assert access.case_for_agent(agent, case.reference) == case
    for name in (case.reference, str(case.pk)):
        with pytest.raises(Case.DoesNotExist):
            access.case_for_agent(other, name)
