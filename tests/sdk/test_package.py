from datetime import UTC, datetime

import pytest
from recourse import Package

from escalation.package import read_package

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def a_full_package():
    stop = Package(
        "Where is my parcel?",
        tenant="nordic-retail",
        user=("cus_19", "Ida Holm"),
        authority="Refunds over $200 belong to refunds compliance",
        credentials=["payments:refund"],
        channel="email",
        received_at=NINE,
        run="thread-8841",
        batch="b-1",
        agent_version="2.3.1",
        stakes="high",
        role="refunds-compliance",
        callback_url="https://agent.example/hooks",
        state={"thread": 8841},
    )
    stop.tool_call("get_order", {"order": "W88"}, None, at=NINE, duration_ms=41, must_read=True)
    stop.reasoning("Two readings.", at=NINE)
    stop.conclusion("Unsure.", at=NINE, key="end")
    stop.trigger("confidence", "class", 0.62, "<", 0.8, "Confidence dropped to 0.62")
    stop.propose(
        "issue_refund",
        {"order": "W88"},
        reasoning="Goodwill.",
        confidence=0.62,
        reversible=False,
        amount=("412.50", "USD"),
        categories=["money_movement"],
    )
    stop.approve("Refund", ("Money leaves today", False))
    stop.modify("Refund less", {"type": "object", "properties": {}}, "Some money leaves")
    stop.option("wait", "Wait", "other", "Nothing happens")
    stop.reject("Refuse", "The customer is told no")
    return stop.ask("Refund?", recommended="approve")


def test_a_full_package_is_what_the_contract_takes():
    body = a_full_package().body()

    read_package(body)
    assert body["steps"] == [
        {
            "key": "s1",
            "kind": "tool_call",
            "name": "get_order",
            "at": "2026-03-02T09:00:00+00:00",
            "duration_ms": 41,
            "input": {"order": "W88"},
            "must_read": True,
        },
        {
            "key": "s2",
            "kind": "reasoning",
            "at": "2026-03-02T09:00:00+00:00",
            "text": "Two readings.",
        },
        {"key": "end", "kind": "conclusion", "at": "2026-03-02T09:00:00+00:00", "text": "Unsure."},
    ]
    assert body["identity"]["user"] == {"id": "cus_19", "name": "Ida Holm"}
    assert body["resume"] == {
        "callback_url": "https://agent.example/hooks",
        "state": {"thread": 8841},
    }
    assert [option["key"] for option in body["question"]["options"]] == [
        *("approve", "modify", "wait", "reject")
    ]


def test_the_least_package_is_what_the_contract_takes():
    stop = Package("Hello").trigger("policy", "person_asked_for", True, "==", True)
    stop.approve("Yes", "It is done").reject("No", "It is not done").ask("May I?")

    body = stop.body()

    read_package(body)
    assert (body["proposal"], body["steps"], "resume" in body) == (None, [], False)


def test_what_the_builder_does_not_know_goes_into_extra():
    assert Package("Hi", extra={"stakes": "low", "new": 1}).body()["new"] == 1


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        Package("Hi").reasoning("Hm", at=datetime(2026, 3, 2))  # noqa: DTZ001


def test_building_a_body_twice_gives_the_same_body():
    stop = a_full_package()

    assert stop.body() == stop.body()
