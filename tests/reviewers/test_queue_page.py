import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils.timezone import now

from escalation import access, lifecycle
from escalation.models import Case, Decision, User, Viewing
from reviewers import presence, queue
from reviewers.models import SavedView
from reviewers.queue import View
from tests.factories import (
    NINE,
    decided_case,
    handed_off_case,
    make_agent,
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

    with django_assert_num_queries(10):
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
    browser.get("/queue/?view=decided")

    with django_assert_num_queries(11):
        page = browser.get("/queue/?view=decided")

    assert sorted(references(page.content)) == sorted(case.reference for case in cases)


def test_what_breaches_first_comes_first_and_says_so(as_user: Browser):
    role = make_role()
    reader = make_reviewer(role)
    soon, over, never = (handed_off_case(role, at=now()) for _ in range(3))
    for case, minutes in ((over, -12.5), (soon, 38.5), (never, None)):
        due = None if minutes is None else now() + timedelta(minutes=minutes)
        Case.objects.filter(pk=case.pk).update(due_at=due)

    page = as_user(reader).get("/queue/").content.decode()

    assert references(page.encode()) == [one.reference for one in (over, soon, never)]
    said = [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r'class="time">(.*?)</td>', page)]
    assert said[:2] == ["12 min over", "38 min left"]
    assert page.count("data-due=") == 2  # by which the page keeps its words true


@pytest.fixture
def views():
    """Return a role, its reader, and a case for each view of the queue."""
    role = make_role()
    reader = make_reviewer(role)
    names = ("unowned", "late", "held", "asked", "signed", "snoozed", "mine")
    cases = {name: handed_off_case(role, at=NINE) for name in names}
    lifecycle.claim(cases["mine"].pk, by=reader, at=now())
    Case.objects.filter(role=role).update(due_at=now() + timedelta(hours=3))
    Case.objects.filter(pk=cases["late"].pk).update(due_at=now() - timedelta(minutes=3))
    Case.objects.filter(pk=cases["signed"].pk).update(release_at=now() + timedelta(seconds=30))
    lifecycle.hold(cases["held"].pk, "x", by=reader, at=now())
    lifecycle.ask(cases["asked"].pk, "?", by=reader, at=now())
    tomorrow = now() + timedelta(days=1)
    lifecycle.snooze(cases["snoozed"].pk, "x", until=tomorrow, by=reader, at=now())
    Case.objects.filter(pk=cases["mine"].pk).update(due_at=now() + timedelta(hours=4))
    return reader, cases


@pytest.mark.parametrize(
    ("view", "shown"),
    [
        ("", ["late", "unowned", "mine"]),
        ("mine", ["mine"]),
        ("unowned", ["late", "unowned"]),
        ("breaching", ["late"]),
        ("asked", ["asked"]),
        ("held", ["held"]),
        ("snoozed", ["snoozed"]),
    ],
)
def test_each_view_shows_its_cases_and_what_is_signed_is_in_none(views, as_user, view, shown):
    reader, cases = views

    page = as_user(reader).get("/queue/", {"view": view})

    found = {case.reference: name for name, case in cases.items()}
    assert [found[reference] for reference in references(page.content)] == shown
    tab = next(one for one in page.context["tabs"] if one["is_current"])
    assert tab["count"] == len(shown)


def test_a_view_that_there_is_not_is_not_found(as_user: Browser):
    assert as_user(make_user()).get("/queue/?view=none").status_code == 404


def test_what_was_overturned_later_has_a_view(as_user: Browser):
    role = make_role()
    case = decided_case(role, "reject", at=now() - timedelta(hours=1))
    decision = case.decisions.get()
    again = {name: getattr(decision, name) for name in ("case", "option", "outcome", "permitted")}
    Decision.objects.create(
        **again, kind="person", decided_by=make_reviewer(role), role=role, decided_at=now(),
        overturns=decision, digest=case.digest,
    )  # fmt: skip

    page = as_user(make_reviewer(role)).get("/queue/?view=overturned")

    assert references(page.content) == [case.reference]
    assert "in place of another" in page.content.decode()


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


def test_queue_pages_by_cursor_through_several_roles_and_past_what_has_no_deadline():
    roles = [make_role(), make_role()]
    reader = make_reviewer(*roles)
    cases = [handed_off_case(roles[n % 2], at=NINE + timedelta(minutes=n)) for n in range(6)]
    for case in cases[3:]:
        Case.objects.filter(pk=case.pk).update(due_at=None)
    reach = access.Reach(frozenset(role.pk for role in roles))
    found, after = [], ""

    for _ in range(6):
        page = queue.page(reach, reader=reader, at=NINE, after=after, size=1)
        found += [row.reference for row in page.rows]
        after = page.next or ""

    assert found == [case.reference for case in cases]
    assert after == ""


@pytest.mark.parametrize("cursor", ["x", "AAAA", "é", "_" * 32])
def test_queue_refuses_a_cursor_it_did_not_give(cursor: str, as_user: Browser):
    role = make_role()

    assert as_user(make_reviewer(role)).get("/queue/", {"after": cursor}).status_code in (200, 404)


@pytest.mark.parametrize(
    ("asked", "matches"),
    [
        ("q=w88", True),
        ("q=nordic", True),
        ("q=neighbour", False),
        ("q=%5C", False),
        ("stakes=medium&stakes=low", True),
        ("stakes=low", False),
        ("trigger=confidence", True),
        ("trigger=risk", False),
        ("tenant=nordic-retail", True),
        ("tenant=nordic", False),
        ("amount=412.50", True),
        ("amount=412.51", False),
        ("language=nb", True),
        ("language=NB-no", True),
        ("language=en", False),
        ("agent=refunds-agent", True),
        ("agent=other", False),
        ("q=w88&stakes=medium&trigger=confidence&amount=400", True),
    ],
)
def test_queue_filters_by_what_stands_in_its_address(asked: str, matches: bool, as_user: Browser):
    role = make_role()
    sent = package_with("/request/language", "nb-NO")
    handed_off_case(role, sent, by=make_agent("refunds-agent"))

    page = as_user(make_reviewer(role)).get(f"/queue/?{asked}")

    assert bool(references(page.content)) == matches
    assert 'class="chip"' in page.content.decode()


def test_a_filter_that_makes_no_sense_filters_nothing_and_is_said(as_user: Browser):
    role = make_role()
    case = handed_off_case(role)

    page = as_user(make_reviewer(role)).get("/queue/?amount=lots&role=nobodys")

    assert references(page.content) == [case.reference]
    assert "Write a number, such as 10000." in page.content.decode()


def test_a_role_of_several_is_chosen_from_a_menu(as_user: Browser):
    one, other = make_role(), make_role()
    mine, _ = handed_off_case(one), handed_off_case(other)

    page = as_user(make_reviewer(one, other)).get(f"/queue/?role={one.slug}")

    assert references(page.content) == [mine.reference]
    assert f"<h1>{one.name}</h1>" in page.content.decode()


def test_what_is_new_to_its_reader_is_bold_and_who_reads_is_named(as_user: Browser):
    role = make_role()
    reader, lena = make_reviewer(role), make_reviewer(role, first_name="Lena")
    case = handed_off_case(role)
    browser = as_user(reader)
    assert 'class="unseen"' in browser.get("/queue/").content.decode()

    browser.get(f"/cases/{case.reference}/")
    presence.arrive(case, lena, at=now())

    page = browser.get("/queue/").content.decode()
    assert 'class="unseen"' not in page
    assert "Lena reading" in page


# Views of one's own -------------------------------------------------------------------------------


def test_a_view_is_kept_under_a_name_renamed_and_removed(as_user: Browser):
    role = make_role()
    reader = make_reviewer(role)
    browser = as_user(reader)
    query = "stakes=high&amount=1000"

    kept = browser.post("/queue/views/", {"name": "Big ones", "query": f"{query}&after=x&evil=1"})
    assert kept["Location"] == f"/queue/?{query}"
    page = browser.get(kept["Location"]).content.decode()
    assert 'aria-current="page" data-view>Big ones</a>' in page

    saved = SavedView.objects.get()
    browser.post(f"/queue/views/{saved.pk}/", {"name": "Large"})
    assert SavedView.objects.get().name == "Large"
    assert as_user(make_reviewer(role)).post(f"/queue/views/{saved.pk}/removal/").status_code == 404
    browser.post(f"/queue/views/{saved.pk}/removal/")
    assert not SavedView.objects.exists()


def test_a_name_is_asked_for_again_where_it_is_missing_or_taken(as_user: Browser):
    reader = make_reviewer(make_role())
    browser = as_user(reader)
    browser.post("/queue/views/", {"name": "Big", "query": "stakes=high"})

    missing = browser.post("/queue/views/", {"name": " ", "query": "stakes=low"})
    taken = browser.post("/queue/views/", {"name": "Big", "query": "stakes=low"})

    assert (missing.status_code, taken.status_code) == (422, 422)
    assert "You have a view of that name." in taken.content.decode()
    assert "stakes=low" in taken.content.decode()


# News ---------------------------------------------------------------------------------------------


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


def polled(page: str) -> tuple[str, dict[str, str]]:
    """Return the address that a page asks again and again, and the validator that it sends."""
    address = re.search(r'data-poll="(.*?)"', page)
    tag = re.search(r'data-etag="(.*?)"', page)
    assert address and tag
    return unescape(address[1]), {"If-None-Match": unescape(tag[1])}


def test_an_open_queue_learns_who_reads_what_it_lists_and_who_has_left(as_user: Browser):
    role, other = make_role(), make_role()
    lena = make_reviewer(role, other, first_name="Lena")
    case, hidden = handed_off_case(role), handed_off_case(other)
    browser = as_user(make_reviewer(role))
    address, tag = polled(browser.get("/queue/?view=unowned").content.decode())
    address = f"{address}.{hidden.number}"
    assert browser.get(address, headers=tag).status_code == 304

    for one in (case, hidden):
        presence.arrive(one, lena, at=now())
    reads = browser.get(address, headers=tag)
    page = browser.get("/queue/?view=unowned").content.decode()

    said = f'id="reads-{case.number}">Lena reading</span>'
    assert said in reads.content.decode() and said in page
    assert reads.content.decode().count("Lena") == 2  # nothing of another role's case
    assert polled(page)[1] == {"If-None-Match": reads["ETag"]}
    Viewing.objects.update(beat_at=now() - timedelta(minutes=1))
    left = browser.get(address, headers={"If-None-Match": reads["ETag"]})
    assert f'id="reads-{case.number}"></span>' in left.content.decode()


@pytest.mark.parametrize("listed", ["", "x", "-1", "9" * 40, "1.2.x", "٣"])
def test_a_poll_for_nonsense_says_nothing(listed: str, as_user: Browser):
    answer = as_user(make_user()).get("/queue/news/", {"listed": listed})

    assert (answer.status_code, answer["ETag"]) == (200, '"none"')


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
    monkeypatch.setattr("reviewers.queue.counting.CAP", 2)
    role, idle = make_role(), make_role()
    reach = access.Reach(frozenset([role.pk, idle.pk]))
    for _ in range(4):
        handed_off_case(role)

    found = queue.counts(reach, reader=make_user(), midnight=NINE, at=NINE)

    assert [(each.role, each.count) for each in found.roles] == [(role, 3), (idle, 0)]
    assert found.of(View.TODO) == found.of(View.UNOWNED) == found.of(View.TODO, role) == 3
    assert found.next_due_at() == Case.objects.first().due_at


def test_my_work_says_when_nothing_waits(as_user: Browser):
    assert b"Nothing waits for you" in as_user(make_reviewer(make_role())).get("/").content


def test_the_page_is_read_in_the_zone_of_its_reader(as_user: Browser):
    role = make_role()
    case = handed_off_case(role, at=now().replace(microsecond=0))
    zoned = as_user(make_reviewer(role, time_zone="Asia/Tokyo"))

    page = zoned.get(f"/cases/{case.reference}/").content.decode()

    assert Case.objects.get().created_at.strftime("%Y-%m-%dT%H:%M:%SZ") in page
    assert "received Fri 20 Nov 2026, 18:12:00" in re.sub(r"<[^>]+>", "", page)


# Search and the views that list cases however they stand ------------------------------------------


def test_words_find_open_and_decided_cases_alike(as_user: Browser):
    role = make_role()
    reader = make_reviewer(role)
    waiting, other = handed_off_case(role), handed_off_case(role, package_with("/run", "x"))
    decided = decided_case(role, by=reader, at=now() - timedelta(days=3))
    held = handed_off_case(role)
    lifecycle.hold(held.pk, "x", by=reader, at=now())
    decided_case(make_role())  # of others

    for address in ("/queue/?q=w88", "/queue/?view=all&q=w88"):
        page = as_user(reader).get(address)
        everything = [held, decided, other, waiting]
        assert references(page.content) == [case.reference for case in everything]
        assert next(tab["name"] for tab in page.context["tabs"] if tab["is_current"]) == "All cases"

    bar = as_user(reader).get("/find/?q=w88").content.decode()
    assert re.findall(r"ESC-[0-9]+(?=</span>)", bar) == [case.reference for case in everything]


@pytest.mark.parametrize("rows", [1, 3])
def test_all_cases_cost_the_same_with_one_row_and_with_three(
    rows: int, as_user: Browser, django_assert_num_queries: Callable
):
    role = make_role()
    browser = as_user(make_reviewer(role))
    cases = [handed_off_case(role) for _ in range(rows)]
    browser.get("/queue/?view=all")

    with django_assert_num_queries(11):
        page = browser.get("/queue/?view=all")

    assert references(page.content) == [case.reference for case in reversed(cases)]


def test_all_cases_go_on_in_pages(as_user: Browser, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("reviewers.queue.lists.SIZE", 2)
    role = make_role()
    browser = as_user(make_reviewer(role))
    cases = [handed_off_case(role) for _ in range(5)]
    found, address = [], "/queue/?view=all"

    while address:
        page = browser.get(address).content
        found += references(page)
        after = re.search(r"after=(\d+)\">", page.decode())
        address = f"/queue/?view=all&after={after[1]}" if after else ""

    assert found == [case.reference for case in reversed(cases)]
    for wrong in ("x", "-1", "9" * 30, "é"):
        assert browser.get("/queue/", {"view": "all", "after": wrong}).status_code == 404


@pytest.mark.parametrize("view", View)
def test_every_view_keeps_its_filters_and_hands_them_on_to_the_others(views, as_user, view):
    reader, _cases = views
    browser = as_user(reader)
    decided_case(reader.memberships.get().role, by=reader, at=now() - timedelta(minutes=1))

    page = browser.get("/queue/", {"view": view, "stakes": "critical", "tenant": "nobody"})

    assert references(page.content) == []
    assert "Nothing here matches" in page.content.decode()
    for tab in page.context["tabs"]:
        assert "stakes=critical&tenant=nobody" in tab["query"]
        assert tab["count"] is None
    assert page.content.decode().count('class="chip"') == 2


def test_words_within_a_view_lead_to_all_cases(views, as_user):
    reader, cases = views

    page = as_user(reader).get("/queue/?view=mine&q=w88")

    assert references(page.content) == [cases["mine"].reference]
    nothing = as_user(reader).get("/queue/?view=mine&q=nothing").content.decode()
    assert 'href="?view=all&amp;q=nothing"' in nothing


def test_what_is_due_this_instant_is_late_in_badge_view_and_row(as_user: Browser):
    role = make_role()
    reader = make_reviewer(role)
    at = now()
    cases = [handed_off_case(role, at=at - timedelta(hours=1)) for _ in range(3)]
    for case, seconds in zip(cases, (0, 15 * 60 - 30, 15 * 60 + 60), strict=True):
        Case.objects.filter(pk=case.pk).update(due_at=at + timedelta(seconds=seconds))

    page = as_user(reader).get("/queue/?view=breaching").content.decode()

    assert references(page.encode()) == [case.reference for case in cases[:2]]
    tones = re.findall(r'<span class="ring ([a-z]*)">', page)
    assert tones == ["late", "attention"]
    assert as_user(reader).get("/urgent/").json() == {"count": 2}
