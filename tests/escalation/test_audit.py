"""The auditor's pages: what they show, to whom, and that looking is itself on the record."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from escalation import access, ledger, lifecycle, protocol
from escalation.models import Event
from escalation.views import audit
from tests.factories import (
    NINE,
    decide,
    decided_case,
    handed_off_case,
    make_agent,
    make_auditor,
    make_reviewer,
    make_role,
    make_user,
    package,
    package_with,
)

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
PAGES = ["/audit/", "/audit/export/", "/audit/{}/"]


@pytest.fixture
def auditor():
    return make_auditor()


@pytest.fixture
def browser(as_user, auditor):
    return as_user(auditor)


def listed(answer):
    assert answer.status_code == 200
    return [case.reference for case in answer.context["page"].items]


def readings(user):
    """Return what the record says of somebody's reading: action, subject, facts."""
    events = Event.objects.filter(actor=f"user:{user.pk}").order_by("id")
    return [(e.action, e.subject, ledger.Line.of(e).facts) for e in events]


@pytest.mark.parametrize("page", PAGES)
def test_the_record_is_for_auditors_alone(page, as_user):
    case = decided_case()
    others = [make_user(), make_user(is_superuser=True, is_staff=True), make_reviewer(case.role)]

    for other in others:
        assert as_user(other).get(page.format(case.reference)).status_code == 403
    assert Client().get(page.format(case.reference)).headers["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("page", PAGES)
def test_the_record_is_only_read(page, browser):
    case = decided_case()

    for method in ("post", "put", "delete"):
        assert getattr(browser, method)(page.format(case.reference)).status_code == 405


def test_decided_cases_are_listed_newest_first(browser):
    role = make_role()
    first, second = decided_case(role), decided_case(role)
    handed_off_case(role)

    assert listed(browser.get("/audit/")) == [second.reference, first.reference]


def test_each_filter_narrows_the_list(browser):
    refunds, wires = make_role("refunds"), make_role("wires")
    agent = make_agent("payer")
    early = decided_case(
        refunds, sent=package_with("/question/text", "Refund Ida?"), at=NINE - timedelta(days=2)
    )
    late = decided_case(wires, "reject", agent=agent, sent=package(stakes="low"))

    found = {
        query: listed(browser.get(f"/audit/?{query}"))
        for query in (
            "role=refunds",
            "agent=payer",
            "stakes=low",
            "outcome=approve",
            "outcome=no_answer",
            "since=2026-11-20T00:00",
            "until=2026-11-20T00:00",
            "since=2026-11-20T09:01&until=2026-11-20T09:02",
            "q=refund+ida",
            f"q={late.reference.lower()}",
            "q=ESC-1",
            "role=wires&outcome=approve",
        )
    }

    one, two = [early.reference], [late.reference]
    assert list(found.values()) == [one, two, two, one, [], two, one, two, one, two, [], []]


def test_a_search_takes_every_character_as_itself(browser):
    case = decided_case(sent=package_with("/question/text", "Refund 100% of W_8?"))
    decided_case(sent=package_with("/question/text", "Refund 1000 of WX8?"))

    assert listed(browser.get("/audit/?q=100%25+of+W_8")) == [case.reference]


@pytest.mark.parametrize(
    "query",
    [
        *("since=yesterday", "since=2026-02-30T00:00", "stakes=urgent", "role=nobody"),
        *("agent=nobody", "outcome=escalate", "q=%00", "role=%00", "agent=%00", f"q={'x' * 201}"),
        "since=2026-11-20T10:00&until=2026-11-20T09:00",
    ],
)
def test_a_filter_that_makes_no_sense_is_shown_again(query, browser, auditor):
    decided_case()

    answer = browser.get(f"/audit/?{query}")

    assert (answer.status_code, answer.context["page"].items) == (422, [])
    assert answer.context["form"].errors
    assert readings(auditor) == []
    assert browser.get(f"/audit/export/?{query}").status_code == 404


@pytest.mark.parametrize("since", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_the_edges_of_the_calendar_are_dates_too(since, as_user, auditor):
    auditor.time_zone = "Pacific/Kiritimati"
    auditor.save(update_fields=["time_zone"])

    assert as_user(auditor).get(f"/audit/?since={since}").status_code in (200, 422)


def test_a_long_list_comes_in_pages(browser, monkeypatch):
    monkeypatch.setattr(audit, "PAGE", 4)
    role = make_role()
    reviewer = make_reviewer(role)
    cases = [decided_case(role, by=reviewer).reference for _ in range(5)]

    first = browser.get("/audit/?q=refund")
    rest = browser.get(f"/audit/?q=refund&cursor={first.context['page'].next}")

    assert listed(first) + listed(rest) == cases[::-1]
    assert browser.get("/audit/?cursor=nonsense").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_queries_however_long_it_is(
    count, browser, django_assert_num_queries
):
    for _ in range(count):
        decided_case()

    with django_assert_num_queries(11):
        browser.get("/audit/")


# One history -------------------------------------------------------------------------------------


def test_cases_stand_in_the_order_of_the_decisions_that_stand(browser, as_user, monkeypatch):
    monkeypatch.setattr(audit, "PAGE", 1)
    role = make_role()
    first, second, third = (handed_off_case(role) for _ in range(3))
    reviewer = make_reviewer(role)
    for minute, case in enumerate((third, first, second)):  # not as they were opened
        decide(case, "reject", by=reviewer, at=NINE + minute * MINUTE)
    cause = make_reviewer(role)
    access.grant(access.OVERTURN, cause, role)
    lifecycle.overturn(
        third.pk, "approve", reasons=list(protocol.reasons_of(third))[:1], rationale="Lost.",
        digest=third.digest, by=cause, at=NINE + timedelta(hours=1),
    )  # fmt: skip

    found, cursor = [], ""
    while cursor is not None:
        page = browser.get("/audit/", {"cursor": cursor} if cursor else {})
        found += listed(page)
        cursor = page.context["page"].next

    assert found == [case.reference for case in (third, second, first)]
    late = browser.get("/audit/?since=2026-11-20T09:30")
    assert listed(late) == [third.reference]


def test_a_history_is_shown_in_order_and_holds(browser):
    case = decided_case(rationale="It is right.")

    answer = browser.get(f"/audit/{case.reference}/")

    lines = [line for line, *_ in answer.context["history"]]
    assert [line.action for line in lines] == [
        "case.opened",
        "case.handed_off",
        "case.decided",
        "audit.read",
    ]
    assert lines[2].private == {
        "rationale": "It is right.",
        "parameters": None,
        "arguments": {"order": "W88", "amount": "412.50"},
    }
    assert answer.context["break"] is None
    assert "It is right." in answer.content.decode()


def test_a_history_that_was_changed_is_shown_as_broken(browser):
    case = decided_case()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE escalation_event SET actor = 'user:9' WHERE action = 'case.decided'")
        cursor.execute("SET LOCAL session_replication_role = origin")

    answer = browser.get(f"/audit/{case.reference}/")

    assert "its column actor says 'user:9'" in str(answer.context["break"])
    assert "does not hold" in answer.content.decode()


@pytest.mark.parametrize("name", ["ESC-1", "nothing", "ESC-%00"])
def test_a_history_of_nothing_is_not_there(name, browser):
    assert browser.get(f"/audit/{name}/").status_code == 404


def test_hostile_text_in_a_history_is_inert(browser):
    hostile = "<img src=x onerror=alert(1)>\u202e"
    case = decided_case(sent=package_with("/question/text", hostile), rationale=hostile)

    for page in ("/audit/", f"/audit/{case.reference}/"):
        shown = browser.get(page).content.decode()
        assert "<img" not in shown
        assert "\u202e" not in shown


# Looking is on the record ------------------------------------------------------------------------


def test_every_reading_of_an_auditor_is_on_the_record(browser, auditor):
    case = decided_case()

    browser.get("/audit/?stakes=high")
    browser.get(f"/audit/{case.reference}/")
    browser.get("/audit/export/?format=csv&role=nobody")
    browser.get("/audit/export/?format=csv&q=refund")

    me = f"user:{auditor.pk}"
    assert readings(auditor) == [
        ("audit.listed", me, {"filter": {"stakes": "high"}}),
        ("audit.read", f"case:{case.pk}", {"digest": case.digest}),
        (
            "audit.exported",
            me,
            {"filter": {"q": "refund"}, "format": "csv", "scope": "the whole desk"},
        ),
    ]


@pytest.mark.parametrize(
    ("chosen", "content_type"),
    [("jsonl", "application/x-ndjson"), ("csv", "text/csv; charset=utf-8")],
)
def test_the_list_is_downloaded_as_a_file(chosen, content_type, browser):
    case = decided_case()

    answer = browser.get(f"/audit/export/?format={chosen}")

    assert (answer.status_code, answer["Content-Type"]) == (200, content_type)
    assert answer["Content-Disposition"].endswith(f'.{chosen}"')
    assert answer.streaming
    assert case.reference in answer.getvalue().decode()


def test_a_format_that_there_is_not_is_not_there(browser):
    assert browser.get("/audit/export/?format=xml").status_code == 404


# An auditor of some roles, or of some tenants ----------------------------------------------------


def auditor_of(*roles, tenants=()):
    user = make_user(tenants=list(tenants))
    for role in roles:
        access.grant(access.AUDIT_ROLE, user, role)
    return user


def test_an_auditor_of_roles_lists_reads_and_exports_those_alone(as_user):
    refunds, wires = make_role("refunds"), make_role("wires")
    own, others = decided_case(refunds), decided_case(wires)
    user = auditor_of(refunds)
    browser = as_user(user)

    assert listed(browser.get("/audit/")) == [own.reference]
    assert browser.get(f"/audit/{own.reference}/").status_code == 200
    assert browser.get(f"/audit/{others.reference}/").status_code == 404
    for chosen in ("jsonl", "csv"):
        text = browser.get(f"/audit/export/?format={chosen}").getvalue().decode()
        assert own.reference in text and "role refunds" in text
        assert others.reference not in text and str(others.pk) not in text
    assert readings(user)[-1][2] == {"filter": {}, "format": "csv", "scope": "role refunds"}


def test_an_auditor_of_roles_cannot_ask_for_another(as_user):
    refunds, _ = make_role("refunds"), make_role("wires")
    browser = as_user(auditor_of(refunds))

    assert browser.get("/audit/?role=wires").status_code == 422
    assert b"Wires" not in browser.get("/audit/").content


def test_an_auditor_limited_to_tenants_reads_and_exports_theirs_alone(as_user):
    role = make_role("refunds")
    north = decided_case(role, sent=package_with("/identity/tenant", "north"))
    west = decided_case(role, sent=package_with("/identity/tenant", "west"))
    browser = as_user(auditor_of(role, tenants=["north"]))

    assert listed(browser.get("/audit/")) == [north.reference]
    assert browser.get(f"/audit/{west.reference}/").status_code == 404
    text = browser.get("/audit/export/?format=jsonl").getvalue().decode()
    assert "role refunds; tenant north" in text and west.reference not in text
