from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, transaction

from escalation import ledger, lifecycle
from escalation.enums import EffectKind
from escalation.models import Case, Effect, Role, Terms
from escalation.protocol import review_of
from routing import jobs, sla
from routing.apps import make_first_policy
from routing.dispatch import dispatch
from routing.models import PolicyVersion, Route
from routing.standard import STANDARD
from tests.factories import ABSENT, NINE, handed_off_case, make_role, open_case, package

pytestmark = pytest.mark.django_db
LATER = NINE + timedelta(seconds=1)


def hands_of(case):
    case.refresh_from_db()
    return list(case.handoffs.values_list("role__slug", "reason", "note"))


@pytest.mark.parametrize(
    ("wish", "hands"),
    [
        ("refunds", ("refunds", "wished", "The agent asked for refunds.")),
        (
            "nobody",
            (
                "operations",
                "default",
                "There is no role nobody; The default route takes what no other route does.",
            ),
        ),
        (
            ABSENT,
            (
                "operations",
                "default",
                "The agent named no role; The default route takes what no other route does.",
            ),
        ),
    ],
)
def test_a_case_goes_to_the_role_it_wished_for_else_by_the_default_route(wish, hands):
    make_role("refunds")
    case = open_case(package(role=wish))

    dispatch([case.pk], at=LATER)

    assert hands_of(case) == [hands]
    assert (case.status, case.role.slug, case.created_at) == ("awaiting", hands[0], NINE)


def test_many_cases_are_dispatched_in_as_few_statements_as_one(django_assert_num_queries):
    role = make_role()
    ContentType.objects.get_for_model(Role)  # looked up once a process

    for count in (1, 3):
        cases = [open_case(package(role=role.slug)) for _ in range(count)]
        with django_assert_num_queries(27):
            dispatch([case.pk for case in cases], at=LATER)
        assert [hands_of(case)[0][0] for case in cases] == [role.slug] * count


def test_what_is_dispatched_is_done():
    case = open_case()

    dispatch([case.pk], at=LATER)
    dispatch([case.pk], at=LATER + timedelta(days=1))

    assert Effect.objects.get(target=case.pk, kind="dispatch").done_at == LATER
    assert len(hands_of(case)) == 1


def test_a_case_that_was_withdrawn_first_needs_no_hands():
    case = open_case()
    lifecycle.withdraw(case.pk, "x", by=case.agent, at=NINE)

    dispatch([case.pk], at=LATER)

    assert hands_of(case) == []
    assert Effect.objects.get(target=case.pk, kind="dispatch").done_at == LATER


def test_the_record_says_who_handed_off_and_why():
    case = open_case()

    dispatch([case.pk], at=LATER)

    line = ledger.history(case)[-1]
    assert (line.action, line.actor, line.at) == ("case.handed_off", "system:router", LATER)


# The default route -------------------------------------------------------------------------------


def test_an_empty_desk_has_a_policy_and_making_it_again_changes_nothing():
    make_first_policy()

    version = PolicyVersion.objects.get()
    assert (version.number, version.status) == (1, "published")
    assert [(r.role.slug, r.sla.slug, r.is_default) for r in version.routes.all()] == [
        ("operations", "standard", True)
    ]


def test_a_published_policy_is_frozen_and_has_one_default():
    version, role = PolicyVersion.objects.get(), make_role()
    for change in (
        lambda: Route.objects.update(role=role),
        lambda: Route.objects.all().delete(),
        lambda: version.sla_policies.update(name="Another"),
        lambda: version.save(update_fields=["note"]),
        lambda: Route.objects.create(
            version=version, position=2, name="Another", role=role, sla=version.sla_policies.get(),
            is_default=True,
        ),
    ):  # fmt: skip
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            change()


# The job -----------------------------------------------------------------------------------------


def claims_for(*cases):
    claimed = Effect.objects.filter(kind=EffectKind.DISPATCH, target__in=[c.pk for c in cases])
    claimed.update(claims=1)
    return {str(pk): 1 for pk in claimed.values_list("pk", flat=True)}


def test_the_job_may_run_twice():
    case = open_case()
    claims = claims_for(case)

    jobs.dispatch(claims)
    jobs.dispatch(claims)

    assert len(hands_of(case)) == 1


def test_a_job_of_an_older_claim_does_nothing():
    case = open_case()
    stale = claims_for(case)
    Effect.objects.update(claims=2)

    jobs.dispatch(stale)

    assert hands_of(case) == []


@pytest.mark.django_db(transaction=True)
def test_one_case_that_cannot_be_handed_off_does_not_strand_the_rest(caplog):
    role = make_role()
    bad, good = open_case(package(role=role.slug)), open_case(package(role=role.slug))
    # a handoff that somehow exists already is refused by the database
    bad.handoffs.create(role=role, reason="wished", started_at=NINE)

    jobs.dispatch(claims_for(bad, good))

    assert list(Case.objects.order_by("id").values_list("status", flat=True)) == [
        "open",
        "awaiting",
    ]
    assert Effect.objects.get(target=bad.pk).done_at is None
    assert f"Case {bad.pk} found no hands and stays due" in caplog.text


def test_what_policy_asks_of_a_review_is_frozen_with_the_case():
    case = handed_off_case(make_role(), package(stakes="critical"))

    terms = Terms.objects.get()
    assert (terms.review, terms.reasons) == (STANDARD["review"], STANDARD["reasons"])
    assert review_of(case) == sla.read(STANDARD).review["critical"]
    assert case.approvals == 2  # two people, each blind to the other
