import json
from datetime import UTC, datetime, timedelta

import pytest
from recourse import NotGenuine, verify_callback
from standardwebhooks.webhooks import Webhook

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
