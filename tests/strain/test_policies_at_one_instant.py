"""Two who act on the desk's policy at one instant: one is first, the other is told who."""

from collections import Counter
from datetime import timedelta

import pytest

from escalation.models import Event
from routing import policies
from routing.errors import PolicyMoved, PolicyRefused
from routing.models import PolicyVersion
from tests.factories import NINE, make_policy_maker
from tests.strain.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NINE + timedelta(minutes=5)
ROUNDS = 5


def route(name):
    when = {"field": "tenant", "operator": "==", "value": name}
    return {"name": name, "when": when, "sla": "standard"}


def drafted(by, number):
    version = policies.draft(by=by, at=NINE)
    seen = policies.seen_as(version)
    return policies.add_route(route(f"r{number}"), seen=seen, by=by, at=NINE)


def count(action):
    return Event.objects.filter(action=action).count()


def test_of_two_publishers_one_publishes_and_the_other_is_told_who():
    ida, bob, eva = (make_policy_maker(name) for name in ("ida", "bob", "eva"))
    for number in range(ROUNDS):
        seen = policies.seen_as(drafted(ida, number))

        results = at_once(
            *(
                lambda by=by: policies.publish(seen=seen, by=by, at=LATER)  # noqa: B023
                for by in (bob, eva)
            )
        )

        refused = [each for each in results if isinstance(each, Exception)]
        winner = PolicyVersion.objects.in_force()
        assert winner.number == number + 2
        assert [type(each) for each in refused] == [PolicyMoved]
        assert str(refused[0]).startswith(f"{winner.published_by} published this as {winner}")
    assert count("policy.published") == ROUNDS


def test_an_edit_and_a_publication_never_both_happen_to_what_was_seen():
    ida, bob = make_policy_maker("ida"), make_policy_maker("bob")
    outcomes = Counter()
    for number in range(ROUNDS):
        version = drafted(ida, number)
        seen = policies.seen_as(version)

        edited, published = at_once(
            lambda: policies.add_route(route("late"), seen=seen, by=ida, at=LATER),  # noqa: B023
            lambda: policies.publish(seen=seen, by=bob, at=LATER),  # noqa: B023
        )

        version.refresh_from_db()
        names = {each.name for each in version.routes.all()}
        if version.status == "published":
            assert isinstance(edited, PolicyMoved) and "late" not in names
        else:
            assert isinstance(published, PolicyMoved) and "late" in names
            policies.discard(seen=policies.seen_as(version), by=bob, at=LATER)
        outcomes[version.status] += 1
    assert sum(outcomes.values()) == ROUNDS


def test_of_two_who_go_back_one_does_and_drafts_are_begun_once():
    ida, bob = make_policy_maker("ida"), make_policy_maker("bob")
    policies.publish(seen=policies.seen_as(drafted(ida, 0)), by=bob, at=LATER)

    results = at_once(
        *(lambda by=by: policies.roll_back(1, in_force=2, by=by, at=LATER) for by in (ida, bob))
    )
    drafts = at_once(*(lambda by=by: policies.draft(by=by, at=LATER) for by in (ida, bob)))

    assert sorted(type(each).__name__ for each in results) == ["PolicyRefused", "PolicyVersion"]
    assert PolicyVersion.objects.in_force().number == 3
    assert drafts[0] == drafts[1]
    assert any(isinstance(each, PolicyRefused) for each in results)
