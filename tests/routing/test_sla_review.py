"""How cases are reviewed, as an SLA policy says it."""

from copy import deepcopy
from datetime import timedelta

import pytest

from escalation.enums import Because, Protocol
from escalation.errors import Fault
from escalation.protocol import Review
from routing import sla
from routing.errors import PolicyRejected
from routing.policies.changes import between
from routing.policies.content import Content, RouteFacts

LEAST = {
    "slug": "least",
    "name": "Least",
    "targets": {},
    "chain": {"starts_at": "decision", "steps": [{"do": "hold"}]},
}
STANDARD = sla.read(sla.STANDARD)
DEFAULT = RouteFacts("The rest", None, "operations", "standard")


def read(review=None, reasons=None):
    parts = {"review": review, "reasons": reasons}
    return sla.read(LEAST | {name: part for name, part in parts.items() if part is not None})


def faults(review=None, reasons=None):
    with pytest.raises(PolicyRejected) as refusal:
        read(review, reasons)
    return list(refusal.value.faults)


def standard(**review):
    """Return the cautions of the standard policy with the review at some stakes changed."""
    given = deepcopy(sla.STANDARD)
    for stakes, changes in review.items():
        given["review"][stakes] |= changes
    return list(sla.read(given).cautions())


def test_the_policy_of_a_new_desk_reviews_harder_the_more_is_at_stake():
    assert STANDARD.review == {
        "low": Review(),
        "medium": Review(Protocol.EVIDENCE_FIRST),
        "high": Review(Protocol.COMMIT_FIRST, timedelta(seconds=30), Because.WRITTEN),
        "critical": Review(Protocol.TWO_BLIND, timedelta(minutes=2), Because.WRITTEN, step_up=True),
    }
    assert len(STANDARD.reasons) == 8


def test_what_a_policy_does_not_say_is_as_on_a_new_desk():
    assert (read().review, read().reasons) == (STANDARD.review, STANDARD.reasons)

    found = read({"critical": {"hold_window": "45s"}})

    assert found.review == STANDARD.review | {
        "critical": Review(Protocol.TWO_BLIND, timedelta(seconds=45), Because.WRITTEN, step_up=True)
    }


def test_it_is_stored_in_seconds_and_written_short():
    facts, written = STANDARD.as_facts(), STANDARD.as_written()

    assert facts["review"]["critical"] == {
        "protocol": "two_blind", "hold_window": 120, "because": "written", "step_up": True,
    }  # fmt: skip
    assert {at: one["hold_window"] for at, one in written["review"].items()} == {
        "low": "0s", "medium": "0s", "high": "30s", "critical": "2m",
    }  # fmt: skip
    assert facts["reasons"][0] == {"key": "evidence_supports", "label": "The evidence supports it"}
    assert sla.read(facts) == STANDARD == sla.read(written)


def test_what_is_stored_is_what_a_case_reads():
    for stakes, facts in STANDARD.as_facts()["review"].items():
        assert Review.read(facts) == STANDARD.review[stakes]


@pytest.mark.parametrize(
    ("review", "pointer", "message"),
    [
        ([], "", "This must be an object: names and their values."),
        (
            {"dire": {}},
            "/dire",
            "There are no such stakes; known are low, medium, high and critical.",
        ),
        ({"low": "open"}, "/low", "This must be an object: names and their values."),
        (
            {"low": {"mode": "open"}},
            "/low/mode",
            "There is no such field; known are protocol, hold_window, because and step_up.",
        ),
        (
            {"low": {"protocol": "closed"}},
            "/low/protocol",
            "This must be open, evidence_first, commit_first or two_blind.",
        ),
        (
            {"low": {"protocol": ["open"]}},
            "/low/protocol",
            "This must be open, evidence_first, commit_first or two_blind.",
        ),
        ({"low": {"because": None}}, "/low/because", "This must be optional, listed or written."),
        (
            {"high": {"hold_window": "11m"}},
            "/high/hold_window",
            "A signed answer is kept back for 10 min at most.",
        ),
        ({"high": {"hold_window": -1}}, "/high/hold_window", "A length of time is never negative."),
        ({"high": {"step_up": "yes"}}, "/high/step_up", "This must be true or false."),
    ],
)
def test_what_is_wrong_with_a_review_is_told_at_its_place(review, pointer, message):
    assert faults(review) == [Fault(f"/review{pointer}", message)]


def test_ten_minutes_are_not_too_long():
    assert read({"low": {"hold_window": "10m"}}).review["low"].hold_window == timedelta(minutes=10)


def reason(key="fraud", label="It is fraud"):
    return {"key": key, "label": label}


@pytest.mark.parametrize(
    ("reasons", "pointer", "message"),
    [
        ({}, "", "This must be a list of reasons, each with its key and label."),
        ([], "", "List from 1 to 30 reasons; this has 0."),
        ([reason()] * 31, "", "List from 1 to 30 reasons; this has 31."),
        (["fraud"], "/0", "This must be an object: names and their values."),
        ([{"key": "fraud"}], "/0/label", "This is required."),
        (
            [reason("Fraud!")],
            "/0/key",
            "Write small letters and digits, joined by _ or -, 64 at most.",
        ),
        (
            [reason("x" * 65)],
            "/0/key",
            "Write small letters and digits, joined by _ or -, 64 at most.",
        ),
        ([reason(label=" ")], "/0/label", "Say the reason in 80 characters at most."),
        ([reason(label="x" * 81)], "/0/label", "Say the reason in 80 characters at most."),
        ([reason(label="two\nlines")], "/0/label", "Say the reason in 80 characters at most."),
        ([reason(), reason(label="It is theft")], "/1/key", "fraud stands twice."),
        ([reason(), reason("theft")], "/1/label", "Another reason says the same."),
    ],
)
def test_what_is_wrong_with_reasons_is_told_at_its_place(reasons, pointer, message):
    assert faults(reasons=reasons)[0] == Fault(f"/reasons{pointer}", message)


# What is allowed but seldom meant -----------------------------------------------------------------


def test_what_the_agent_says_in_sight_at_high_stakes_is_pointed_out():
    assert standard(high={"protocol": "open"}, critical={"protocol": "evidence_first"}) == [
        f"Standard: at {stakes} stakes a reviewer reads what the agent recommends before "
        "answering, and tends to follow it."
        for stakes in ("high", "critical")
    ]


def test_critical_stakes_without_a_second_factor_are_pointed_out():
    assert standard(critical={"step_up": False}) == [
        "Standard: critical stakes are signed without proving again who signs."
    ]


def test_a_wait_after_every_decision_of_low_stakes_is_pointed_out():
    assert standard(low={"hold_window": 90}) == [
        "Standard: every agent waits 1 min 30 s after a decision of low stakes."
    ]


@pytest.mark.parametrize(
    "asked", [{"protocol": "commit_first"}, {"because": "listed"}, {"step_up": True}]
)
def test_answers_in_a_chat_where_more_than_a_click_is_asked_are_pointed_out(asked):
    given = deepcopy(sla.STANDARD) | {"decide_in_chat": True, "shows_question": True}
    given["review"]["low"] |= asked

    assert list(sla.read(given).cautions()) == [
        "Standard: answers in the chat are allowed, but the review of low stakes asks for more "
        "than a click, so none will have a button."
    ]


# Between two versions -----------------------------------------------------------------------------


def test_each_review_and_the_reasons_are_told_apart_between_versions():
    before = Content((STANDARD,), (), DEFAULT)
    changed = deepcopy(sla.STANDARD)
    changed["review"]["high"]["hold_window"] = "2m"
    changed["reasons"] = [{"key": "fraud", "label": "It is fraud"}]
    after = Content((sla.read(changed),), (), DEFAULT)

    (change,) = between(before, after)
    assert [(line.label, line.after) for line in change.lines] == [
        ("High stakes", "commit first; goes out after 2 min; a listed reason and why in words."),
        ("Reasons", "It is fraud (fraud)"),
    ]


def test_another_key_of_a_reason_is_a_difference():
    def one(key):
        return Content((read(reasons=[reason(key)]),), (), DEFAULT)

    (change,) = between(one("fraud"), one("theft"))
    assert [(line.before, line.after) for line in change.lines] == [
        ("It is fraud (fraud)", "It is fraud (theft)")
    ]
