import json
from datetime import UTC, datetime, timedelta

import pytest
from recourse import Event, NotGenuine, verify_callback
from standardwebhooks.webhooks import Webhook

from tests.sdk.scripted import CASE, DECISION

SECRET = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlYw=="
EVENT = {"type": "case.decided", "timestamp": "2026-03-02T09:00:00Z", "data": {"permitted": True}}
BODY = json.dumps(EVENT).encode()


def signed(body=BODY, *, at=None, secret=SECRET):
    at = at or datetime.now(UTC)
    return {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": Webhook(secret).sign("msg_1", at, body.decode()),
    }


def test_a_callback_that_the_desk_signed_is_returned():
    assert verify_callback(signed(), BODY, SECRET) == EVENT


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (signed(), BODY.replace(b"true", b"false")),
        (signed(secret="whsec_b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXItb3Q="), BODY),
        (signed(at=datetime.now(UTC) - timedelta(hours=1)), BODY),
        ({}, BODY),
        (signed() | {"Webhook-Signature": "v1,###"}, BODY),
        (signed() | {"Webhook-Signature": "nonsense"}, BODY),
        (signed(), b"\xff\xfe"),
        (signed(b"[]"), b"[]"),
    ],
)
def test_any_other_is_not_genuine(headers, body):
    with pytest.raises(NotGenuine):
        verify_callback(headers, body, SECRET)


@pytest.mark.parametrize(
    ("type", "data", "told"),
    [
        ("case.decided", DECISION, (True, None)),
        ("case.overturned", DECISION, (True, None)),
        ("case.held", CASE | {"state": 1}, (None, "ESC-1042")),
        ("case.information_requested", CASE | {"state": 1}, (None, "ESC-1042")),
        ("case.of_a_newer_desk", {}, (None, None)),
    ],
)
def test_an_event_is_of_a_decision_or_of_a_case_that_waits(type, data, told):
    event = Event.of({"type": type, "timestamp": "2026-03-02T09:00:00Z", "data": data})

    decision, case = event.decision, event.case
    assert (decision and decision.permitted, case and case.reference) == told
    assert event.state == data.get("state")
