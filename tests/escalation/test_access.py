import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission
from guardian.shortcuts import assign_perm

from escalation import access
from escalation.actors import OPERATOR
from escalation.models import Case
from reviewers.memberships import join_role, leave_role
from tests.factories import (
    ABSENT,
    NINE,
    handed_off_case,
    make_agent,
    make_auditor,
    make_reviewer,
    make_role,
    make_user,
    open_case,
    package_with,
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

    assert access.rights(user).audits


@pytest.mark.parametrize("user", [AnonymousUser, make_user, lambda: make_user(is_superuser=True)])
def test_the_whole_record_is_read_only_by_those_who_were_named_for_it(user):
    assert not access.rights(user()).audits


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


# Tenants -----------------------------------------------------------------------------------------


def case_of(role, tenant):
    return handed_off_case(role, package_with("/identity/tenant", tenant))


def test_a_person_limited_to_tenants_sees_and_decides_theirs_alone():
    role = make_role()
    limited = make_reviewer(role, tenants=["north", "south"])
    north, south, west = (case_of(role, name) for name in ("north", "south", "west"))
    nobodys = case_of(role, ABSENT)

    assert seen_by(limited) == {north, south}
    assert rights(limited, north) == (True, True, True)
    assert rights(limited, west) == rights(limited, nobodys) == (False, False, False)


@pytest.mark.parametrize("tenants", [[""], ["North"], ["north "]])
def test_a_limit_that_names_no_tenant_of_a_case_opens_nothing(tenants):
    role = make_role()
    limited = make_reviewer(role, tenants=tenants)
    cases = [case_of(role, "north"), case_of(role, ABSENT)]

    assert {rights(limited, case) for case in cases} == {(False, False, False)}


def test_an_auditor_limited_to_tenants_audits_theirs_alone():
    role = make_role()
    auditor = make_auditor()
    auditor.tenants = ["north"]
    north, west = case_of(role, "north"), case_of(role, "west")

    assert seen_by(auditor) == {north}
    assert access.auditing(auditor).covers(north)
    assert not access.auditing(auditor).covers(west)
    assert access.auditing(auditor).said() == "the whole desk; tenant north"


# Kinds of right ----------------------------------------------------------------------------------


def holding(*rights_on, **fields):
    user = make_user(**fields)
    for right, role in rights_on:
        access.grant(right, user, role)
    return user


def test_a_supervisor_reads_the_cases_of_the_team_and_decides_none():
    role, other = make_role(), make_role()
    supervisor = holding((access.SUPERVISE, role))
    case, theirs = handed_off_case(role), handed_off_case(other)

    assert rights(supervisor, case) == (True, True, False)
    assert rights(supervisor, theirs) == (False, False, False)
    assert list(access.roles_with(access.SUPERVISE, supervisor)) == [role]
    assert list(access.managed_roles(supervisor)) == []


def test_a_manager_edits_the_roster_of_a_role_and_reads_none_of_its_cases():
    role, other = make_role(), make_role()
    manager = holding((access.MANAGE, role))

    assert list(access.managed_roles(manager)) == [role]
    assert access.may_manage(manager, role) and not access.may_manage(manager, other)
    assert rights(manager, handed_off_case(role)) == (False, False, False)


def test_an_administrator_manages_every_roster_and_reads_no_case():
    role = make_role()
    admin = make_user(is_superuser=True, is_staff=True)

    assert set(access.managed_roles(admin)) >= {role}
    assert rights(admin, handed_off_case(role)) == (False, False, False)


def test_an_auditor_of_a_role_reads_its_record_and_no_other():
    role, other = make_role(), make_role()
    auditor = holding((access.AUDIT_ROLE, role))
    case, theirs, unhanded = handed_off_case(role), handed_off_case(other), open_case()

    assert seen_by(auditor) == {case}
    assert rights(auditor, case) == (True, True, False)
    assert rights(auditor, theirs) == rights(auditor, unhanded) == (False, False, False)
    assert access.auditing(auditor).said() == f"role {role.slug}"


def test_rights_may_come_by_a_group():
    role, group, user = make_role(), Group.objects.create(name="Refunds"), make_user()
    user.groups.add(group)
    assign_perm(access.DECIDE, group, role)

    assert access.may_decide(user, handed_off_case(role))


def test_an_agent_holds_nothing():
    case = handed_off_case(make_role())

    assert access.held(case.agent) == access.NOTHING
    assert rights(case.agent, case) == (False, False, False)


@pytest.mark.parametrize("count", [1, 20])
def test_rights_cost_one_query_however_many_roles(count, django_assert_num_queries):
    user = make_reviewer(*(make_role() for _ in range(count)))

    with django_assert_num_queries(1):
        assert len(access.rights(user).roles(access.DECIDE)) == count


# Two hats ----------------------------------------------------------------------------------------


@pytest.fixture
def both():
    """Somebody who decides for a role and audits the desk."""
    role = make_role()
    user = make_reviewer(role)
    user.user_permissions.add(Permission.objects.get(codename="audit_desk"))
    return user, handed_off_case(role), handed_off_case(make_role())


@pytest.mark.parametrize(
    ("hat", "own", "others", "audits"),
    [
        ("", (True, True, True), (False, False, False), False),
        ("reviewer", (True, True, True), (False, False, False), False),
        ("auditor", (True, True, False), (True, True, False), True),
    ],
)
def test_who_may_decide_and_audit_does_one_or_the_other(both, hat, own, others, audits):
    user, case, theirs = both
    user.acting_as = hat

    assert (rights(user, case), rights(user, theirs)) == (own, others)
    assert access.rights(user).audits is audits


@pytest.mark.parametrize("right", [access.DECIDE, access.SUPERVISE, access.MANAGE])
def test_every_right_to_act_makes_an_auditor_choose(right):
    user = make_auditor()
    access.grant(right, user, make_role())

    assert not access.rights(user).audits
    user.acting_as = access.AUDITOR
    assert access.rights(user).audits
    assert not list(access.roles_with(right, user)) and not list(access.managed_roles(user))


def test_a_hat_that_one_has_no_right_to_gives_none():
    role = make_role()
    reviewer = make_reviewer(role)
    reviewer.acting_as = access.AUDITOR

    assert rights(reviewer, handed_off_case(role)) == (False, False, False)
    assert not access.rights(reviewer).audits


def test_a_pure_auditor_needs_no_hat():
    assert access.rights(make_auditor()).audits
