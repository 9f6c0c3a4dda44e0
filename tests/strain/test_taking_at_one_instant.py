"""Many who start at one instant get a case each; a lease that is renewed as it lapses does one of both."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils.timezone import now

from escalation import lifecycle
from escalation.lifecycle import LEASE
from escalation.models import Event, Handoff
from reviewers import starting
from tests.factories import handed_off_case, make_agent, make_layer, make_reviewer, make_role
from tests.strain.at_once import THREADS, at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_who_start_together_get_twenty_cases():
    role, agent = make_role("starts"), make_agent("starts")
    people = [make_reviewer(role) for _ in range(2 * THREADS)]
    cases = [handed_off_case(role, by=agent, at=now()) for _ in people]
    make_layer(role, people, at=now() - timedelta(days=1))

    found = []
    for crowd in (people[:THREADS], people[THREADS:]):
        found += at_once(*(partial(starting.start, one, at=now()) for one in crowd))

    assert {type(one) for one in found} == {Handoff}
    assert {one.case_id for one in found} == {case.pk for case in cases}
    assert {one.user_id for one in found} == {one.pk for one in people}
    assert Event.objects.filter(action="case.claimed").count() == len(people)


def test_of_a_renewal_and_a_lapse_at_one_instant_one_comes_first():
    role, agent = make_role("leases"), make_agent("leases")
    kim, at = make_reviewer(role), now()
    came = at - LEASE
    taken = [
        lifecycle.claim(handed_off_case(role, by=agent, at=came).pk, by=kim, at=came)
        for _ in range(20)
    ]

    for one in taken:
        renewed, lapsed, again = at_once(
            partial(lifecycle.renew, one.case_id, by=kim, at=at),
            partial(lifecycle.lapse, one.pk, at=at),
            partial(lifecycle.lapse, one.pk, at=at),
        )
        one.refresh_from_db()
        gave = [each for each in (lapsed, again) if isinstance(each, Handoff)]
        if one.end == "lapsed":
            assert (renewed, len(gave)) == (False, 1)
        else:
            assert (renewed, gave, one.lease_until) == (True, [], at + LEASE)
        assert Handoff.objects.filter(case=one.case_id, ended_at=None).count() == 1
