"""Calls beyond what a minute takes are answered 429; a desk without Redis lets everybody in."""

import time

import pytest
import redis
from django.test import Client

from escalation.api import limits
from tests.escalation.test_api import Caller, problem_of

pytestmark = pytest.mark.django_db
AT = 1_800_000_000.0 + 17  # in the middle of a minute


@pytest.fixture(autouse=True)
def own_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count apart from everybody else, at an instant that stands still."""
    name = f"{time.time_ns()}"
    real = limits._counted
    monkeypatch.setattr(
        limits, "_counted", lambda names, at: real([f"{name}:{n}" for n in names], at)
    )
    monkeypatch.setattr("escalation.api.auth.time.time", lambda: AT)
    monkeypatch.setattr(limits._Away, "until", 0.0)


def statuses(caller: Caller, count: int) -> list[int]:
    return [caller.get("/cases").status_code for _ in range(count)]


def test_a_key_has_its_calls_a_minute(settings) -> None:
    settings.API_CALLS_PER_KEY = 2
    caller, another = Caller(), Caller()

    assert statuses(caller, 3) == [200, 200, 429]
    refused = caller.get("/cases")
    assert problem_of(refused) == (429, "too-many-calls", [])
    assert refused["Retry-After"] == str(60 - int(AT) % 60)
    assert statuses(another, 1) == [200]


def test_a_minute_later_it_has_them_again(settings, monkeypatch) -> None:
    settings.API_CALLS_PER_KEY = 1
    caller = Caller()
    assert statuses(caller, 2) == [200, 429]

    monkeypatch.setattr("escalation.api.auth.time.time", lambda: AT + 60)

    assert statuses(caller, 1) == [200]


def test_an_address_has_its_calls_whichever_keys_it_uses(settings) -> None:
    settings.API_CALLS_PER_ADDRESS = 2

    assert [statuses(Caller(), 1) for _ in range(3)] == [[200], [200], [429]]


def test_keys_that_do_not_hold_are_limited_and_close_the_address_to_nobody(settings) -> None:
    settings.API_REFUSALS_PER_ADDRESS = 2
    wrong = {"Authorization": "Bearer rk_no"}
    tried = [Client().get("/api/v1/cases", headers=headers).status_code
             for headers in (wrong, {}, wrong, {})]  # fmt: skip

    assert tried == [401, 401, 429, 429]
    assert statuses(Caller(), 1) == [200]


def test_nothing_is_limited_at_zero(settings) -> None:
    settings.API_CALLS_PER_KEY = settings.API_CALLS_PER_ADDRESS = 0

    assert statuses(Caller(), 3) == [200, 200, 200]


def test_without_redis_everybody_is_let_in_and_it_is_not_asked_each_time(
    settings, monkeypatch
) -> None:
    settings.API_CALLS_PER_KEY = 1
    asked = []
    nowhere = redis.Redis(host="127.0.0.1", port=1, socket_connect_timeout=1)
    monkeypatch.setattr(limits, "_redis", lambda: asked.append(1) or nowhere)

    assert statuses(Caller(), 3) == [200, 200, 200]
    assert asked == [1]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2::1", "20010db800010002"),
        ("2001:db8:1:2:ffff::9", "20010db800010002"),
        ("fe80::1%eth0", "fe80000000000000"),
        *(("", "elsewhere"), ("unix:", "elsewhere")),
    ],
)
def test_what_is_counted_together(address: str, network: str) -> None:
    assert limits.network(address) == network
