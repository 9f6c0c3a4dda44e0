"""Shapes in which others write what is moved, read without a page: each row is over a limit, or within."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from escalation.cases.arguments import complete_arguments
from escalation.money.amounts import Reader
from escalation.money.declared import Registration
from escalation.money.limits import beyond_limits
from tests.escalation.money.attacks import LIMITS

USD = {"currency": "USD"}
M = {"amount": "10.00", **USD}
ROLE = SimpleNamespace(
    limits=SimpleNamespace(
        all=lambda: [
            SimpleNamespace(currency=code, amount=Decimal(amount))
            for code, amount in LIMITS.items()
        ]
    )
)


def is_over(arguments, *, declared="10.00 USD", filled=None, schema=None, minor=()):
    amount, _, currency = declared.partition(" ")
    proposal = {
        "action": "issue_refund",
        "arguments": arguments,
        "amount": {"amount": amount, "currency": currency} if declared else None,
    }
    options = [{"key": "modify", "parameters": schema or {"type": "object"}}]
    package = {"proposal": proposal, "question": {"options": options}}
    reader = Reader.of(package, Registration(minor_units=minor))
    complete = complete_arguments(proposal, filled and options[0]["parameters"], filled)
    return bool(beyond_limits(ROLE, reader.proposed() + reader.answered(complete, filled or {})))


OVER = [
    # a price times a quantity, a payment times its repetitions, parts with names of their own
    {"lineItems": [{"unitPrice": "100.00", "quantity": 90}], **USD},
    {"lineItems": [{"unitPrice": {"value": "100", "currency": "USD"}, "quantity": "90"}]},
    {"line_items": [{"price_data": {"unit_amount": 1000, "currency": "usd"}, "quantity": 9}]},
    {"items": [{"price": "1000", "count": 9}], **USD},
    {"amount": "100.00", "times": 90},
    {"amount_each": "100.00", "recipients": 90},
    {"payouts": {"alice": "3000.00", "bob": "3000.00"}, **USD},
    {"refunds": {"a": {"amount": "3000"}, "b": {"amount": "3000"}}},
    {"refund_1": {"amount": "3000"}, "refund_2": {"amount": "3000"}},
    {"amount1": "3000", "amount2": "3000"},
    # in thousands, by sign or by word
    {"x": "$9k"},
    {"x": "9K USD"},
    {"x": "$1.5M"},
    {"x": "1 million dollars"},
    {"x": "9000 bucks"},
    {"x": "RM 9000"},
    {"x": "Rs. 9,000"},
    {"x": "9000 zł"},
    {"x": "9000 Kč"},
    {"x": "USD$9000"},
    {"amount": "\u202e1000"},
    {"amount": "4", "unit": "thousands"},
    {"amount": "9", "unit": "wei"},
    {"amount": "4", "asset": "0xdAC17F958D2ee523a2206206994597C13D831ec7"},
    {"amount": "4", "token": "PEPE"},
    {"quantity": "4", "symbol": "BTC"},
    {"side": "buy", "qty": "4", "symbol": "BTC-EUR"},
    {"notional": "9000"},
    {"amount": {"mantissa": 9, "exponent": 3}},
    {"amount": {"unscaledValue": 9, "scale": -3}},
    {"total_invoice": 9000, **USD},
    {"price_per_order": 9000, **USD},
    # fields whose names are values, tables
    {"fields": [{"name": "amount", "value": "9000"}, {"name": "currency", "value": "USD"}]},
    {"fields": [["amount", 9000], ["currency", "USD"]]},
    {"columns": ["name", "amount"], "rows": [["bob", 9000]]},
    {"rows": [["name", "amount"], ["bob", 9000]]},
    # fields in a text
    {"body": '```json\n{"amount": 9000}\n```'},
    {"body": "{'amount': 9000, 'currency': 'USD'}"},
    {"body": '{"amount": 1}\n{"amount": 9000}'},
    {"body": '{"amount": 9000,}'},
    {"body": '<pain><InstdAmt Ccy="USD">9000.00</InstdAmt></pain>'},
    {"body": '<pay amount="9000" currency="USD"/>'},
    {"body": "amount: 9000\ncurrency: USD"},
    {"body": "amount=9000; currency=usd"},
    {"file": "name;amount\nbob;9.000,00\n"},
    {"data": "eyJhbW91bnQiOiA5MDAwLCAiY3VycmVuY3kiOiAiVVNEIn0="},
    {"data": "%7B%22amount%22%3A9000%7D"},
    {"query": "mutation { pay(amount: 9000, currency: USD) }"},
    {"url": "https://pay.example/transfer?amount=9000&currency=usd"},
    {"command": "pay --amount 9000 --currency USD"},
    {"argv": ["pay", "--amount", "9000"]},
]
UNDECLARED = [{"total": 9000}, {"sum": "9000"}, {"refund": 9000}, {"payout": {"value": "9000"}}]
WITHIN = [
    M | {"body": "Dear Bob,\nwe refund 10.00 USD. Order total: $9,000.00 was wrong."},
    M | {"reply": "Hello: the order total: $9,000.00 stands."},
    M | {"html": "<p>Total: $9,000.00</p><td>Amount</td><td>9000</td>"},
    M | {"note": "amount: 9000"},
    M | {"url": "https://x.example/orders/9000?id=9000"},
    M | {"token": "tok_visa", "items": [{"sku": "A", "quantity": 9000}]},
    M | {"quantity": 9000, "installments": 12, "cost_center": 9000, "total_orders": 9000},
    M | {"lines": [{"price": "10", "quantity": 3}, {"price": "5", "quantity": 1}]},
    {"before": {"amount": "4000"}, "after": {"amount": "4500"}, **USD},
    {"weight": 9000, "unit": "kg", "audience": "9k users", "length": "5 m"},
    {"command": "kubectl scale --replicas=9000 web", "yaml": "replicas: 9000\ncpu: 2"},
]


@pytest.mark.parametrize("arguments", OVER, ids=str)
def test_a_shape_beside_a_small_declared_amount_is_over(arguments):
    assert is_over(arguments)


@pytest.mark.parametrize("arguments", UNDECLARED, ids=str)
def test_a_total_that_names_no_currency_is_over(arguments):
    assert is_over(arguments, declared="")


@pytest.mark.parametrize("arguments", WITHIN, ids=str)
def test_what_only_looks_like_money_is_within(arguments):
    assert not is_over(arguments)


@pytest.mark.parametrize(
    "filled",
    [{"amount": "10", "currency": ""}, {"amount": [], **USD}, {"amount": None, "fee": "2", **USD}],
    ids=str,
)
def test_an_answer_that_takes_an_amount_or_its_currency_away_is_over(filled):
    assert is_over({**M, "fee": "2"}, declared="", filled=filled)


@pytest.mark.parametrize(
    "schema",
    [
        {"then": {"properties": {"zz": {"title": "Amount (USD)"}}}, "if": {}},
        {"additionalProperties": {"title": "Amount (USD)"}},
        {"patternProperties": {".": {"title": "Amount (USD)"}}},
        {"properties": {"zz": {"enum": ["9000.00"], "title": "Refund amount"}}},
        {"properties": {"zz": {"format": "money"}}},
        {"properties": {"zz": {"type": "number", "multipleOf": 0.01}}},
        {"properties": {"zz": {"description": "Amount to refund"}}},
        {"properties": {"zz": {"description": "How much to pay back"}}},
    ],
    ids=str,
)
def test_a_schema_says_that_it_is_money_wherever_it_says_so(schema):
    assert is_over({"x": 1}, filled={"zz": "9000.00"}, schema={"type": "object", **schema})


def test_minor_units_registered_for_a_field_hold_for_what_is_in_it():
    amount = {"amount": {"value": 412500, "currency": "USD"}}

    assert not is_over(amount, minor=("amount",))
    assert is_over({"amount": {"value": 900_000, "currency": "USD"}}, minor=("amount",))
