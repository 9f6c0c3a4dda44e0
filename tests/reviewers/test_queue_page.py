import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils.timezone import now

from escalation import access, lifecycle
from escalation.models import Case, User
from reviewers import queue
from tests.factories import (
    NINE,
    decided_case,
    handed_off_case,
    make_auditor,
    make_reviewer,
    make_role,
    make_user,
    package_with,
)

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]


def references(html: bytes) -> list[str]:
    return re.findall(r'class="question" href="/cases/(ESC-\d+)/"', html.decode())


def news_address(since: object, **more: str) -> str:
    return f"/queue/news/?{urlencode({'since': since, **more})}"


@pytest.mark.parametrize("rows", [1, 3])
def test_queue_costs_the_same_with_one_row_and_with_three(
    rows: int, as_user: Browser, django_assert_num_queries: Callable
):
    role = make_role()
    browser = as_user(make_reviewer(role))
    cases = [handed_off_case(role) for _ in range(rows)]
    browser.get("/queue/")  # content types are asked for once in a process

    with django_assert_num_queries(16):
        page = browser.get("/queue/")

    assert references(page.content) == [case.reference for case in cases]


@pytest.mark.parametrize("rows", [1, 3])
def test_decided_today_costs_the_same_with_one_row_and_with_three(
    rows: int, as_user: Browser, django_assert_num_queries: Callable
):
    role = make_role()
    reader = make_reviewer(role)
    browser = as_user(reader)
    cases = [decided_case(role, by=reader, at=now() - timedelta(minutes=2)) for _ in range(rows)]
    browser.get("/queue/decided/")

    with django_assert_num_queries(14):
        page = browser.get("/queue/decided/")

    assert sorted(references(page.content)) == sorted(case.reference for case in cases)


def test_what_waits_for_its_agent_or_is_held_stays_in_the_queue_and_says_so(as_user: Browser):
    role = make_role()
    reader = make_reviewer(role)
    held, asked, over, soon = (handed_off_case(role, at=now()) for _ in range(4))
    lifecycle.hold(held.pk, "x", by=reader, at=now())
    lifecycle.ask(asked.pk, "?", by=reader, at=now())
    for case, minutes in ((over, -12.5), (soon, 38.5)):
        due = now() + timedelta(minutes=minutes)
        Case.objects.filter(pk=case.pk).update(due_at=due)

    page = as_user(reader).get("/queue/").content.decode()

    assert references(page.encode()) == [one.reference for one in (held, asked, over, soon)]
    said = [
        re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r'class="time">(.*?)</td>', page)[0:]
    ]
    assert said[-4:] == ["held", "agent asked", "12 min over", "38 min left"]
    assert page.count("data-due=") == 2  # by which the page keeps its words true


def test_queue_shows_why_each_case_stopped_and_what_it_is_about(as_user: Browser):
    role = make_role()
    case = handed_off_case(role, package_with("/stakes", "critical"))

    page = as_user(make_reviewer(role)).get("/queue/").content.decode()

    for shown in (
        case.reference,
        "0.62 &lt; 0.80",
        "refund classification",
        "$412.50",
        "critical",
        "nordic-retail",
    ):
        assert shown in page


def test_queue_lists_only_the_roles_of_its_reader(as_user: Browser):
    role, other = make_role(), make_role()
    mine, _ = handed_off_case(role), handed_off_case(other)

    assert references(as_user(make_reviewer(role)).get("/queue/").content) == [mine.reference]
    assert len(references(as_user(make_auditor()).get("/queue/").content)) == 2
    assert references(as_user(make_user()).get("/queue/").content) == []


def test_queue_of_someone_without_a_role_says_so(as_user: Browser):
    assert b"You hold no role yet" in as_user(make_user()).get("/queue/").content


def test_queue_sends_a_stranger_to_sign_in(client: Client):
    answer = client.get("/queue/")

    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/queue/")


def test_queue_pages_by_cursor_through_several_roles_oldest_first(
    as_user: Browser, monkeypatch: pytest.MonkeyPatch
):
    roles = [make_role(), make_role()]
    cases = [handed_off_case(roles[n % 2], at=NINE + timedelta(minutes=n)) for n in range(5)]
    reach = access.Reach(frozenset(role.pk for role in roles))
    found, after = [], ""

    for _ in range(3):
        page = queue.waiting(reach, after=after, size=2)
        found += [case.reference for case in page.cases]
        after = page.next or ""

    assert found == [case.reference for case in cases]
    assert after == ""


@pytest.mark.parametrize("cursor", ["x", "AAAA", "é", "_" * 32])
def test_queue_refuses_a_cursor_it_did_not_give(cursor: str, as_user: Browser):
    role = make_role()

    assert as_user(make_reviewer(role)).get("/queue/", {"after": cursor}).status_code in (200, 404)


@pytest.mark.parametrize(
    ("q", "matches"),
    [
        ("w88", True),
        ("nordic", True),
        ("issue_refund", True),
        ("100%", False),
        ("_", True),
        ("\\", False),
    ],
)
def test_queue_filters_by_what_the_case_says(q: str, matches: bool, as_user: Browser):
    role = make_role()
    handed_off_case(role)

    page = as_user(make_reviewer(role)).get("/queue/", {"q": q})

    assert bool(references(page.content)) == matches


def test_a_reference_leads_to_its_case_wherever_it_stands(as_user: Browser):
    role = make_role()
    case = decided_case(role)

    answer = as_user(make_reviewer(role)).get("/queue/", {"q": case.reference.lower()})

    assert (answer.status_code, answer["Location"]) == (302, f"/cases/{case.reference}/")


def test_a_reference_that_is_not_for_its_reader_leads_nowhere(as_user: Browser):
    case = handed_off_case(make_role())

    page = as_user(make_reviewer(make_role())).get("/queue/", {"q": case.reference})

    assert page.status_code == 200
    assert references(page.content) == []


def test_news_says_nothing_until_a_case_comes_and_then_names_it(as_user: Browser):
    role = make_role()
    browser = as_user(make_reviewer(role))
    handed_off_case(role, at=NINE)
    quiet = browser.get(news_address(NINE), headers={"If-None-Match": '"none"'})

    case = handed_off_case(role, at=NINE + timedelta(seconds=1))
    news = browser.get(news_address(NINE), headers={"If-None-Match": '"none"'})
    again = browser.get(news_address(NINE), headers={"If-None-Match": news["ETag"]})

    assert (quiet.status_code, quiet.content) == (304, b"")
    assert (news.status_code, again.status_code) == (200, 304)
    assert case.reference in news.content.decode()
    assert "Refund order W88 for $412.50?" in news.content.decode()


def test_news_brings_the_rows_where_there_were_none(as_user: Browser):
    role = make_role()
    case = handed_off_case(role)

    news = as_user(make_reviewer(role)).get(news_address("1970-01-01T00:00:00+00:00", empty=""))

    assert references(news.content) == [case.reference]


def test_news_of_other_roles_is_not_told(as_user: Browser):
    browser = as_user(make_reviewer(make_role()))
    handed_off_case(make_role())

    news = browser.get(
        news_address("1970-01-01T00:00:00+00:00"), headers={"If-None-Match": '"none"'}
    )

    assert news.status_code == 304


@pytest.mark.parametrize("since", ["", "yesterday", "2026-11-20T09:00:00"])
def test_news_since_no_instant_is_not_found(since: str, as_user: Browser):
    assert as_user(make_user()).get(news_address(since)).status_code == 404


def test_counts_stop_at_their_cap(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(queue, "CAP", 2)
    role, idle = make_role(), make_role()
    reach = access.Reach(frozenset([role.pk, idle.pk]))
    for _ in range(4):
        handed_off_case(role)

    assert [(each.role, each.count, each.oldest) for each in queue.counts(reach)] == [
        (role, 3, NINE),
        (idle, 0, None),
    ]


def test_my_work_leads_to_the_case_that_waits_longest(as_user: Browser):
    role = make_role()
    reader = make_reviewer(role)
    handed_off_case(role, at=NINE + timedelta(minutes=1))
    oldest = handed_off_case(role, at=NINE)
    done = decided_case(role, by=reader)

    page = as_user(reader).get("/").content.decode()

    assert f'href="/cases/{oldest.reference}/">Open {oldest.reference}</a>' in page
    assert f'<a href="/cases/{done.reference}/">' in page


def test_my_work_says_when_nothing_waits(as_user: Browser):
    assert b"Nothing waits for you" in as_user(make_reviewer(make_role())).get("/").content


def test_the_page_is_read_in_the_zone_of_its_reader(as_user: Browser):
    role = make_role()
    case = handed_off_case(role, at=now().replace(microsecond=0))
    zoned = as_user(make_reviewer(role, time_zone="Asia/Tokyo"))

    page = zoned.get(f"/cases/{case.reference}/").content.decode()

    assert Case.objects.get().created_at.strftime("%Y-%m-%dT%H:%M:%SZ") in page
    assert "received Fri 20 Nov 2026, 18:12:00" in re.sub(r"<[^>]+>", "", page)
