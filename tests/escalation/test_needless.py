"""How often each trigger made an agent stop, and how often somebody said that it need not have."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils.timezone import now

from escalation import lifecycle, needless
from escalation.enums import TriggerType
from escalation.needless import Stops
from tests.factories import (
    NINE,
    PACKAGE,
    handed_off_case,
    make_agent,
    make_reviewer,
    make_role,
    make_user,
    package,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TRIGGER = PACKAGE["triggers"][0]


@pytest.fixture
def role():
    return make_role()


@pytest.fixture
def agent():
    return make_agent("refunds-bot")


def stopped(role, agent, *, at=NINE, said_by=(), ended=True, triggers=None):
    """Return a case that came at ``at``, of which ``said_by`` said that it was needless."""
    case = handed_off_case(role, package(triggers=triggers or [TRIGGER]), by=agent, at=at)
    for person in said_by:
        needless.judge(case.pk, True, by=person, at=at)
    if ended:
        lifecycle.withdraw(case.pk, "It is not needed.", by=agent, at=at)
    return case


def test_a_case_counts_once_whoever_said_so_and_however_often_it_fired(role, agent):
    kim, ana = make_reviewer(role), make_reviewer(role)
    stopped(role, agent, said_by=[kim, ana], triggers=[TRIGGER, TRIGGER])
    stopped(role, agent)

    found = needless.by_trigger(at=NINE + DAY)

    assert found == {agent.pk: [Stops(TriggerType.CONFIDENCE, "refund_classification", 2, 1, 2, 1)]}


def test_thirty_days_are_counted_apart_from_ninety_and_older_ones_not_at_all(role, agent):
    kim = make_reviewer(role)
    for days in (1, 31, 91):
        stopped(role, agent, at=NINE - days * DAY, said_by=[kim])

    ((found,),) = needless.by_trigger(at=NINE).values()

    assert (found.lately, found.lately_needless) == (1, 1)
    assert (found.longer, found.longer_needless) == (2, 2)


def test_what_was_taken_back_or_said_of_an_open_case_does_not_count(role, agent):
    kim = make_reviewer(role)
    back = stopped(role, agent, said_by=[kim])
    needless.judge(back.pk, False, by=kim, at=NINE)
    stopped(role, agent, said_by=[kim], ended=False)

    ((found,),) = needless.by_trigger(at=NINE).values()

    assert (found.longer, found.longer_needless) == (2, 0)


def test_what_was_needless_most_often_comes_first(role, agent):
    kim = make_reviewer(role)
    risk = TRIGGER | {"type": "risk", "name": "amount"}
    for _ in range(2):
        stopped(role, agent)
    stopped(role, agent, said_by=[kim], triggers=[risk])

    (found,) = needless.by_trigger(at=NINE).values()

    assert [one.name for one in found] == ["amount", "refund_classification"]


@pytest.mark.parametrize("agents", [1, 3])
def test_the_page_of_agents_says_it_in_one_query_however_many(
    agents, role, as_user, django_assert_num_queries
):
    kim = make_reviewer(role)
    for _ in range(agents):
        at = now()
        stopped(role, make_agent(), at=at, said_by=[kim])
    with django_assert_num_queries(1):
        needless.by_trigger(at=now())
    manager = make_user()
    manager.user_permissions.add(Permission.objects.get(codename="change_agent"))

    html = as_user(manager).get("/agents/").content.decode()

    assert html.count("1 case, <b>1 needless</b>") == 2 * agents
