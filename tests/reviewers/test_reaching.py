"""How a person would be told now, in words."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from escalation.enums import Stakes
from reviewers.enums import ContactKind
from reviewers.models import ContactPoint
from reviewers.quiet import Span
from reviewers.reaching import Wishes, now_told, quiet_now, reached_by
from tests.factories import NINE

OSLO = ZoneInfo("Europe/Oslo")
SLACK, PHONE, EMAIL = ContactKind.SLACK, ContactKind.PHONE, ContactKind.EMAIL
EVERY_DAY = frozenset(range(7))


def way(kind, *stakes, address="x", dead=False):
    return ContactPoint(
        kind=kind,
        address=address,
        stakes=list(stakes or Stakes.values),
        dead_since=NINE if dead else None,
    )


def wishes(*ways, offered=(SLACK, PHONE, EMAIL), quiet=(), digest_at=None):
    return Wishes(ways, offered, tuple(quiet), digest_at, OSLO)


def said(*ways, **given):
    return {one.stakes.value: one.said for one in now_told(wishes(*ways, **given))}


def test_nobody_who_named_nothing_is_told_elsewhere():
    assert set(said().values()) == {"On this desk only."}


def test_the_highest_stakes_come_first():
    assert [one.stakes for one in now_told(wishes())] == ["critical", "high", "medium", "low"]


def test_ways_are_named_in_the_order_in_which_they_are_tried():
    found = said(way(SLACK), way(PHONE, "high", "critical"), way(EMAIL, "low"))

    assert found == {
        "critical": "Slack, then text message.",
        "high": "Slack, then text message.",
        "medium": "Slack.",
        "low": "Slack, then e-mail.",
    }


def test_two_of_a_kind_are_told_apart():
    found = said(way(EMAIL, address="a@bank.example"), way(EMAIL, address="b@bank.example"))

    assert found["high"] == "E-mail (a@bank.example), then e-mail (b@bank.example)."


@pytest.mark.parametrize(
    ("ways", "sentence"),
    [
        (
            [way(EMAIL, dead=True), way(SLACK)],
            "Slack. E-mail does not work now, and is tried last.",
        ),
        ([way(EMAIL, dead=True)], "E-mail does not work now."),
        (
            [way(EMAIL, dead=True), way(PHONE, dead=True)],
            "E-mail and text message do not work now.",
        ),
        (
            [way(kind, dead=True) for kind in (EMAIL, PHONE, SLACK)],
            "E-mail, text message and Slack do not work now.",
        ),
    ],
)
def test_what_is_dead_comes_last_and_is_said(ways, sentence):
    assert said(*ways)["high"] == sentence


def test_what_is_not_set_up_here_is_passed_over():
    assert said(way(SLACK), way(EMAIL), offered=[EMAIL])["high"] == "E-mail."
    assert said(way(SLACK), offered=[EMAIL])["high"] == (
        "On this desk only. What you named is not set up here."
    )


def test_only_low_stakes_wait_for_the_digest():
    found = said(way(SLACK), digest_at=17 * 60)

    assert found["low"] == "Slack. Once a day, at 17:00."
    assert found["medium"] == "Slack."


@pytest.mark.parametrize(
    ("spans", "at", "sentence"),
    [
        ([], NINE, ""),
        ([Span(EVERY_DAY, 22 * 60, 7 * 60)], NINE, ""),
        (
            [Span(EVERY_DAY, 22 * 60, 7 * 60)],
            datetime(2026, 11, 20, 22, tzinfo=UTC),
            "Quiet until 07:00. Only what policy lets break through comes before.",
        ),
        (
            [Span(frozenset({4, 5, 6}), 0, 24 * 60)],
            NINE,  # a Friday
            "Quiet until 00:00 on Monday. Only what policy lets break through comes before.",
        ),
        (
            [Span(EVERY_DAY, 0, 24 * 60)],
            NINE,
            "Quiet at every hour. Only what policy lets break through comes.",
        ),
    ],
)
def test_quiet_hours_are_said_as_they_are_now(spans, at, sentence):
    assert quiet_now(wishes(way(SLACK), quiet=spans), at) == sentence


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        ([], "the desk only"),
        ([way(SLACK), way(EMAIL), way(EMAIL, address="y")], "Slack, E-mail"),
        ([way(SLACK, dead=True), way(EMAIL)], "E-mail"),
        ([way(SLACK, dead=True)], "nothing that works"),
        ([way(ContactKind.TELEGRAM)], "nothing that works"),
    ],
)
def test_whoever_supervises_somebody_sees_by_what_they_are_reached(ways, said):
    assert reached_by(ways, [SLACK, PHONE, EMAIL]) == said
