"""The reading of amounts at its bounds: what is not looked at whole is over every limit."""

import pytest

from escalation.money.amounts import Reader
from escalation.money.declared import Registration

AMOUNT = {"amount": "10.00", "currency": "USD"}


def proposed(arguments):
    package = {"proposal": {"action": "pay", "arguments": arguments}, "question": {"options": []}}
    return Reader.of(package, Registration()).proposed()


@pytest.mark.parametrize(
    "arguments",
    [
        {f"k{n}": n for n in range(20_000)} | AMOUNT,
        {"items": [AMOUNT] * 20_000},
        {"a": {f"k{n}": [n] * 5 for n in range(4_000)}, **AMOUNT},
    ],
    ids=["a wide object", "a long list", "many small lists"],
)
def test_more_values_than_are_looked_at_are_unreadable(arguments):
    moved = proposed(arguments)

    assert moved.unreadable == ("",)
    assert moved.is_unread


def test_the_names_of_a_wide_object_are_not_read_at_all(monkeypatch):
    asked = []
    monkeypatch.setattr("escalation.money.walk.read_name", lambda key: asked.append(key))

    assert proposed({f"k{n}": n for n in range(100_000)}).unreadable == ("",)
    assert asked == []
