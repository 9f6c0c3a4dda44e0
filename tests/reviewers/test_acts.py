"""What else than a decision is done with a case, on its page: comments, opinions, incidents, a stop."""

import re
from datetime import timedelta

import pytest
from django.utils.timezone import now

from escalation import access, effects, health, incidents, lifecycle, needless, stopping
from escalation.enums import EffectKind, IncidentKind
from escalation.models import Agent, Comment, Handoff, Incident, OpinionRequest, Pause
from reviewers.jobs import tell_of_arrivals
from reviewers.models import Notice
from tests.factories import (
    case_under,
    decide,
    handed_off_case,
    make_auditor,
    make_layer,
    make_policy_maker,
    make_reviewer,
    make_role,
    make_user,
)

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def role():
    return make_role("refunds", higher_role=make_role("managers"))


@pytest.fixture
def kim(role):
    return make_reviewer(role, username="kim", first_name="Kim")


@pytest.fixture
def ana(role):
    return make_reviewer(role, username="ana", first_name="Ana")


@pytest.fixture
def case(role):
    return handed_off_case(role, at=now())


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())).strip()


def act(browser, case, name, **fields):
    """Send a form as htmx does."""
    return browser.post(f"/cases/{case.reference}/{name}/", fields, **HTMX)


def told(user):
    return list(Notice.objects.filter(user=user).values_list("text", "path"))


def read(browser, case):
    return words(browser.get(f"/cases/{case.reference}/"))


# Comments ----------------------------------------------------------------------------------------


def test_a_comment_stands_on_the_case_and_who_is_named_is_told(case, kim, ana, as_user):
    answer = act(as_user(kim), case, "comments", **{"comment-text": "<b>@ana</b>, seen this?"})

    assert (answer.status_code, "Said." in words(answer)) == (200, True)
    assert "&lt;b&gt;@ana&lt;/b&gt;, seen this?" in answer.content.decode()
    assert told(ana) == [(f"Kim mentions you on {case.reference}.", f"/cases/{case.reference}/")]
    assert told(kim) == []


def test_a_refused_comment_keeps_what_was_typed(case, kim, as_user):
    browser = as_user(kim)
    empty = act(browser, case, "comments", **{"comment-text": " "})
    unknown = act(browser, case, "comments", **{"comment-text": "Ask @nobody about it."})
    plain = browser.post(f"/cases/{case.reference}/comments/", {"comment-text": "Ask @nobody."})

    assert [one.status_code for one in (empty, unknown, plain)] == [422, 422, 422]
    assert "Write what the others should know." in words(empty)
    assert "Nobody who works with" in words(unknown)
    assert "Ask @nobody about it." in unknown.content.decode()
    assert "Decision" in plain.content.decode()  # the whole page around it
    assert not Comment.objects.exists()


def test_what_was_said_is_polled_and_unchanged_until_somebody_says_more(case, kim, ana, as_user):
    browser, path = as_user(ana), f"/cases/{case.reference}/talk/"
    tag = browser.get(path)["ETag"]
    assert browser.get(path, HTTP_IF_NONE_MATCH=tag).status_code == 304

    act(as_user(kim), case, "comments", **{"comment-text": "First."})

    again = browser.get(path, HTTP_IF_NONE_MATCH=tag)
    assert (again.status_code, "First." in words(again)) == (200, True)


@pytest.mark.parametrize("protocol", ["commit_first", "two_blind"])
def test_no_page_tells_who_answers_blind_what_somebody_said_who_has_answered(
    role, kim, ana, as_user, protocol
):
    case = case_under(role, review={"medium": {"protocol": protocol}})
    first = as_user(kim)
    act(first, case, "comments", **{"comment-text": "Zebra crossing."})
    door = lifecycle.commit if protocol == "commit_first" else lifecycle.decide
    door(case.pk, "reject", rationale="Lion.", digest=case.digest, by=kim, at=now())
    act(first, case, "needless")
    auditor, blind = as_user(make_auditor()), as_user(ana)

    pages = [
        browser.get(f"/cases/{case.reference}/{part}")
        for browser in (auditor, blind)
        for part in ("", "talk/", "standing/")
    ]
    pages.append(auditor.get(f"/audit/{case.reference}/"))

    assert [one for one in pages if b"Zebra" in one.content or b"Lion" in one.content] == []
    assert not [one for one in pages if b"should not have been escalated</" in one.content
                and b"said that" in one.content]  # fmt: skip
    assert "1 comment or opinion is withheld until you have answered" in words(pages[3])
    assert "Zebra" in read(first, case)


# A second opinion --------------------------------------------------------------------------------


def test_an_opinion_is_asked_for_given_and_told_of(case, kim, ana, as_user):
    asker, asked = as_user(kim), as_user(ana)
    form = {"opinion-to": str(ana.pk), "opinion-note": "Our fault?"}
    assert "Ana was asked and told." in words(act(asker, case, "opinion", **form))
    assert told(ana)[0][0] == f"Kim asks for your opinion on {case.reference}."
    assert "Your opinion is asked for" in words(asked.get("/"))
    assert "Kim asks for your opinion Our fault?" in read(asked, case)

    wanted = OpinionRequest.objects.get()
    path = f"opinions/{wanted.pk}"
    refused = act(asked, case, path, **{"given-option": "approve", "given-text": ""})
    given = act(asked, case, path, **{"given-option": "reject", "given-text": "It came."})

    assert (refused.status_code, given.status_code) == (422, 200)
    assert told(kim) == [
        (
            f"Ana has given the opinion you asked for on {case.reference}.",
            f"/cases/{case.reference}/",
        )
    ]
    assert "Ana second opinion" in read(asker, case)
    assert "Would choose Refuse It came." in read(asker, case)
    assert "Your opinion is asked for" not in words(asked.get("/"))
    assert act(asker, case, path, **{"given-text": "Mine."}).status_code == 404


def test_where_nobody_else_is_on_call_the_next_one_cannot_be_asked(case, kim, as_user):
    refused = act(as_user(kim), case, "opinion", **{"opinion-to": "next"})

    assert (refused.status_code, "Choose somebody by name" in words(refused)) == (403, True)


def test_the_form_says_when_an_opinion_is_seen_under_a_blind_protocol(role, kim, as_user):
    case = case_under(role, review={"medium": {"protocol": "commit_first"}})

    assert "once your own answer is stored" in read(as_user(kim), case)


# Asking, passing up ------------------------------------------------------------------------------


def test_the_requester_is_asked_through_the_agent_and_who_asked_hears_of_the_answer(
    case, kim, as_user
):
    said = act(as_user(kim), case, "question", **{"ask-of": "requester", "ask-text": "Which?"})
    assert f"{case.agent.name} was told to ask the requester." in words(said)
    assert "The requester was asked, through the agent" in words(said)
    assert Pause.objects.get().of == "requester"

    lifecycle.answer(case.pk, "The blue one.", [], by=case.agent, at=now())
    [claim] = effects.claim(EffectKind.ARRIVAL, at=now() + timedelta(seconds=1))
    for _ in "twice":
        tell_of_arrivals({str(claim.id): claim.number})

    assert [text for text, _ in told(kim)] == [
        f"{case.agent.name} has answered what you asked on {case.reference}."
    ]


def test_passing_up_says_where_it_goes_and_to_whom_before_it_is_done(role, case, kim, as_user):
    boss = make_reviewer(role.higher_role, first_name="Bo")
    browser = as_user(kim)
    assert "Nobody is on call there now; whoever comes on next is told." in read(browser, case)
    make_layer(role.higher_role, boss, at=now(), first_on=now().date(), first_time=0)
    page = read(browser, case)
    assert "It goes to Managers, and leaves Refunds" in page
    assert "Told at once: Bo, on call there now." in page

    empty = act(browser, case, "pass-up", **{"up-note": ""})
    done = act(browser, case, "pass-up", **{"up-note": "Beyond me."})

    assert (empty.status_code, done.status_code) == (422, 200)
    assert "Managers has it now and was told." in words(done)
    assert "you no longer see the case" in words(done)
    assert Handoff.objects.get(case=case, ended_at=None).role == role.higher_role
    assert [text for text, _ in told(boss)] == [f"Kim passed {case.reference} up to Managers."]


# Needless, incidents -----------------------------------------------------------------------------


def test_that_it_should_not_have_been_escalated_is_one_press_and_another_takes_it_back(
    case, kim, as_user
):
    browser = as_user(kim)
    once = act(browser, case, "needless")
    assert (needless.is_judged(case, kim), 'aria-pressed="true"' in once.content.decode()) == (
        True, True,
    )  # fmt: skip
    act(browser, case, "needless", back="yes")
    assert not needless.is_judged(case, kim)
    decide(case, by=kim, at=now())
    assert act(browser, case, "needless").status_code == 200
    assert needless.is_judged(case, kim)


def test_an_incident_is_reported_marked_listed_and_closed(role, case, kim, as_user):
    sam = make_user("sam", first_name="Sam")
    manager = make_user("manager")
    access.grant(access.SUPERVISE, sam, role)
    access.grant(access.MANAGE, manager, role)
    browser = as_user(kim)
    refused = act(browser, case, "incident", **{"incident-kind": "", "incident-text": "Twice."})
    assert (refused.status_code, "Choose what it is" in words(refused)) == (422, True)

    act(browser, case, "incident", **{"incident-kind": "widespread", "incident-text": "Twice."})

    made = Incident.objects.get()
    assert "serious incident" in read(browser, case)
    assert [path for _, path in told(sam) + told(manager)] == ["/incidents/", "/"]
    assert "Kim reported a serious incident" in told(sam)[0][0]
    supervised = as_user(sam)
    assert 'href="/incidents/"' in supervised.get("/queue/").content.decode()
    assert 'href="/incidents/"' not in browser.get("/queue/").content.decode()
    listed = words(supervised.get("/incidents/"))
    assert "Twice." in listed and "left authority to hear by" in listed

    closing = f"/incidents/{made.pk}/closing/"
    assert supervised.post(closing, {"close-conclusion": ""}).status_code == 422
    assert browser.post(closing, {"close-conclusion": "Done."}).status_code == 403
    assert as_user(manager).post(closing, {"close-conclusion": "Done."}).status_code == 404
    assert supervised.post(closing, {"close-conclusion": "Paid back."}).status_code == 302
    assert "Closed Paid back." in words(supervised.get("/incidents/"))
    assert 'href="/incidents/"' not in supervised.get("/queue/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_incidents_ask_as_much_of_the_database_however_many_there_are(
    count, role, kim, as_user, django_assert_num_queries
):
    for _ in range(count):
        case = handed_off_case(role)
        incidents.report(case.pk, IncidentKind.OTHER, "It.", by=kim, at=now())
        closed = incidents.report(case.pk, IncidentKind.OTHER, "It.", by=kim, at=now())
        Incident.objects.filter(pk=closed.pk).update(
            closed_by=kim, closed_at=now(), conclusion="Nothing."
        )
    browser = as_user(kim)
    with django_assert_num_queries(8):
        browser.get("/incidents/")


# Stopping ----------------------------------------------------------------------------------------


def test_an_agent_is_stopped_from_a_case_and_started_again_on_its_page(role, case, kim, as_user):
    setter = make_policy_maker("setter", first_name="Pat")
    browser = as_user(kim)
    unsure = act(browser, case, "stop", **{"stop-reason": "It pays twice."})
    assert (unsure.status_code, Agent.objects.get(pk=case.agent_id).stopped_at) == (422, None)

    said = act(browser, case, "stop", **{"stop-reason": "It pays twice.", "stop-sure": "on"})
    stopping.see_to(case.agent_id, at=now())

    assert f"{case.agent.name} is stopped" in words(said)
    page = read(browser, case)
    assert f"Held: {case.agent.name} was stopped It pays twice." in page
    assert "Take it up again" not in page and "Stop agent" not in page
    assert "agent stopped" in words(browser.get("/queue/?view=held"))
    assert f"Kim stopped {case.agent.name}" in told(setter)[0][0]
    assert browser.get("/agents/").status_code == 403
    starts = as_user(setter)
    assert "Stopped by Kim" in words(starts.get("/agents/"))
    path = f"/agents/{case.agent.name}/start/"
    assert browser.post(path, {"because": "Mended."}).status_code == 403
    assert starts.post(path, {"because": ""}).status_code == 422
    assert starts.post(path, {"because": "Mended."}).status_code == 302
    assert Agent.objects.get(pk=case.agent_id).stopped_at is None


def test_whoever_stopped_an_agent_on_its_page_is_told_that_another_starts_it(case, as_user):
    setter = make_policy_maker()
    make_policy_maker()
    browser = as_user(setter)
    stop, start = (f"/agents/{case.agent.name}/{act}/" for act in ("stop", "start"))
    assert browser.post(stop, {"because": "A drill."}).status_code == 302

    refused = browser.post(start, {"because": "Over."})

    assert (refused.status_code, "somebody else" in words(refused)) == (403, True)


def test_an_operator_is_told_of_agents_that_are_stopped(case, kim):
    stopping.stop(case.agent_id, "It pays twice.", case=case, by=kim, at=now())

    assert [note for note in health.notes(at=now()) if case.agent.name in note]


def test_an_auditor_reads_and_is_offered_nothing_to_do(case, as_user):
    browser = as_user(make_auditor())
    page = browser.get(f"/cases/{case.reference}/").content.decode()

    assert set(re.findall(r'data-key="(\w+)"', page)) <= {"read", "policy"}  # to read, not to do
    answers = [
        act(browser, case, "comments", **{"comment-text": "Hello."}),
        act(browser, case, "needless"),
        act(browser, case, "incident", **{"incident-kind": "harm", "incident-text": "It."}),
        act(browser, case, "stop", **{"stop-reason": "It.", "stop-sure": "on"}),
    ]
    assert [one.status_code for one in answers] == [403] * 4
    assert not Comment.objects.exists()
