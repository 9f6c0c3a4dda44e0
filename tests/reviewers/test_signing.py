"""The decision panel under each review protocol, as a browser without JavaScript or with htmx meets it."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from django.test import Client
from django.utils.timezone import now

from escalation import access, intake, lifecycle
from escalation.enums import Stakes
from escalation.models import Answer, Case, Decision, Draft, Release, Role, User
from escalation.withholding import opaque_name
from tests.factories import (
    PASS_UP,
    case_under,
    make_reviewer,
    make_role,
    options,
    package,
    step,
)
from tests.fixtures.callers import read_form, words
from tests.fixtures.scene import PASSWORD

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
AMOUNT = "p2-0"  # the first input of the second option
HTMX = {"HX-Request": "true"}
REASONS = [{"key": "fits", "label": "The evidence supports it"}, {"key": "odd", "label": "Odd"}]
REASONING = "Goodwill policy covers first-time disputes."


def under(role: Role, protocol: str = "open", **review: Any) -> Case:
    """Return a case at high stakes that is reviewed so."""
    parts = {name: review.pop(name) for name in ("question", "steps") if name in review}
    sent = package(stakes="high", **parts)
    terms = {"high": {"protocol": protocol} | review}
    approvals = 2 if protocol == "two_blind" else 1
    case = case_under(role, sent, approvals=approvals, review=terms, reasons=REASONS, at=now())
    assert case.stakes == Stakes.HIGH
    return case


def reviewer_of(role: Role, case: Case, name: str = "Lena") -> User:
    """Return one who has opened what must be read."""
    user = make_reviewer(role, first_name=name, last_name="Moe")
    lifecycle.open_evidence(case.pk, 1, by=user, at=now())
    return user


def post(
    browser: Client, case: Case, step: str = "summary", headers: Any = None, **given: Any
) -> HttpResponse:
    data = {"option": "approve", "rationale": "Right.", "digest": opaque_name(case, case.digest)}
    data["step"] = step
    address = given.pop("address", "decision")
    return browser.post(f"/cases/{case.reference}/{address}/", data | given, headers=headers or {})


def page(browser: Client, case: Case) -> str:
    return browser.get(f"/cases/{case.reference}/").content.decode()


@pytest.fixture
def role() -> Role:
    return make_role("refunds-compliance")


# Two steps -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_summary_says_what_will_happen_and_records_nothing(
    headers: dict[str, str], role: Role, as_user: Browser
):
    case = under(role, hold_window=30)
    browser = as_user(reviewer_of(role, case))

    shown = post(
        browser, case, headers=headers, option="modify", reasons=["fits"], **{AMOUNT: "200.00"}
    )
    text = words(shown.content.decode())

    assert shown.status_code == 200
    for said in (
        "Refund another amount",
        "200.00",
        "The amount you enter leaves the account today",
        "final",
        "The evidence supports it",
        "Right.",
        "is told 30 s after you sign",
        "Lena Moe",
        "I reviewed the package and decide.",
        "Version 1",
    ):
        assert said in text
    assert not Decision.objects.exists() and not Release.objects.exists()


def test_what_the_summary_passes_on_is_what_is_signed(role: Role, as_user: Browser):
    case = under(role)
    browser = as_user(reviewer_of(role, case))
    shown = post(browser, case, option="modify", reasons=["fits", "odd"], **{AMOUNT: "200.00"})

    html = shown.content.decode()
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html)
    passed_on: dict[str, list[str]] = {}
    for name, value in hidden:
        passed_on.setdefault(name, []).append(value)
    signed = browser.post(f"/cases/{case.reference}/decision/", passed_on | {"step": "sign"})

    assert signed.status_code == 302
    decision = Decision.objects.get()
    assert (decision.outcome, decision.parameters) == ("modify", {"amount": "200.00"})
    assert (decision.reasons, decision.rationale) == (["fits", "odd"], "Right.")


def test_a_post_that_names_no_step_signs_nothing(role: Role, as_user: Browser):
    case = under(role)

    shown = post(as_user(reviewer_of(role, case)), case, step="")

    assert shown.status_code == 200
    assert not Decision.objects.exists()


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_back_from_the_summary_all_stands_as_it_was(
    headers: dict[str, str], role: Role, as_user: Browser
):
    case = under(role)
    browser = as_user(reviewer_of(role, case))

    back = post(browser, case, "edit", headers, option="modify", reasons=["odd"], **{AMOUNT: "9"})
    html = back.content.decode()

    assert back.status_code == 200
    assert 'value="modify" checked' in html and 'value="odd" checked' in html
    assert 'name="p2-0" value="9"' in html and ">Right.</textarea>" in html
    assert "must be digits" not in html


def test_what_policy_asks_as_a_reason_is_asked_at_its_field(role: Role, as_user: Browser):
    case = under(role, because="written")

    refused = post(as_user(reviewer_of(role, case)), case, rationale="")
    html = refused.content.decode()

    assert refused.status_code == 422
    assert "Choose at least one reason." in html
    assert "Say why in words: the policy asks for it." in html


def test_what_must_be_read_is_named_and_refuses_the_summary(role: Role, as_user: Browser):
    case = under(role)
    browser = as_user(make_reviewer(role))

    shown = words(page(browser, case))
    refused = post(browser, case)

    assert "Opened 0 of 1 that must be read. Open get_order to go on." in shown
    assert refused.status_code == 422
    assert "Open first what must be read: get_order." in refused.content.decode()


def test_nothing_is_preselected_and_no_option_is_dressed_otherwise(role: Role, as_user: Browser):
    case = under(role)

    html = page(as_user(reviewer_of(role, case)), case)

    assert "checked" not in html and "recommend" not in html
    assert len(set(re.findall(r'<div class="(option[^"]*)"', html))) == 1


# Commit first ----------------------------------------------------------------------------------------


def test_commit_first_stores_an_answer_and_only_then_shows_what_is_recommended(
    role: Role, as_user: Browser
):
    case = under(role, "commit_first", hold_window=30)
    lena = reviewer_of(role, case)
    browser = as_user(lena)

    before = page(browser, case)
    summary = words(post(browser, case, option="reject").content.decode())
    stored = post(browser, case, "sign", HTMX, option="reject")
    after = words(stored.content.decode())

    assert "You answer first." in before
    assert "Your answer is stored, and cannot be taken back." in summary
    assert "This is my own answer, before I saw what the agent recommends." in summary
    assert stored["HX-Retarget"] == "#case"
    assert f"{case.agent.name} recommends Refund in full ≠ differs from yours" in after
    assert REASONING in after and "Confidence 0.62" in after
    assert [a.option.key for a in Answer.objects.all()] == ["reject"]
    assert not Release.objects.exists()


def test_a_committed_answer_is_kept_in_one_step(role: Role, as_user: Browser):
    case = under(role, "commit_first")
    browser = as_user(reviewer_of(role, case))
    post(browser, case, "sign", option="reject", reasons=["odd"])

    kept = post(browser, case, "keep", HTMX)

    decision = Decision.objects.get()
    assert kept.status_code == 200
    assert (decision.outcome, decision.reasons, decision.rationale) == ("reject", ["odd"], "Right.")


def test_what_the_reveal_adds_to_read_is_read_before_the_answer_is_kept(
    role: Role, as_user: Browser
):
    concluded = step("s2", kind="conclusion", must_read=True)
    case = under(role, "commit_first", steps=[package()["steps"][0], concluded])
    browser = as_user(reviewer_of(role, case))
    post(browser, case, "sign", option="reject")

    refused = post(browser, case, "keep", HTMX)

    text = words(refused.content.decode())
    assert refused.status_code == 422
    assert "Open first what must be read" in text
    assert "Keep “Refuse” and sign" in text
    assert not Decision.objects.exists()


def test_a_committed_answer_is_changed_only_with_a_reason_and_both_are_shown(
    role: Role, as_user: Browser
):
    case = under(role, "commit_first")
    browser = as_user(reviewer_of(role, case))
    post(browser, case, "sign", option="reject", rationale="Looks wrong")

    refused = post(browser, case, option="approve", rationale="")
    summary = words(post(browser, case, option="approve", rationale="It is right").content.decode())
    post(browser, case, "sign", option="approve", rationale="It is right")
    shown = words(page(browser, case))

    assert refused.status_code == 422
    assert "Say why: your answer is another than before." in refused.content.decode()
    assert "Before, you answered “Refuse”. Both stand on the record" in summary
    assert Decision.objects.get().outcome == "approve"
    assert "before what the agent recommends was shown Refuse Looks wrong" in shown


def test_signing_before_committing_is_the_commit(role: Role, as_user: Browser):
    case = under(role, "commit_first")
    browser = as_user(reviewer_of(role, case))

    kept = post(browser, case, "keep")

    assert kept.status_code == 200  # the summary: there is nothing to keep
    assert not Answer.objects.exists() and not Decision.objects.exists()


# Two, blind to each other ----------------------------------------------------------------------------


@pytest.fixture
def blind(role: Role) -> Case:
    return under(role, "two_blind")


def test_the_second_of_two_sees_no_trace_of_what_the_first_answered(
    blind: Case, role: Role, as_user: Browser
):
    first, second = (as_user(reviewer_of(role, blind, name)) for name in ("Lena", "Kim"))
    never = page(second, blind)
    summary = post(second, blind, option="approve").content.decode()
    post(first, blind, "sign", option="reject", rationale="Nothing fits here")

    html = page(second, blind)
    again = post(second, blind, option="approve").content.decode()

    assert "Nothing fits here" not in html and "Your answer" in html
    assert strip(summary) == strip(again)
    assert strip(never).count("Refuse") == strip(html).count("Refuse")


def strip(html: str) -> str:
    panel = html[html.index('id="answer"') :]
    return words(re.sub(r'(value|data-etag)="[^"]*"', "", panel[: panel.index("</form>")]))


def test_the_first_of_two_waits_and_is_refused_a_second_answer(
    blind: Case, role: Role, as_user: Browser
):
    browser = as_user(reviewer_of(role, blind))

    answered = post(browser, blind, "sign", HTMX, option="reject")
    again = post(browser, blind, "sign", option="approve")

    assert "answers it, blind to yours" in answered.content.decode()
    assert again.status_code in (403, 409)
    assert "You have answered" in words(again.content.decode())
    assert [a.option.key for a in Answer.objects.all()] == ["reject"]


def test_two_who_answer_the_same_decide(blind: Case, role: Role, as_user: Browser):
    for name in ("Lena", "Kim"):
        post(as_user(reviewer_of(role, blind, name)), blind, "sign", option="approve")

    assert Decision.objects.get().permitted


def test_who_answered_blind_is_told_that_an_arbiter_has_it_and_nothing_of_the_other_answer(
    blind: Case, role: Role, as_user: Browser
):
    browsers = [as_user(reviewer_of(role, blind, name)) for name in ("Lena", "Kim")]
    post(browsers[0], blind, "sign", option="modify", rationale="So Lena", **{AMOUNT: "100.00"})
    assert "answers it, blind to yours" in words(page(browsers[0], blind))
    post(browsers[1], blind, "sign", option="reject", rationale="So Kim")

    texts = [words(page(browser, blind)) for browser in browsers]
    lifecycle.claim(blind.pk, by=reviewer_of(role, blind, "Ola"), at=now())
    named = words(page(browsers[0], blind))

    for text, other in zip(texts, ("So Kim", "So Lena"), strict=True):
        assert f"The two answers differ. An arbiter, a third person of {role}, decides" in text
        assert other not in text
    assert "An arbiter has the case now: Ola" in named


def test_an_arbiter_sees_both_answers_and_may_permit_only_one_of_them(
    blind: Case, role: Role, as_user: Browser
):
    for name, amount in (("Lena", "100.00"), ("Kim", "200.00")):
        browser = as_user(reviewer_of(role, blind, name))
        post(browser, blind, "sign", option="modify", rationale=f"So {name}", **{AMOUNT: amount})
    arbiter = as_user(reviewer_of(role, blind, "Ola"))

    html = page(arbiter, blind)
    text = words(html)
    values = re.findall(r'name="option" id="o\d" value="([^"]+)"', html)
    [lenas] = Answer.objects.filter(user__first_name="Lena")
    barred = post(arbiter, blind, option="approve")
    post(arbiter, blind, "sign", option=f"modify@{lenas.pk}", rationale="Half is enough")

    assert "Two people disagree" in text and "≠ differs" in text and "= same" in text
    assert "So Lena" in text and "So Kim" in text
    assert len(values) == 4 and f"modify@{lenas.pk}" in values
    assert barred.status_code == 422
    assert Decision.objects.get().parameters == {"amount": "100.00"}


# On its way out --------------------------------------------------------------------------------------


def test_what_is_signed_counts_down_and_can_be_undone_with_the_draft_kept(
    role: Role, as_user: Browser
):
    case = under(role, hold_window=30)
    browser = as_user(reviewer_of(role, case))

    signed = words(post(browser, case, "sign", HTMX, option="reject").content.decode())
    undone = browser.post(f"/cases/{case.reference}/undo/", headers=HTMX)
    html = undone.content.decode()

    assert "Goes out in 0:30" in signed and "Undo" in signed
    assert undone.status_code == 200
    assert 'value="reject" checked' in html and ">Right.</textarea>" in html
    assert 'id="case-facts" hx-swap-oob="true"' in html  # its clocks run again
    assert not Decision.objects.exists()


def test_others_see_that_it_is_signed_and_can_neither_answer_nor_undo(role: Role, as_user: Browser):
    case = under(role, "commit_first", hold_window=30)
    lena, kim = (reviewer_of(role, case, name) for name in ("Lena", "Kim"))
    post(as_user(lena), case, "sign", option="reject", rationale="Her own words")
    post(as_user(lena), case, "keep")
    browser = as_user(kim)

    html = page(browser, case)
    panel = html[html.index('id="answer"') :]
    refused = post(browser, case, "sign", option="approve")
    undo = browser.post(f"/cases/{case.reference}/undo/")

    assert "Lena Moe signed an answer" in panel
    assert "Her own words" not in panel and 'data-key="undo"' not in html
    assert refused.status_code == 409
    assert undo.status_code == 403


def test_undo_comes_too_late_once_it_went_out(role: Role, as_user: Browser):
    case = under(role, hold_window=30)
    browser = as_user(reviewer_of(role, case))
    post(browser, case, "sign")
    lifecycle.release(case.pk, at=now() + timedelta(minutes=1))

    late = browser.post(f"/cases/{case.reference}/undo/", headers=HTMX)

    assert late.status_code == 409
    assert "Decided" in late.content.decode()


def test_a_page_that_waits_for_the_release_is_given_the_whole_panel(role: Role, as_user: Browser):
    case = under(role, hold_window=30)
    browser = as_user(reviewer_of(role, case))
    post(browser, case, "sign")
    tag = browser.get(f"/cases/{case.reference}/standing/?panel=1")["ETag"]
    lifecycle.release(case.pk, at=now() + timedelta(minutes=1))

    same = browser.get(f"/cases/{case.reference}/standing/?panel=1", headers={"If-None-Match": tag})

    assert same.status_code == 200
    assert "Decided" in same.content.decode() and 'id="answer"' in same.content.decode()


# Who signs -------------------------------------------------------------------------------------------


def test_step_up_leads_to_showing_who_signs_and_back_to_the_summary(role: Role, as_user: Browser):
    case = under(role, step_up=True)
    lena = reviewer_of(role, case)
    lena.set_password(PASSWORD)
    lena.save(update_fields=["password"])
    browser = as_user(lena)

    summary = words(post(browser, case).content.decode())
    led = post(browser, case, "sign", HTMX)
    asked = words(browser.get(led["HX-Redirect"]).content.decode())
    shown = browser.post(led["HX-Redirect"], {"password": PASSWORD})
    resumed = words(browser.get(shown["Location"]).content.decode())
    post(browser, case, "sign")

    assert "Show that it is you" in summary
    assert "/again/?next=" in led["HX-Redirect"]
    assert "before you sign" in asked
    assert shown["Location"] == f"/cases/{case.reference}/decision/"
    assert "Before you sign" in resumed and "Refund in full" in resumed
    assert "Show that it is you" not in resumed
    assert Decision.objects.get().rationale == "Right."


def test_who_has_a_second_factor_shows_that_one(role: Role, as_user: Browser):
    case = under(role, step_up=True)
    lena = reviewer_of(role, case)
    browser = as_user(lena)
    Authenticator.objects.create(user=lena, type=Authenticator.Type.TOTP, data={})
    session = browser.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()

    led = post(browser, case, "sign")

    assert led.status_code == 302 and "/again/?next=" in led["Location"]
    assert not Decision.objects.exists()


# Drafts ----------------------------------------------------------------------------------------------


def test_a_draft_is_kept_while_typing_restored_and_discarded(role: Role, as_user: Browser):
    case = under(role)
    lena = reviewer_of(role, case)
    browser = as_user(lena)

    kept = post(browser, case, address="draft", option="modify", reasons="odd", **{AMOUNT: "two"})
    html = page(browser, case)
    others = page(as_user(reviewer_of(role, case, "Kim")), case)
    browser.post(f"/cases/{case.reference}/draft/", {"step": "discard"})

    assert kept.status_code == 204
    assert 'value="modify" checked' in html and 'value="odd" checked' in html
    assert 'name="p2-0" value="two"' in html and "restored" in html
    assert "restored" not in others
    assert "checked" not in page(browser, case)


def test_an_empty_draft_is_none(role: Role, as_user: Browser):
    case = under(role)
    browser = as_user(reviewer_of(role, case))
    post(browser, case, address="draft")

    post(browser, case, address="draft", option="", rationale="")

    assert not Draft.objects.exists()


def test_a_draft_is_gone_when_it_is_signed_and_does_not_come_back(role: Role, as_user: Browser):
    case = under(role)
    browser = as_user(reviewer_of(role, case))
    post(browser, case, address="draft")
    post(browser, case, "sign")

    post(browser, case, address="draft")  # a page that was slow to send it

    assert not Draft.objects.exists()


def test_evidence_that_comes_meanwhile_is_shown_in_full_and_the_draft_kept(
    role: Role, as_user: Browser
):
    case = under(role)
    browser = as_user(reviewer_of(role, case))
    intake.add_steps(case, {"steps": [step("late", text="Found it")]}, by=case.agent, at=now())

    refused = post(browser, case, "sign", HTMX, option="reject")
    html = refused.content.decode()
    case.refresh_from_db()

    assert refused.status_code == 409
    notice = html[html.index('role="alert"') :].partition('<form class="answer"')[0]
    assert "Found it" in notice and "#step-3" in notice
    assert "Your answer “Refuse” and what you wrote stand below" in words(notice)
    assert 'value="reject" checked' in html and opaque_name(case, case.digest) in html
    assert not Decision.objects.exists()


def test_what_was_committed_is_not_kept_once_there_is_more_to_read(role: Role, as_user: Browser):
    case = under(role, "commit_first")
    browser = as_user(reviewer_of(role, case))
    post(browser, case, "sign", option="reject")
    late = step("late", text="Found it")
    intake.add_steps(case, {"steps": [late]}, by=case.agent, at=now())

    refused = post(browser, case, "keep", HTMX, option="")

    html = refused.content.decode()
    notice = html[html.index('role="alert"') :].partition("</section>")[0]
    assert refused.status_code == 409
    assert "Found it" in notice and "#step-3" in notice
    assert REASONING not in html  # it is to be answered anew
    assert not Decision.objects.exists()


def test_passing_up_says_so_before_it_does(as_user: Browser):
    role = make_role(higher_role=make_role())
    case = under(role, "commit_first", question=options(PASS_UP))

    shown = words(post(as_user(reviewer_of(role, case)), case, option="pass-up").content.decode())

    assert "The case goes up to the next role" in shown


# Overturning -----------------------------------------------------------------------------------------


def test_a_persons_decision_is_overturned_by_who_may_and_both_are_told(
    role: Role, as_user: Browser
):
    case = under(role)
    lena, kim = (reviewer_of(role, case, name) for name in ("Lena", "Kim"))
    post(as_user(lena), case, "sign", option="reject", rationale="No loss is shown")
    access.grant(access.OVERTURN, kim, role)
    browser = as_user(kim)

    offered = page(browser, case)
    chosen = {"option": "approve", "reasons": "fits", "rationale": "It was lost"}
    summary = words(post(browser, case, address="overturn", **chosen).content.decode())
    done = post(browser, case, "sign", address="overturn", **chosen)
    shown = words(page(browser, case))

    assert "Overturn it" in offered
    assert "Overturn it" not in page(as_user(lena), case)
    assert "It replaces what Lena Moe decided. Both stay on the record." in summary
    assert done.status_code == 302
    assert [d.outcome for d in Decision.objects.order_by("decided_at")] == ["reject", "approve"]
    assert "It replaces what Lena Moe decided" in shown and "“ Refuse ”" in shown


def test_an_overturning_replaces_what_was_on_screen_and_nothing_else(role: Role, as_user: Browser):
    case = under(role)
    lena, kim, ana = (reviewer_of(role, case, name) for name in ("Lena", "Kim", "Ana"))
    post(as_user(lena), case, "sign", option="reject")
    for user in (kim, ana):
        access.grant(access.OVERTURN, user, role)
    chosen = {"option": "approve", "reasons": "fits", "rationale": "It was lost"}
    form = read_form(page(as_user(ana), case), f"/cases/{case.reference}/overturn/").fields
    post(as_user(kim), case, "sign", address="overturn", **chosen)

    modified = {"option": "modify", AMOUNT: "20.00", "reasons": "fits", "rationale": "Half"}
    seen = {"stands": form["stands"]}
    refused = post(as_user(ana), case, "sign", HTMX, address="overturn", **chosen | modified | seen)

    text = words(refused.content.decode())
    assert refused.status_code == 409
    assert "Kim Moe decided" in text and "Your answer was not recorded" in text
    assert Decision.objects.count() == 2
    again = read_form(refused.content.decode(), f"/cases/{case.reference}/overturn/").fields
    assert again["stands"] == str(Decision.objects.get(overturned_by=None).pk)


def test_who_may_yet_be_asked_to_agree_is_not_shown_what_the_last_one_signed(
    role: Role, as_user: Browser
):
    terms = {"high": {"protocol": "open", "hold_window": 60}}
    case = case_under(role, package(stakes="high"), approvals=2, review=terms, at=now())
    first, second, third = (reviewer_of(role, case, name) for name in ("Lena", "Kim", "Ana"))
    for user in (first, second):
        post(as_user(user), case, "sign", option="approve")
    assert Release.objects.get().signed_by == second

    chosen = '<div class="chosen'
    assert chosen in page(as_user(second), case) and chosen in page(as_user(first), case)
    assert chosen not in page(as_user(third), case)
