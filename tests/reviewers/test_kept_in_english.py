"""What is kept, and what agents are told, is the same whatever language somebody acts in."""

import pytest
from django.test import Client
from django.utils.timezone import now

from escalation import lifecycle
from escalation.models import Case, Delivery, Disclosure, Event, Handoff
from reviewers.models import Notice
from routing.dispatch import dispatch
from tests.factories import as_json, make_agent, make_key, make_reviewer, make_role, package

pytestmark = pytest.mark.django_db
TOLD = "⟦"


@pytest.fixture
def call():
    """An agent whose client asks for another language."""
    key = make_key(make_agent("refunds-bot"))

    def send(path, body=None):
        client, path = Client(), f"/api/v1{path}"
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "k-1"}
        headers["Accept-Language"] = "nb"
        if body is None:
            return client.get(path, headers=headers)
        return client.post(path, as_json(body), content_type="application/json", headers=headers)

    return send


def kept():
    """Return all that was written down, as bytes and texts."""
    bodies = [bytes(body) for body in Event.objects.values_list("body", flat=True)]
    values = [bytes(value) for value in Disclosure.objects.values_list("value", flat=True)]
    sent = [str(body) for body in Delivery.objects.values_list("body", flat=True)]
    notes = Handoff.objects.values_list("note", flat=True)
    notices = Notice.objects.values_list("text", flat=True)
    return [*(one.decode() for one in [*bodies, *values]), *sent, *notes, *notices]


def test_the_record_and_the_answers_to_agents_do_not_depend_on_who_reads(brackets, call, as_user):
    role = make_role("refunds")
    kim, lena = make_reviewer(role, username="kim"), make_reviewer(role, username="lena")
    answers = [call("/cases", package(role="refunds"))]
    case = Case.objects.get()
    dispatch([case.pk], at=now())
    browser = as_user(kim)

    def act(what, **given):
        said = browser.post(
            f"/cases/{case.reference}/{what}/", given, headers={"HX-Request": "true"}
        )
        assert (said.status_code, TOLD in said.content.decode()) == (200, True), what

    act("claim")
    act("comments", **{"comment-text": "Look at @lena."})
    act("opinion", **{"opinion-to": str(lena.pk), "opinion-note": "What do you think?"})
    act("incident", **{"incident-kind": "harm", "incident-text": "It paid twice."})
    act("needless")
    act("hold", **{"hold-reason": "The bank is closed."})
    act("take-up")
    act("question", **{"ask-text": "Which order?", "ask-of": "requester"})
    answers.append(call(f"/cases/{case.reference}/answers", {"text": "W88", "steps": []}))
    act("hand-over", **{"over-to": str(lena.pk), "over-note": "You know the bank."})
    lenas = as_user(lena)
    case.refresh_from_db()
    lifecycle.open_evidence(case.pk, 1, by=lena, at=now())
    given = {"option": "approve", "rationale": "Right.", "digest": case.digest, "step": "sign"}
    lenas.post(f"/cases/{case.reference}/decision/", given)
    answers += [call(f"/cases/{case.reference}"), call(f"/cases/{case.reference}/decision")]
    answers += [call(f"/cases/{case.reference}/steps", {"steps": []}), call("/cases/ESC-999999")]

    assert [one.status_code for one in answers] == [201, 201, 200, 200, 409, 404]
    assert [one.content for one in answers if TOLD in one.content.decode()] == []
    assert [one for one in kept() if TOLD in one] == []
    assert Event.objects.filter(action="case.decided").exists()
