import hashlib
import re
from datetime import timedelta

import pytest

from escalation import keys, ledger, resume
from escalation.actors import OPERATOR
from escalation.models import AgentKey, Event
from tests.factories import NINE, make_agent

pytestmark = pytest.mark.django_db


def told():
    return [(e.action, ledger.Line.of(e).facts) for e in Event.objects.order_by("id")]


def test_a_key_is_told_once_and_only_its_hash_is_kept():
    key, text = keys.issue_key(make_agent(), by=OPERATOR, at=NINE)

    stored = AgentKey.objects.get()
    assert re.fullmatch(rf"{key.prefix}_[\w-]{{43}}", text)
    assert bytes(stored.digest) == hashlib.sha256(text.encode()).digest()
    kept = str(AgentKey.objects.values().get()) + str(told())
    assert text.removeprefix(f"{key.prefix}_") not in kept


def test_two_keys_have_nothing_in_common():
    agent = make_agent()

    one, two = (keys.issue_key(agent, by=OPERATOR, at=NINE)[1] for _ in range(2))

    assert one.split("_")[1:] != two.split("_")[1:]


def test_issuing_and_revoking_are_on_the_record():
    key, _ = keys.issue_key(make_agent(), by=OPERATOR, at=NINE, scopes=["cases:read"])

    keys.revoke_key(key, by=OPERATOR, at=NINE)
    keys.revoke_key(key, by=OPERATOR, at=NINE)

    assert told() == [
        ("key.issued", {"prefix": key.prefix, "scopes": ["cases:read"]}),
        ("key.revoked", {"prefix": key.prefix}),
    ]


def test_a_key_is_found_by_its_whole_text_and_no_other():
    key, text = keys.issue_key(make_agent(), by=OPERATOR, at=NINE)

    assert keys.key_called(text, at=NINE) == key
    for wrong in ("", "rk_", key.prefix, text[:-1], text + "x", text.upper(), text[3:], "rk_\x00"):
        assert keys.key_called(wrong, at=NINE) is None


def test_a_revoked_key_is_no_key_from_that_moment():
    agent = make_agent()
    key, text = keys.issue_key(agent, by=OPERATOR, at=NINE)
    _, other = keys.issue_key(agent, by=OPERATOR, at=NINE)

    keys.revoke_key(key, by=OPERATOR, at=NINE)

    assert keys.key_called(text, at=NINE) is None
    assert keys.key_called(other, at=NINE) is not None


def test_last_use_is_kept_to_the_minute():
    key, text = keys.issue_key(make_agent(), by=OPERATOR, at=NINE)
    seen = []

    for seconds in (0, 30, 60, 61, 100, 122):
        keys.key_called(text, at=NINE + timedelta(seconds=seconds))
        key.refresh_from_db()
        seen.append((key.last_used_at - NINE).total_seconds())

    assert seen == [0, 0, 0, 61, 61, 122]


def test_a_busy_key_costs_one_query(django_assert_num_queries):
    _, text = keys.issue_key(make_agent(), by=OPERATOR, at=NINE)
    keys.key_called(text, at=NINE)

    with django_assert_num_queries(1):
        keys.key_called(text, at=NINE)


def test_a_callback_secret_is_of_one_agent_and_one_version_and_stands_nowhere(settings):
    agent, other = make_agent(), make_agent()
    first = resume.secret_text(agent)

    agent.secret_version = 2
    newer = resume.secret_text(agent)
    settings.SECRET_KEY = "another key for tests alone, which signs nothing that lasts"
    agent.secret_version = 1

    assert len({first, newer, resume.secret_text(other), resume.secret_text(agent)}) == 4
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", first)
