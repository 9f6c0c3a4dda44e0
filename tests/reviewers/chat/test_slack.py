"""What Slack is sent, and what comes of clicks in it."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils.timezone import now

from escalation import intake, lifecycle
from escalation.models import Case, Event, Terms
from escalation.withholding import opaque_name
from reviewers import leavers
from reviewers.chat import signed
from reviewers.enums import NoticeKind
from reviewers.models import ContactPoint, Notice
from reviewers.notices import channels, inbox
from reviewers.notices.channels.posting import at_once
from reviewers.notices.channels.results import Tried
from reviewers.notifications import messages
from routing.models import SlaPolicy
from tests.carry import send_notices
from tests.factories import handed_off_case, make_reviewer, make_role, package, step

pytestmark = pytest.mark.django_db
KIM = "U024BE7LH"


@pytest.fixture(autouse=True)
def set_up(settings):
    settings.SLACK_SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
    settings.SLACK_BOT_TOKEN = "xoxb-1-2-3"
    settings.BASE_URL = "https://desk.example"


@pytest.fixture
def role():
    return make_role()


@pytest.fixture
def kim(role):
    person = make_reviewer(role, first_name="Kim")
    confirmed(person, KIM)
    return person


@pytest.fixture
def case(role, kim):
    return low_case(role)


@pytest.fixture
def notice(case, kim):
    return told(kim, case)


def confirmed(person, account, at=None):
    return ContactPoint.objects.create(
        user=person, kind="slack", address=account, confirmed_at=at or now()
    )


def low_case(role, stakes="low", **policy):
    """Return a case whose policy allows what is said here; a policy's terms are written down once."""
    allows = {"decide_in_chat": True, "shows_question": True} | policy
    Terms.objects.create(id=SlaPolicy.objects.get().pk, policy="Standard, version 1", **allows)
    return handed_off_case(role, package(stakes=stakes), at=now())


def told(person, case, **given):
    question = {"question": case.question} | given
    inbox.tell(
        person, NoticeKind.HANDS, about=f"case:{case.pk}", text="A case waits for you.", case=case,
        at=now(), **question,
    )  # fmt: skip
    return Notice.objects.select_related("user", "case__terms").get(user=person, case=case)


def sent(notice):
    """Return what Slack is sent of it."""
    message = messages.of([notice], at=now())
    assert at_once(channels.send(ContactPoint(kind="slack", address=KIM), message)) == Tried()


def buttons(body):
    return {button["text"]["text"]: button for button in body["blocks"][1]["elements"]}


def click(notice, option="approve", *, digest="", user=KIM, action="answer-0", **more):
    value = json.dumps(
        [str(notice.pk), digest or opaque_name(notice.case, notice.case.digest), option]
    )
    return {
        "type": "block_actions",
        "user": {"id": user, "username": "kim"},
        "actions": [{"action_id": action, "value": value, "type": "button"}],
        **more,
    }


def post(payload, *, at=None, **changes):
    """Return the answer to a request as Slack makes it."""
    body = urlencode({"payload": json.dumps(payload)}).encode()
    stamp = str(int((at or now()).timestamp()))
    headers = {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signed.signature(stamp, body),
    } | changes
    return Client().post(
        "/integrations/slack/",
        body,
        content_type="application/x-www-form-urlencoded",
        headers=headers,
    )


# The message ---------------------------------------------------------------------------------------


def test_a_message_of_low_stakes_has_its_answers_on_buttons_and_a_link(end, settings, notice, case):
    settings.SLACK_API = f"{end.url}/api"

    sent(notice)

    (call,) = end.calls
    body = call.json
    found = buttons(body)
    assert call.path == "/api/chat.postMessage"
    assert call.headers["authorization"] == "Bearer xoxb-1-2-3"
    assert body["channel"] == KIM
    assert list(found) == ["Refund in full", "Refuse", "Open the case"]
    assert json.loads(found["Refuse"]["value"]) == [
        str(notice.pk),
        opaque_name(case, case.digest),
        "reject",
    ]
    assert "cannot be undone" in found["Refund in full"]["confirm"]["text"]["text"]
    assert "cannot be undone" not in found["Refuse"]["confirm"]["text"]["text"]
    assert found["Open the case"]["url"].startswith("https://desk.example/notices/open/")
    assert body["blocks"][0]["text"]["type"] == "plain_text"
    assert "parcel" not in json.dumps(body)


@pytest.mark.parametrize(
    ("stakes", "policy"),
    [
        ("medium", {}),
        ("critical", {}),
        ("low", {"decide_in_chat": False}),
        ("low", {"shows_question": False}),
        ("low", {"review": {"low": {"protocol": "evidence_first"}}}),
        ("low", {"review": {"low": {"protocol": "commit_first"}}}),
        ("low", {"review": {"low": {"because": "listed"}}}),
        ("low", {"review": {"low": {"hold_window": 30}}}),
        ("low", {"review": {"low": {"step_up": True}}}),
    ],
)
def test_above_low_stakes_or_without_policy_the_button_opens_the_page(
    end, settings, role, kim, stakes, policy
):
    settings.SLACK_API = f"{end.url}/api"

    sent(told(kim, low_case(role, stakes, **policy)))

    assert list(buttons(end.calls[0].json)) == ["Open the case"]


def test_what_an_agent_wrote_mentions_nobody(end, settings, role, kim, case):
    settings.SLACK_API = f"{end.url}/api"

    sent(told(kim, case, question="Refund <!channel> & <https://evil.example|here>?"))

    body = end.calls[0].json
    assert "<" not in body["text"]
    assert body["blocks"][0]["text"]["type"] == "plain_text"


@pytest.mark.parametrize(
    ("answer", "tried"),
    [
        (b'{"ok": false, "error": "channel_not_found"}', ("answered channel_not_found", True)),
        (b'{"ok": false, "error": "ratelimited"}', ("answered ratelimited", False)),
        (b"<html>", ("answered no", False)),
    ],
)
def test_what_slack_answers_says_whether_to_try_again(end, settings, notice, answer, tried):
    settings.SLACK_API = f"{end.url}/api"
    end.body = answer

    found = asyncio.run(
        channels.send(ContactPoint(kind="slack", address=KIM), messages.of([notice], at=now()))
    )

    assert (found.error, found.refused) == tried


def test_the_buttons_come_with_what_workers_send(end, settings, kim, notice):
    settings.SLACK_API = f"{end.url}/api"

    send_notices([notice.pk], at=now())

    notice.refresh_from_db()
    assert notice.status == "sent"
    assert "Refuse" in buttons(end.calls[0].json)


# Clicks --------------------------------------------------------------------------------------------


def test_a_click_decides_through_the_same_door_and_is_on_the_record(notice, case, kim):
    answer = post(click(notice, "reject"))

    decision = case.decisions.get()
    events = Event.objects.filter(subject=f"case:{case.pk}").values_list("action", flat=True)
    assert answer.status_code == 200
    assert "Recorded: “Refuse” on" in answer.json()["text"]
    assert answer.json()["replace_original"] is True
    assert [one["text"]["text"] for one in answer.json()["blocks"][1]["elements"]] == [
        "Open the case"
    ]
    assert (decision.option.key, decision.decided_by, decision.digest) == (
        "reject",
        kim,
        case.digest,
    )
    assert list(events)[-2:] == ["case.decided", "case.answered_in_chat"]
    notice.refresh_from_db()
    assert notice.seen_at is not None


def test_the_message_is_changed_where_it_was_clicked(end, settings, notice):
    settings.SLACK_API = f"{end.url}/api"
    end.body = b"ok"

    post(click(notice, response_url=f"{end.url}/actions/T1/2/3"))

    (call,) = end.calls
    assert call.path == "/actions/T1/2/3"
    assert call.json["replace_original"] is True
    assert "Recorded" in call.json["text"]


def test_only_slack_s_own_address_is_answered_to(end, notice, case):
    post(click(notice, response_url=f"{end.url}/elsewhere"))

    assert end.calls == []
    assert case.decisions.count() == 1


def test_slack_hears_soon_even_when_it_does_not_answer_us(end, settings, notice):
    settings.SLACK_API = end.url
    end.behaves = end.stall
    assert post(click(notice, response_url=f"{end.url}/actions")).status_code == 200
    assert end.stalled == 1 and end.let_go == 0  # it said nothing, and nobody waited until it did


def test_whoever_comes_second_is_told_who_decided(role, case, notice):
    ida = make_reviewer(role, first_name="Ida")
    lifecycle.decide(case.pk, "approve", digest=case.digest, by=ida, at=now())

    answer = post(click(notice, "reject")).json()

    assert "is already decided: “Refund in full”, by Ida" in answer["text"]
    assert answer["replace_original"] is True


def test_evidence_that_came_meanwhile_sends_the_person_to_the_page(case, notice):
    intake.add_steps(case, {"steps": [step("s9")]}, by=case.agent, at=now())

    answer = post(click(notice)).json()

    assert "The agent added evidence" in answer["text"]
    assert not case.decisions.exists()


def test_stakes_that_were_raised_meanwhile_send_the_person_to_the_page(case, notice):
    Case.objects.filter(pk=case.pk).update(stakes="high")

    answer = post(click(notice)).json()

    assert "has high stakes: it is decided on its page." in answer["text"]
    assert not case.decisions.exists()


def test_a_role_that_wants_a_second_factor_decides_on_the_page(case, notice, role):
    role.requires_mfa = True
    role.save(update_fields=["requires_mfa"])

    assert "second factor" in post(click(notice)).content.decode()
    assert not case.decisions.exists()


def test_a_button_that_policy_never_gave_decides_nothing(role, kim):
    case = low_case(role, decide_in_chat=False)

    answer = post(click(told(kim, case))).json()

    assert f"The policy of {case.reference} has it decided on its page." in answer["text"]
    assert not case.decisions.exists()


@pytest.mark.parametrize(
    "asked",
    [{"protocol": "two_blind"}, {"hold_window": 600}, {"because": "written"}, {"step_up": True}],
)
def test_a_review_that_asks_for_more_than_a_click_is_not_got_round(role, kim, asked):
    case = low_case(role, review={"low": asked})

    answer = post(click(told(kim, case))).json()

    assert "takes its page: a click is not enough." in answer["text"]
    assert not case.decisions.exists()


def test_no_answer_stands_out(end, settings, notice):
    settings.SLACK_API = f"{end.url}/api"

    sent(notice)

    assert {button.get("style") for button in buttons(end.calls[0].json).values()} == {None}


@pytest.mark.parametrize("option", ["modify", "nothing"])
def test_an_answer_that_takes_more_than_a_click_is_not_taken(case, notice, option):
    assert post(click(notice, option)).status_code == 200

    assert not case.decisions.exists()


def test_nobody_decides_what_is_not_theirs_on_the_desk(role, kim, case, notice):
    for membership in kim.memberships.all():
        membership.delete()
    leavers.see_off(kim, by=make_reviewer(), at=now())

    assert "this Slack account is theirs" in post(click(notice)).json()["text"]
    assert not case.decisions.exists()


def test_a_tenant_that_is_not_theirs_is_not_decided_in_a_chat_either(kim, case, notice):
    type(kim).objects.filter(pk=kim.pk).update(tenants=["elsewhere"])

    answer = post(click(notice)).json()

    assert "does not decide for nordic-retail. Nothing was recorded." in answer["text"]
    assert answer["response_type"] == "ephemeral"


# Whose account -------------------------------------------------------------------------------------


def test_another_person_s_message_is_not_answered(role, case, notice):
    confirmed(make_reviewer(role), "U0OTHER01")

    answer = post(click(notice, user="U0OTHER01")).json()

    assert answer["text"] == "This message was not sent to you. Nothing was recorded."
    assert not case.decisions.exists()


@pytest.mark.parametrize("account", ["U0NOBODY1", ""])
def test_an_account_that_is_nobody_s_is_told_how_to_become_somebody_s(case, notice, account):
    assert "Nobody here has said" in post(click(notice, user=account)).json()["text"]
    assert not case.decisions.exists()


def test_an_account_that_was_typed_and_not_confirmed_is_nobody_s(kim, case, notice):
    kim.contact_points.update(confirmed_at=None)

    assert "Nobody here has said" in post(click(notice)).json()["text"]
    assert not case.decisions.exists()


def test_an_account_of_two_people_is_nobody_s(role, case, notice):
    confirmed(make_reviewer(role), KIM)

    assert "Nobody here has said" in post(click(notice)).json()["text"]
    assert not case.decisions.exists()


# Signed, of now, once ------------------------------------------------------------------------------


def test_without_a_secret_there_is_no_such_address(settings, notice):
    settings.SLACK_SIGNING_SECRET = ""

    assert post(click(notice)).status_code == 404
    assert Client().get("/integrations/slack/").status_code == 404


def test_the_address_takes_posts_only():
    assert Client().get("/integrations/slack/").status_code == 405


@pytest.mark.parametrize(
    "changes",
    [
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=é"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "-1"},
        {"X-Slack-Request-Timestamp": "9" * 40},
        {"X-Slack-Request-Timestamp": "1.5"},
    ],
)
def test_what_slack_did_not_sign_is_refused(case, notice, changes):
    assert post(click(notice), **changes).status_code == 401
    assert not case.decisions.exists()


def test_a_body_that_was_changed_is_refused(case, notice):
    stamp, body = str(int(now().timestamp())), b"payload=1"
    headers = {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signed.signature(stamp, body),
    }
    forged = urlencode({"payload": json.dumps(click(notice))})

    answer = Client().post(
        "/integrations/slack/",
        forged,
        content_type="application/x-www-form-urlencoded",
        headers=headers,
    )

    assert answer.status_code == 401


@pytest.mark.parametrize(("minutes", "status"), [(-6, 401), (-4, 200), (4, 200), (6, 401)])
def test_a_request_of_another_time_is_refused(notice, minutes, status):
    at = now() + timedelta(minutes=minutes)

    assert post(click(notice), at=at).status_code == status


def test_the_same_request_is_taken_once(case, notice):
    at = now()

    assert post(click(notice, "nothing"), at=at).status_code == 200
    assert post(click(notice, "nothing"), at=at).status_code == 409


@pytest.mark.parametrize("size", [64 * 1024, 3 * 1024 * 1024])
def test_a_huge_body_is_refused_before_it_is_looked_at(notice, size):
    assert post(click(notice, more="x" * size)).status_code == 413


@pytest.mark.parametrize(
    "payload",
    [
        {},
        [],
        "text",
        {"type": "view_submission"},
        {"type": "block_actions", "user": {"id": KIM}, "actions": []},
        {"type": "block_actions", "user": {"id": KIM}, "actions": [{"action_id": "else"}]},
        {
            "type": "block_actions",
            "user": {"id": KIM},
            "actions": [{"action_id": "answer-0", "value": '["x"]'}],
        },
        {
            "type": "block_actions",
            "user": {"id": 5},
            "actions": [{"action_id": "answer-0", "value": f'["{uuid4()}", "d", "approve"]'}],
        },
        {
            "type": "block_actions",
            "user": {"id": KIM},
            "actions": [{"action_id": "answer-0", "value": "[" * 20000}],
        },
    ],
)
def test_what_the_desk_did_not_ask_for_is_refused(payload):
    assert post(payload).status_code == 400


def test_a_click_on_the_link_is_heard_and_nothing_more(case, notice):
    answer = post(click(notice, action="open"))

    assert (answer.status_code, answer.content) == (200, b"")
    assert not case.decisions.exists()


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_decision(role):
    person = make_reviewer(role, first_name="Kim")
    confirmed(person, KIM)
    case = low_case(role)
    notice = told(person, case)
    both = Barrier(2)

    def press(option):
        both.wait()
        try:
            return post(click(notice, option)).json()["text"]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(press, ["approve", "reject"]))

    assert case.decisions.count() == 1
    assert said[0].startswith("Already recorded")
    assert said[1].startswith("Recorded")
