from datetime import UTC, datetime, timedelta, timezone

import pytest

from escalation.demo import shelf

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def strings(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for inner in value for text in strings(inner)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("@-00:12:04", "2026-03-02T08:47:56Z"),
        ("@-3d04:00:00", "2026-02-27T05:00:00Z"),
        ("@+0d02:10:00", "2026-03-02T11:10:00Z"),
        ("due on @day+14, sent @day-1", "due on 2026-03-16, sent 2026-03-01"),
        ("recall-tinde@3", "recall-tinde@3"),
        ("ops@example.com", "ops@example.com"),
        ("see @-00:12:04 there", "see @-00:12:04 there"),
    ],
)
def test_shift_replaces_placeholders_and_nothing_else(written, read):
    assert shelf.shift({"a": [written, 1, None]}, NINE) == {"a": [read, 1, None]}


def test_shift_tells_the_time_in_utc_whatever_zone_it_is_given():
    oslo = NINE.astimezone(timezone(timedelta(hours=1)))

    assert shelf.shift("@-00:00:00", oslo) == "2026-03-02T09:00:00Z"


@pytest.mark.parametrize("name", shelf.names())
def test_a_package_holds_no_placeholder_once_it_is_loaded(name):
    texts = strings(shelf.package(name, at=NINE))

    assert [text for text in texts if text.startswith("@") or "@day" in text] == []


@pytest.mark.parametrize("name", shelf.names())
def test_a_package_tells_its_steps_in_order_and_before_it_asks(name):
    package = shelf.package(name, at=NINE)

    told = [package["request"]["received_at"]]
    told += [step["at"] for step in package["steps"]]
    assert told == sorted(told)
    assert told[-1] <= shelf.instant(NINE)


def test_the_shelf_shows_every_kind_of_case():
    packages = [shelf.package(name, at=NINE) for name in shelf.names()]

    def seen(path):
        return {value for package in packages for value in path(package)}

    assert seen(lambda p: [t["type"] for t in p["triggers"]]) == {
        *("confidence", "boundary", "anomaly", "risk", "policy")
    }
    assert seen(lambda p: [p["stakes"]]) == {"low", "medium", "high", "critical"}
    assert seen(lambda p: [o["outcome"] for o in p["question"]["options"]]) == {
        *("approve", "modify", "reject", "escalate", "other")
    }
    assert seen(lambda p: [step["kind"] for step in p["steps"]]) >= {
        *("message", "tool_call", "retrieval", "reasoning", "conclusion", "error")
    }
    assert seen(lambda p: [p["identity"]["tenant"]]) == {
        *("nordic-retail", "ostby-shipping", "halo-insurance", "fjord-credit")
    }
    assert seen(lambda p: [((p["proposal"] or {}).get("amount") or {}).get("currency")]) == {
        *("USD", "EUR", "NOK", "GBP"),
        None,
    }
    assert [p["run"] for p in packages if not p["steps"]] == ["chat-61007"]
    batch = [p["run"] for p in packages if p["batch"]]
    assert batch == ["payrun-2231"] * 3
