"""What else than a decision is done with a case on its page, with htmx and without."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from django.utils.timezone import now

from escalation import lifecycle
from escalation.enums import FallbackEnd
from escalation.models import Case, Decision, Handoff, Pause, Role, User
from escalation.models.handoffs import CURRENT
from tests.factories import case_under, handed_off_case, make_auditor, make_reviewer, make_role

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
BOTH = pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def said(answer: HttpResponse) -> str:
    return words(answer.content.decode())


@pytest.fixture
def role() -> Role:
    return make_role("refunds-compliance")


@pytest.fixture
def case(role: Role) -> Case:
    return handed_off_case(role, at=now() - timedelta(minutes=20))


@pytest.fixture
def kim(role: Role) -> User:
    return make_reviewer(role, username="kim", first_name="Kim", last_name="Osei")


@pytest.fixture
def lena(role: Role) -> User:
    return make_reviewer(role, username="lena", first_name="Lena", last_name="Moe")


@pytest.fixture
def browser(kim: User, as_user: Browser) -> Client:
    return as_user(kim)


def page(browser: Client, case: Case) -> str:
    answer = browser.get(f"/cases/{case.reference}/")
    assert answer.status_code == 200
    return answer.content.decode()


def act(
    browser: Client, case: Case, what: str, headers: dict[str, str] | None = None, **given: Any
) -> HttpResponse:
    return browser.post(f"/cases/{case.reference}/{what}/", given, headers=headers or {})


def current(case: Case) -> Handoff:
    return case.handoffs.select_related("user").get(CURRENT)


def status(case: Case) -> str:
    return Case.objects.values_list("status", flat=True).get(pk=case.pk)


@BOTH
def test_whoever_opens_a_case_that_nobody_took_takes_it(
    headers: dict[str, str], case: Case, kim: User, browser: Client
):
    assert "Nobody of Refunds compliance has it yet. Take it" in words(page(browser, case))

    taken = act(browser, case, "claim", headers)

    assert taken.status_code == (200 if headers else 302)
    assert (current(case).user, current(case).claimed_at is not None) == (kim, True)
    html = page(browser, case)
    assert "You took it" in words(html) and ">Take it<" not in html
    if headers:
        assert "It is yours for 15 min" in said(taken) and 'id="hands"' in taken.content.decode()


def test_what_a_colleague_has_taken_is_not_offered_again(case: Case, lena: User, browser: Client):
    lifecycle.claim(case.pk, by=lena, at=now())

    html = page(browser, case)
    refused = act(browser, case, "claim", HTMX)

    assert "Lena Moe took it" in words(html) and ">Take it<" not in html
    assert refused.status_code == 409
    assert "Ask them to hand it over." in said(refused)


@BOTH
def test_a_case_is_handed_to_a_colleague_with_a_note(
    headers: dict[str, str], case: Case, kim: User, lena: User, browser: Client
):
    act(browser, case, "claim")

    given = {"over-to": str(lena.pk), "over-note": "The bank rings back at noon."}
    handed = act(browser, case, "hand-over", headers, **given)

    assert handed.status_code == (200 if headers else 302)
    found = current(case)
    assert (found.user, found.reason, found.note) == (
        lena,
        "handed_over",
        "The bank rings back at noon.",
    )
    text = words(page(browser, case))
    assert "Lena Moe for Refunds compliance , handed over with a note" in text
    assert "The bank rings back at noon." in text


def test_nobody_is_given_a_case_who_cannot_decide_it(role: Role, case: Case, browser: Client):
    acted_for = make_reviewer(role, username="cus_19")
    outsider = make_reviewer(make_role())

    for to in (acted_for, outsider):
        refused = act(
            browser, case, "hand-over", HTMX, **{"over-to": str(to.pk), "over-note": "Yours"}
        )
        assert refused.status_code == 422
        assert "Choose somebody who can decide it now." in said(refused)
        assert ">\nYours</textarea>" in refused.content.decode()
    assert current(case).user is None


def test_with_nobody_on_call_the_role_keeps_what_is_handed_on(case: Case, browser: Client):
    act(browser, case, "claim")

    handed = act(browser, case, "hand-over", HTMX, **{"over-to": "next", "over-note": "x"})

    assert "Nobody on call can take it now; Refunds compliance has it." in said(handed)
    assert current(case).user is None


@BOTH
def test_the_agent_is_asked_and_the_page_says_what_is_waited_for(
    headers: dict[str, str], case: Case, browser: Client
):
    asked = act(browser, case, "question", headers, **{"ask-text": "Which <b>address</b>?"})

    assert asked.status_code == (200 if headers else 302)
    html = page(browser, case)
    assert status(case) == "information_requested"
    assert f"{case.agent.name} was asked, waited for until" in words(html)
    assert "Which &lt;b&gt;address" in html
    assert "stands still" in words(html)
    assert "Your answer" in words(html)  # it can be decided all the same


@pytest.mark.parametrize(
    ("what", "given", "sentence"),
    [
        ("question", {"ask-text": "  "}, "Say what is to be found out."),
        ("hold", {"hold-reason": ""}, "Say why it waits."),
        ("hand-over", {"over-to": "next"}, "Leave a note: whoever takes it over starts from it."),
        (
            "hold",
            {"hold-reason": "Later", "hold-until": "2001-01-01T09:00"},
            "That has already passed. Choose a later time.",
        ),
        (
            "hold",
            {"hold-reason": "Later", "hold-until": "2101-01-01T09:00"},
            "It can be held until",
        ),
        ("hold", {"hold-reason": "Later", "hold-until": "soon"}, "Write a date and a time"),
    ],
)
@BOTH
def test_what_is_wrong_is_said_at_its_field_and_kept(
    headers: dict[str, str],
    what: str,
    given: dict[str, str],
    sentence: str,
    case: Case,
    browser: Client,
):
    refused = act(browser, case, what, headers, **given)
    html = refused.content.decode()

    assert refused.status_code == 422
    assert sentence in words(html)
    assert len(re.findall(r'<details name="act" open>', html)) == 1
    if "hold-until" in given:
        assert ">\nLater</textarea>" in html
    assert (status(case), Pause.objects.count()) == ("awaiting", 0)


def test_a_case_is_held_until_a_time_on_the_readers_own_clock_and_taken_up_again(
    case: Case, kim: User, browser: Client
):
    kim.time_zone = "Asia/Tokyo"
    kim.save(update_fields=["time_zone"])
    until = (now() + timedelta(hours=5)).replace(second=0, microsecond=0)
    with timezone.override("Asia/Tokyo"):
        picked = f"{timezone.localtime(until):%Y-%m-%dT%H:%M}"

    act(browser, case, "hold", **{"hold-reason": "The bank is closed.", "hold-until": picked})

    assert Pause.objects.get().until == until
    text = words(page(browser, case))
    assert "Held, until" in text and "The bank is closed." in text and "Kim Osei, " in text
    assert "Take it up again" in text

    act(browser, case, "take-up")
    assert status(case) == "awaiting"
    assert "took it up again after it was held" in words(page(browser, case))


def test_who_does_not_decide_is_offered_nothing_and_refused(
    role: Role, case: Case, as_user: Browser
):
    acted_for = as_user(make_reviewer(role, username="cus_19"))

    for browser in (acted_for, as_user(make_auditor())):
        html = page(browser, case)
        assert "Take it" not in words(html) and "Ask the agent" not in words(html)
        for what in ("claim", "question", "hold", "take-up"):
            given = {"ask-text": "?", "hold-reason": "x"}
            assert act(browser, case, what, HTMX, **given).status_code == 403
    assert status(case) == "awaiting"


def test_an_outsider_finds_no_case_to_act_on(case: Case, as_user: Browser):
    outsider = as_user(make_reviewer(make_role()))

    for what in ("claim", "hand-over", "question", "hold", "take-up", "overturn"):
        assert act(outsider, case, what).status_code == 404


def test_opening_a_case_is_its_first_reading_once(case: Case, kim: User, browser: Client):
    page(browser, case)
    first = current(case)
    text = words(page(browser, case))

    assert (first.seen_by, first.seen_digest) == (kim, case.digest)
    assert current(case).seen_at == first.seen_at
    assert re.search(r"seen \d\d:\d\d:\d\d by Kim Osei", text)


def test_a_page_that_is_open_is_told_that_the_case_waits_meanwhile(
    case: Case, lena: User, browser: Client
):
    html = page(browser, case)
    poll = re.search(r'data-poll="([^"]*/standing/[^"]*)"[^>]* data-etag="([^"]*)"', html)
    assert poll
    address = poll[1].replace("&amp;", "&")
    headers = {"If-None-Match": poll[2].replace("&quot;", '"')}
    assert browser.get(address, headers=headers).status_code == 304

    lifecycle.hold(case.pk, "x", by=lena, at=now())

    news = browser.get(address, headers=headers)
    assert (news.status_code, "Held meanwhile" in said(news)) == (200, True)


# After a fallback ----------------------------------------------------------------------------------


@pytest.fixture
def fallen(role: Role) -> Case:
    case = case_under(role, at=now() - timedelta(hours=1))
    lifecycle.fall_back(case.pk, FallbackEnd.DENY, at=now() - timedelta(minutes=5))
    return case


def test_nobodys_answer_is_never_shown_as_a_persons_refusal(fallen: Case, browser: Client):
    text = words(page(browser, fallen))

    assert "Nobody answered in time" in text
    assert "The fallback of Strict, version 7 denied it" in text
    assert "It is no person’s refusal." in text
    assert "Overturn" in text


@BOTH
def test_what_a_fallback_denied_is_overturned_with_a_reason(
    headers: dict[str, str], fallen: Case, browser: Client
):
    given = {"option": "approve", "digest": fallen.digest, "step": "sign"}
    refused = act(browser, fallen, "overturn", headers, **given)
    assert refused.status_code == 422
    assert "who overturns a decision gives the reason" in said(refused)
    assert 'value="approve" checked' in refused.content.decode()

    done = act(browser, fallen, "overturn", headers, **given, rationale="I was away.")

    assert done.status_code == (200 if headers else 302)
    text = words(page(browser, fallen))
    assert "Refund in full" in text and "Kim Osei for Refunds compliance" in text
    assert "It replaces what the fallback of Strict, version 7 decided" in text
    assert "overturned what stood: Refund in full" in text


@BOTH
def test_a_decision_that_comes_too_late_stands_in_the_form_that_overturns(
    headers: dict[str, str], fallen: Case, browser: Client
):
    given = {
        "option": "approve",
        "digest": fallen.digest,
        "rationale": "It is right.",
        "step": "sign",
    }
    late = act(browser, fallen, "decision", headers, **given)
    html = late.content.decode()

    assert late.status_code == 409
    assert "Your answer was not recorded; you can overturn that." in said(late)
    assert '<details class="overturn" open>' in html
    assert ">It is right.</textarea>" in html and 'value="approve" checked' in html
    assert Decision.objects.get().kind == "fallback"


def test_an_auditor_is_not_offered_to_overturn(fallen: Case, as_user: Browser):
    assert "Overturn" not in page(as_user(make_auditor()), fallen)


# Where several must agree --------------------------------------------------------------------------


def test_the_page_says_who_answered_and_not_what(
    role: Role, lena: User, browser: Client, as_user: Browser
):
    case = case_under(role, approvals=2)
    given = {
        "option": "approve",
        "digest": case.digest,
        "rationale": "A secret reason.",
        "step": "sign",
    }

    mine = act(browser, case, "decision", HTMX, **given)
    theirs = page(as_user(lena), case)

    assert "The agent goes on when 2 people have given the same." in said(mine)
    assert "You have answered" in said(mine)
    assert "Kim Osei has answered." in words(theirs)
    assert "A secret reason." not in theirs and "checked" not in theirs

    act(as_user(lena), case, "decision", option="approve", digest=case.digest, step="sign")
    assert "Kim Osei and Lena Moe gave the same answer." in words(page(browser, case))
