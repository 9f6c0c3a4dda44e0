"""The queue of somebody limited to tenants, and whose turn each case is."""

from datetime import timedelta

import pytest

from escalation import access
from reviewers import queue
from reviewers.queue import Filters, View
from tests.factories import (
    ABSENT,
    NINE,
    decided_case,
    handed_off_case,
    make_layer,
    make_reviewer,
    make_role,
    package_with,
)

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def case_of(role, tenant, minutes=0):
    sent = package_with("/identity/tenant", tenant)
    return handed_off_case(role, sent, at=NINE + minutes * MINUTE)


@pytest.fixture
def limited():
    """Somebody of two roles who sees the north and the south, and what waits there and elsewhere."""
    roles = [make_role(), make_role()]
    reader = make_reviewer(*roles, tenants=["north", "south"])
    mine = [
        case_of(roles[0], "north", 1),
        case_of(roles[1], "south", 2),
        case_of(roles[0], "south", 3),
    ]
    for role in roles:
        case_of(role, "west")
        case_of(role, ABSENT)
    return reader, access.reading(reader), mine


def listed(reach, reader, **given):
    return queue.page(reach, reader=reader, at=NINE, **given)


def names(cases):
    return [one.reference for one in cases]


def mine_of(reach, reader):
    return names(listed(reach, reader, view=View.MINE).rows)


def test_only_the_cases_of_their_tenants_wait_oldest_first_over_pages(limited):
    reader, reach, mine = limited
    found, after = [], ""
    for _ in range(2):
        page = listed(reach, reader, after=after, size=2)
        found += names(page.rows)
        after = page.next or ""

    assert found == names(mine)


def test_counts_news_and_searches_keep_to_their_tenants(limited):
    reader, reach, mine = limited

    found = queue.counts(reach, reader=reader, midnight=NINE, at=NINE)
    assert (found.of(View.TODO), found.of(View.UNOWNED)) == (3, 3)
    assert found.next_due_at() == mine[0].due_at
    news = queue.arrived(reach, since=NINE - MINUTE)
    assert (news.total, news.cases) == (3, mine[::-1])
    assert listed(reach, reader, filters=Filters(q="west")).rows == []
    assert names(listed(reach, reader, filters=Filters(q="south")).rows) == names(mine[1:])
    assert names(listed(reach, reader, filters=Filters(q=mine[0].reference)).rows) == names(
        mine[:1]
    )


def test_what_was_decided_keeps_to_their_tenants(limited):
    reader, reach, _ = limited
    role = reach.roles[0]
    seen = decided_case(role, sent=package_with("/identity/tenant", "north"))
    decided_case(role, sent=package_with("/identity/tenant", "west"))

    found = queue.listed(reach, View.DECIDED, midnight=NINE, at=NINE)
    assert found.cases == [seen]


def test_pages_of_another_tenants_case_are_not_there(limited, as_user):
    reader, reach, _ = limited
    hidden = case_of(reach.roles[0], "west")
    browser = as_user(reader)

    for page in ("", "standing/", "raw/arguments/", "steps/1/output/"):
        assert browser.get(f"/cases/{hidden.reference}/{page}").status_code == 404
    searched = browser.get("/queue/", {"q": hidden.reference})
    assert (searched.status_code, searched.context["page"].cases) == (200, [])


def test_mine_are_the_cases_whose_turn_is_mine(as_user):
    role = make_role()
    ida, bo = make_reviewer(role, first_name="Ida"), make_reviewer(role, first_name="Bo")
    nobodys = handed_off_case(role)
    make_layer(role, ida)
    mine = handed_off_case(role, at=NINE + MINUTE)
    reach = access.reading(ida)

    assert mine_of(reach, ida) == [mine.reference]
    assert mine_of(reach, bo) == []
    counted = [queue.counts(reach, reader=one, midnight=NINE, at=NINE) for one in (ida, bo)]
    assert [one.of(View.MINE) for one in counted] == [1, 0]
    page = as_user(ida).get("/queue/?view=mine").content.decode()
    assert mine.reference in page and nobodys.reference not in page
    assert "<b>you</b>" in page
    assert "Ida" in as_user(bo).get("/queue/").content.decode()


def test_a_case_that_is_mine_by_name_but_no_longer_mine_to_read_is_not_listed():
    role = make_role()
    ida = make_reviewer(role)
    make_layer(role, ida)
    handed_off_case(role)

    assert mine_of(access.Reach(), ida) == []
    west = access.Reach(tenants=("west",), desk=True)
    assert queue.counts(west, reader=ida, midnight=NINE, at=NINE).of(View.MINE) == 0
