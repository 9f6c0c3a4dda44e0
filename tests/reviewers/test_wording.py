from datetime import timedelta
from decimal import Decimal

import pytest

from reviewers import wording


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=1, minutes=5), "1 h 05"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=3, hours=5), "3 days"),
    ],
)
def test_span_says_time_as_people_do(given: timedelta, said: str):
    assert wording.span(given) == said


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        ("412.5", "USD", "$412.50"),
        ("-1234567.891", "EUR", "−€1,234,567.891"),
        ("148260", "NOK", "NOK 148,260.00"),
        ("9000", "JPY", "¥9,000"),
        ("0.0000000001", "USD", "$0.0000000001"),
    ],
)
def test_money_is_never_rounded_away(amount: str, currency: str, said: str):
    assert wording.money(Decimal(amount), currency) == said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (0.8, "0.80"),
        (0.625, "0.625"),
        (18400, "18,400"),
        ("312400.00", "312,400.00"),
        ("0123", "0123"),
        (True, "yes"),
        (None, "none"),
        ([], "none"),
        (["a", 2], "a, 2"),
        ({"a": [1]}, "a (1)"),
        ({"min_age": 18, "of": {"NO": True}, "x": []}, "min age 18, of (NO yes), x none"),
        ([[1, 2], {"a": None}], "(1, 2), (a none)"),
        ('{"country": "NO"}', "country NO"),
        (['{"country": "NO"}', 2], "(country NO), 2"),
        ({"seen": '[{"a": 1}]'}, "seen ((a 1))"),
        (r'"{\"country\": \"NO\"}"', "country NO"),
        ('"quoted"', '"quoted"'),
        ("[draft] a reply", "[draft] a reply"),
        ([[[[[["deep"]]]]]], "((((…))))"),
        ("x" * 200, "x" * 79 + "…"),
    ],
)
def test_observed_is_one_short_line(given: object, said: str):
    assert wording.observed(given) == said
