"""Policy is drafted by several, published by a second person, and rolled back in one act."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from escalation import ledger
from escalation.errors import NotAuthorised
from escalation.models import Event, Role
from routing import policies
from routing.enums import VersionStatus
from routing.errors import PolicyMoved, PolicyRefused, PolicyRejected
from routing.models import PolicyVersion
from tests.factories import NINE, make_policy_maker, make_role, make_user

pytestmark = pytest.mark.django_db

LATER = NINE + timedelta(minutes=5)
BIG: dict[str, Any] = {
    "name": "Large refunds",
    "when": {"field": "amount", "operator": ">", "value": "500 USD"},
    "role": "refunds",
    "sla": "standard",
    "stakes_floor": "high",
    "approvals": 2,
}
ACME = {
    "name": "Acme",
    "when": {"field": "tenant", "operator": "==", "value": "acme"},
    "sla": "standard",
}


@pytest.fixture
def ida():
    return make_policy_maker("ida")


@pytest.fixture
def bob():
    return make_policy_maker("bob")


@pytest.fixture(autouse=True)
def refunds():
    return make_role("refunds")


def seen(version=None):
    return policies.seen_as(version or PolicyVersion.objects.open_draft())


def names(version):
    return [route.name for route in policies.of(version).all_routes]


def with_route(by, *routes, at=NINE):
    """Return a draft that ``by`` began and added routes to."""
    version = policies.draft(by=by, at=at)
    for route in routes or (BIG,):
        version = policies.add_route(route, seen=seen(version), by=by, at=at)
    return version


def published(by, second, *routes):
    version = with_route(by, *routes)
    return policies.publish(seen=seen(version), by=second, at=LATER)


def actions():
    found = Event.objects.filter(action__startswith="policy.").order_by("id")
    return [event.action for event in found]


def last_facts():
    return ledger.Line.of(Event.objects.filter(action__startswith="policy.").latest("id")).facts


# Drafting -----------------------------------------------------------------------------------------


def test_a_draft_says_what_is_in_force_and_there_is_one_at_a_time(ida, bob):
    made = policies.draft(by=ida, at=NINE)

    in_force = PolicyVersion.objects.in_force()
    assert policies.of(made) == policies.of(in_force)
    assert (made.based_on, made.drafted_by, made.drafted_at) == (in_force, ida, NINE)
    assert policies.draft(by=bob, at=LATER) == made
    assert actions() == ["policy.drafted"]


def test_routes_are_added_before_the_default_changed_moved_and_taken_out(ida):
    version = with_route(ida, BIG, ACME)
    assert names(version) == ["Large refunds", "Acme", "The default route"]

    version = policies.move_route(2, 1, seen=seen(version), by=ida, at=NINE)
    version = policies.add_route(
        {**ACME, "name": "Acme too"}, before=1, seen=seen(version), by=ida, at=NINE
    )
    assert names(version) == ["Acme too", "Acme", "Large refunds", "The default route"]

    version = policies.change_route(3, {**BIG, "approvals": 3}, seen=seen(version), by=ida, at=NINE)
    default = {"name": "The rest", "role": "refunds", "sla": "standard"}
    version = policies.change_route(4, default, seen=seen(version), by=ida, at=NINE)
    version = policies.remove_route(1, seen=seen(version), by=ida, at=NINE)
    found = policies.of(version)
    assert names(version) == ["Acme", "Large refunds", "The rest"]
    assert (found.routes[1].approvals, found.default.role) == (3, "refunds")
    assert (version.revision, version.editors) == (7, [ida.pk])


def test_an_edit_is_on_the_record_with_both_sides(ida):
    version = with_route(ida)
    policies.change_route(1, {**BIG, "approvals": 1}, seen=seen(version), by=ida, at=NINE)

    assert actions() == ["policy.drafted", "policy.edited", "policy.edited"]
    assert last_facts() == {
        "revision": 2,
        "changes": [
            {
                "what": "route",
                "how": "changed",
                "name": "Large refunds",
                "before": BIG,
                "after": {**BIG, "approvals": 1},
            }
        ],
    }


def test_an_edit_that_changes_nothing_makes_nobody_an_editor(ida, bob):
    version = with_route(ida)

    after = policies.change_route(1, BIG, seen=seen(version), by=bob, at=LATER)

    assert (after.revision, after.editors) == (1, [ida.pk])
    assert actions() == ["policy.drafted", "policy.edited"]


def test_two_editors_do_not_overwrite_one_another(ida):
    bob = make_policy_maker("bob", time_zone="Europe/Oslo")
    opened = seen(policies.draft(by=ida, at=NINE))
    policies.add_route(BIG, seen=opened, by=ida, at=NINE)

    with pytest.raises(PolicyMoved) as refused:
        policies.add_route(ACME, seen=opened, by=bob, at=LATER)

    assert str(refused.value) == (
        "ida changed the draft on Fri 20 Nov at 10:00, after you opened it; nothing was changed."
    )
    assert names(PolicyVersion.objects.open_draft()) == ["Large refunds", "The default route"]


@pytest.mark.parametrize("forged", ["", "x", "x.1", f"{'0' * 32}.0"])
def test_a_draft_that_never_was_is_refused(ida, forged):
    with pytest.raises(PolicyMoved, match="There is no such draft"):
        policies.add_route(BIG, seen=forged, by=ida, at=NINE)


def test_faults_of_a_route_point_into_it_and_nothing_is_kept(ida):
    version = with_route(ida, ACME)
    wrong = {
        "name": "",
        "when": {"all": [{"field": "amonut", "operator": ">", "value": "5 USD"}]},
        "role": "refund",
        "sla": "standrad",
        "stakes_floor": "immense",
        "approvals": 9,
        "colour": "red",
    }

    with pytest.raises(PolicyRejected) as refused:
        policies.add_route(wrong, seen=seen(version), by=ida, at=NINE)

    assert [(fault.pointer, fault.message) for fault in refused.value.faults] == [
        (
            "/colour",
            "There is no such field; known are name, when, role, sla, stakes_floor, approvals, moves_money.",
        ),
        ("/name", "Give a name of 120 characters at most."),
        ("/when/all/0/field", "There is no field 'amonut'; did you mean amount?"),
        ("/role", "There is no role “refund”. Did you mean refunds?"),
        ("/sla", "There is no SLA policy “standrad”. Did you mean standard?"),
        ("/stakes_floor", "This must be one of low, medium, high, critical."),
        ("/approvals", "This must be a whole number from 1 to 5."),
    ]
    assert names(PolicyVersion.objects.open_draft()) == ["Acme", "The default route"]


def test_two_routes_do_not_share_a_name(ida):
    version = with_route(ida, ACME)

    with pytest.raises(PolicyRejected, match="There are two routes “acme”"):
        policies.add_route({**BIG, "name": "acme"}, seen=seen(version), by=ida, at=NINE)


@pytest.mark.parametrize("position", [0, 2, -1, 99])
def test_the_default_stays_and_stays_last(ida, position):
    version = with_route(ida, ACME)

    for act in (
        lambda: policies.remove_route(position, seen=seen(version), by=ida, at=NINE),
        lambda: policies.move_route(1, position, seen=seen(version), by=ida, at=NINE),
    ):
        with pytest.raises(PolicyRefused, match="There is no route at position"):
            act()


# SLA policies -------------------------------------------------------------------------------------


def sla_facts(**changes):
    (standard,) = policies.of(PolicyVersion.objects.in_force()).slas
    return {**standard.as_facts(), **changes}


def test_an_sla_policy_is_added_renamed_with_its_routes_and_removed_when_unused(ida):
    version = with_route(ida, BIG)
    urgent = sla_facts(slug="urgent", name="Urgent")
    version = policies.add_sla(urgent, seen=seen(version), by=ida, at=NINE)
    with pytest.raises(PolicyRejected, match="There is an SLA policy urgent already"):
        policies.add_sla(urgent, seen=seen(version), by=ida, at=NINE)

    plain = sla_facts(slug="plain", warnings=[90])
    version = policies.change_sla("standard", plain, seen=seen(version), by=ida, at=NINE)
    found = policies.of(version)
    assert [sla.slug for sla in found.slas] == ["plain", "urgent"]
    assert [route.sla for route in found.all_routes] == ["plain", "plain"]

    with pytest.raises(PolicyRefused) as refused:
        policies.remove_sla("plain", seen=seen(version), by=ida, at=NINE)
    assert str(refused.value) == (
        "Standard is the SLA policy of Large refunds, The default route; choose another there first."
    )
    version = policies.remove_sla("urgent", seen=seen(version), by=ida, at=NINE)
    assert [sla.slug for sla in policies.of(version).slas] == ["plain"]


# Publishing ---------------------------------------------------------------------------------------


def test_a_second_person_publishes_and_the_record_holds_the_whole_policy(ida, bob):
    version = with_route(ida)

    policies.publish(seen=seen(version), by=bob, at=LATER)

    in_force = PolicyVersion.objects.in_force()
    assert (in_force.number, in_force.published_by, in_force.published_at) == (2, bob, LATER)
    assert names(in_force) == ["Large refunds", "The default route"]
    facts = last_facts()
    assert facts["policy"] == policies.of(in_force).as_facts()
    assert (facts["number"], facts["replaces"]) == (2, 1)
    assert (facts["drafted_by"], facts["editors"]) == (str(ida.pk), [str(ida.pk)])
    assert facts["changes"] == ["route Large refunds added"]


def test_whoever_drafted_or_edited_does_not_publish(ida, bob):
    began = policies.draft(by=ida, at=NINE)
    edited = policies.add_route(BIG, seen=seen(began), by=bob, at=NINE)

    with pytest.raises(PolicyRefused, match="You began this draft"):
        policies.publish(seen=seen(edited), by=ida, at=LATER)
    with pytest.raises(PolicyRefused, match="You edited this draft"):
        policies.publish(seen=seen(edited), by=bob, at=LATER)

    assert PolicyVersion.objects.in_force().number == 1


def test_the_database_refuses_a_policy_published_by_its_editor(ida, bob):
    version = with_route(ida)

    for publisher in (ida, bob):
        version.editors = [bob.pk]
        with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
            PolicyVersion.objects.filter(pk=version.pk).update(
                status="published", number=2, published_by=publisher, published_at=LATER,
                editors=[bob.pk],
            )  # fmt: skip


def test_what_changes_nothing_is_not_published(ida, bob):
    version = policies.draft(by=ida, at=NINE)

    with pytest.raises(PolicyRefused, match="says the same as version 1"):
        policies.publish(seen=seen(version), by=bob, at=LATER)


def test_only_what_was_seen_is_published(ida, bob):
    opened = seen(with_route(ida))
    policies.add_route(ACME, seen=opened, by=ida, at=LATER)

    with pytest.raises(PolicyMoved, match="ida changed the draft on Fri 20 Nov at 09:05"):
        policies.publish(seen=opened, by=bob, at=LATER)


def test_what_is_published_or_put_away_takes_no_edit_and_says_who_did_it(ida, bob):
    version = published(ida, bob)
    with pytest.raises(PolicyMoved) as refused:
        policies.add_route(ACME, seen=seen(version), by=ida, at=LATER)
    assert str(refused.value) == (
        "bob published this as version 2 on Fri 20 Nov at 09:05; nothing was changed."
    )

    other = policies.draft(by=ida, at=LATER)
    policies.discard(seen=seen(other), by=bob, at=LATER)
    with pytest.raises(PolicyMoved, match="bob put this draft away on Fri 20 Nov at 09:05"):
        policies.publish(seen=seen(other), by=bob, at=LATER)
    other.refresh_from_db()
    assert other.status == VersionStatus.DISCARDED
    assert policies.draft(by=ida, at=LATER) != other
    assert actions()[-2:] == ["policy.discarded", "policy.drafted"]


# Rolling back -------------------------------------------------------------------------------------


def test_one_person_goes_back_in_one_act_and_an_open_draft_stays_open(ida, bob):
    published(ida, bob)
    first = PolicyVersion.objects.get(number=1)
    waiting = with_route(bob, ACME)

    made = policies.roll_back(1, in_force=2, by=ida, at=LATER)

    assert PolicyVersion.objects.in_force() == made
    assert (made.number, made.rolls_back_to, made.published_by) == (3, first, ida)
    assert policies.of(made) == policies.of(first)
    assert PolicyVersion.objects.open_draft() == waiting
    assert last_facts()["to"] == 1


def test_going_back_is_refused_where_it_makes_no_sense(ida, bob):
    published(ida, bob)

    for number, in_force, why in (
        (9, 2, "There is no version 9"),
        (2, 2, "What version 2 says is in force already"),
        (1, 1, "By now version 2 is in force"),
    ):
        with pytest.raises(PolicyRefused, match=why):
            policies.roll_back(number, in_force=in_force, by=ida, at=LATER)


def test_the_database_lets_one_person_go_back_only_to_what_was_published(ida, bob):
    published(ida, bob)
    version = with_route(ida, ACME)
    first = PolicyVersion.objects.get(number=1)
    back = {"status": "published", "number": 3, "published_by": ida, "published_at": LATER}

    for target in (first, version):
        with pytest.raises(IntegrityError, match="goes back"), transaction.atomic():
            PolicyVersion.objects.filter(pk=version.pk).update(**back, rolls_back_to=target)


# Rights -------------------------------------------------------------------------------------------


def test_every_act_asks_for_the_right_itself(ida):
    outsider = make_user("outsider")
    version = with_route(ida)
    slug = Role.objects.first().slug
    acts = [
        lambda who: policies.draft(by=who, at=NINE),
        lambda who: policies.add_route(BIG, seen=seen(version), by=who, at=NINE),
        lambda who: policies.change_route(1, BIG, seen=seen(version), by=who, at=NINE),
        lambda who: policies.remove_route(1, seen=seen(version), by=who, at=NINE),
        lambda who: policies.move_route(1, 1, seen=seen(version), by=who, at=NINE),
        lambda who: policies.add_sla(sla_facts(slug=slug), seen=seen(version), by=who, at=NINE),
        lambda who: policies.change_sla(
            "standard", sla_facts(), seen=seen(version), by=who, at=NINE
        ),
        lambda who: policies.remove_sla("standard", seen=seen(version), by=who, at=NINE),
        lambda who: policies.replace_with("{}", seen=seen(version), by=who, at=NINE),
        lambda who: policies.describe("x", seen=seen(version), by=who, at=NINE),
        lambda who: policies.publish(seen=seen(version), by=who, at=NINE),
        lambda who: policies.discard(seen=seen(version), by=who, at=NINE),
        lambda who: policies.roll_back(1, in_force=1, by=who, at=NINE),
    ]
    ida.acting_as = "auditor"

    for act in acts:
        for who in (outsider, ida):
            with pytest.raises(NotAuthorised):
                act(who)
