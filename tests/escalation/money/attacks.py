"""Packages and answers that try to move more than a role may, and some that only look so.

The role decides up to 5,000 USD, EUR and GBP, 500,000 JPY, 1,500 KWD, 1,000,000 CLP and half a BTC.
``declared`` is the proposal's own amount; ``filled`` turns a row into a *modify*, whose schema takes
anything unless ``schema`` says otherwise. ``over`` is what must be refused: by a limit, for want of
one, or because it cannot be read in one way.
"""

from dataclasses import dataclass, field
from typing import Any

LIMITS = {
    "USD": 5000,
    "EUR": 5000,
    "GBP": 5000,
    "JPY": 500_000,
    "KWD": 1500,
    "CLP": 1_000_000,
    "BTC": "0.5",
}
ANYTHING: dict[str, Any] = {"type": "object"}


@dataclass(frozen=True)
class Attack:
    name: str
    over: bool
    arguments: Any = field(default_factory=dict)
    declared: tuple[str, str] | None = None
    filled: Any = None
    schema: Any = None
    categories: tuple[str, ...] = ()
    registration: dict[str, Any] = field(default_factory=dict)
    says: str = ""  # part of the refusal


def over(name: str, arguments: Any, declared: Any = None, **more: Any) -> Attack:
    return Attack(name, True, arguments, declared, **more)


def within(name: str, arguments: Any, declared: Any = None, **more: Any) -> Attack:
    return Attack(name, False, arguments, declared, **more)


TEN = ("10.00", "USD")
CENTS = {
    "type": "object",
    "properties": {
        "amount": {"type": "integer", "title": "Amount in cents"},
        "currency": {"type": "string"},
    },
}
USD = {"currency": "USD"}
MONEY = ("money_movement",)

SHAPES = [
    over("nothing declared", {"amount": "5000000.00", **USD}, says="this is $5,000,000.00"),
    over("little declared", {"amount": "9000.00", **USD}, TEN, says="this is $9,000.00"),
    over(
        "declared alone", {}, ("5000.01", "USD"), says="decides up to $5,000.00; this is $5,000.01."
    ),
    within("at the limit", {"amount": "5000.00"}, ("5000.00", "USD")),
    within("what the contract shows", {"order": "W88", "amount": "412.50"}, ("412.50", "USD")),
    over("a number", {"amount": 9000, **USD}, TEN),
    over("a fraction", {"amount": 9000.5, **USD}, TEN, says="$9,000.50"),
    over(
        "value and currency_code", {"amount": {"value": "999999.00", "currency_code": "USD"}}, TEN
    ),
    within(
        "value and currency_code, small",
        {"amount": {"value": "41.25", "currency_code": "USD"}},
        ("41.25", "USD"),
    ),
    over("amount and currency", {"refund": {"amount": "9000", "currency": "usd"}}, TEN),
    over("amount and currencyCode", {"money": {"amount": "9000", "currencyCode": "USD"}}, TEN),
    over(
        "units and nanos",
        {"price": {"currencyCode": "USD", "units": "9000", "nanos": 500000000}},
        TEN,
        says="$9,000.50",
    ),
    over("units without nanos", {"payout": {"currency_code": "USD", "units": "9000"}}, TEN),
    within(
        "units and nanos, small",
        {"price": {"currencyCode": "USD", "units": "41", "nanos": 250000000}},
        ("41.25", "USD"),
    ),
    over("a list of texts", {"amounts": ["10.00", "9000.00"], **USD}, TEN),
    over("a list of objects", {"parts": [{"amount": "1.00"}, {"amount": "9000.00"}], **USD}, TEN),
    over(
        "many small ones", {"payments": [{"amount": "4999.00"}] * 3, **USD}, TEN, says="$14,997.00"
    ),
    over("a pair", {"refund": ["9000.00", "USD"]}, TEN),
    over("by its currency's code", {"amounts": {"USD": "9000.00"}}, TEN),
    over("the code alone", {"USD": 9000}, TEN),
    over("deep", {"a": {"b": [{"c": {"d": [{"refundAmount": "9000"}]}}]}}, TEN),
    over("very deep", {"a": [[[[[[[[[[{"amount": "9000"}]]]]]]]]]]}, TEN),
    over("beside the currency, otherwise called", {"betrag": "9000.00", **USD}, TEN),
    over("beside the currency, called nothing", {"x": 9000, **USD}, TEN),
    over("inside an amount, called nothing", {"amount": {"x": {"y": 9000}}}, TEN),
    over("JSON in text", {"body": '{"amount": "9000.00", "currency": "USD"}'}, TEN),
    over("JSON in JSON in text", {"body": '{"body": "{\\"amount\\": 9000}"}'}, TEN),
    over("JSON in text with the key twice", {"body": '{"amount": 1, "amount": 9000}'}, TEN),
    over("a posted form in text", {"body": "amount=9000&currency=usd"}, TEN),
    over("a list in text", {"amounts": '["10.00", "9000.00"]'}, TEN),
    over("too many places", {"rows": [[0] * 250] * 100}, TEN, says="cannot be read"),
]
NAMES = [
    over("total", {"total": "9000.00", **USD}, TEN),
    over("total, in the declared currency", {"total": 9000}, TEN),
    over("sum", {"sum": "9000.00"}, TEN),
    over("amount_usd", {"amount_usd": "9000.00"}, TEN),
    over("usd_amount", {"usd_amount": 9000}, TEN),
    over("amountUSD", {"amountUSD": 9000}, TEN),
    over("price", {"price": 9000}, TEN),
    over("camel", {"refundAmount": 9000}, TEN),
    over("kebab", {"refund-amount": 9000}, TEN),
    over("capitals", {"AMOUNT": 9000}, TEN),
    over("capitals with words", {"TOTAL_AMOUNT": 9000}, TEN),
    over("plural", {"refundAmounts": [9000]}, TEN),
    over("glued", {"refundamount": 9000}, TEN),
    over("amount_due", {"amountDue": 9000}, TEN),
    over("a refund", {"refund": 9000}, TEN),
    over("another language", {"montant": 9000}, TEN),
    within("an identifier", {"order": "88123", "payment_id": 99001, "amount": "10.00", **USD}, TEN),
    within("an order number beside it", {"order": 88123, "amount": "10.00", **USD}, TEN),
    within("a payment's number", {"payment": "88123", "amount": "10.00"}, TEN),
    within("a switch", {"amount": "10.00", "amount_confirmed": True}, TEN),
    within("a count", {"amount": "10.00", "total_count": 90000}, TEN),
    within("prose", {"amount": "10.00", "note": "order 9000, not 9000 USD"}, TEN),
    within("a share", {"amount": "10.00", "amount_percent": 9000}, TEN),
    within("tons", {"amount": "10.00", "load": "9000 ton"}, TEN),
]
HIDDEN = [
    over("zero width", {"amo\u200bunt": "9000", **USD}, TEN),
    over("soft hyphen and joiner", {"am\u00ado\u2060unt": "9000"}, TEN),
    over("Cyrillic", {"\u0430m\u043eunt": "9000"}, TEN),
    over("Greek", {"\u03b1m\u03bfunt": "9000"}, TEN),
    over("full width", {"\uff41\uff4d\uff4f\uff55\uff4e\uff54": "9000"}, TEN),
    over(
        "mathematical",
        {"\U0001d482\U0001d48e\U0001d490\U0001d496\U0001d48f\U0001d495": "9000"},
        TEN,
    ),
    over("small capitals", {"\u1d00\u1d0d\u1d0f\u1d1c\u0274\u1d1b": "9000"}, TEN),
    over("combining marks", {"a\u0332mo\u0301unt": "9000"}, TEN),
    over("a nought for an o", {"am0unt": "9000", "t0tal": 3}, TEN),
    over("apart", {"a.m.o.u.n.t": "9000"}, TEN),
    over(
        "a currency in look-alikes",
        {"amount": "9000", "currency": "U\u0405D"},
        TEN,
        says="$9,000.00",
    ),
    over(
        "a currency in full width",
        {"amount": "9000", "currency": "\uff35\uff33\uff24"},
        TEN,
        says="$9,000.00",
    ),
    over("a hidden currency name", {"amount": "9000", "curr\u200bency": "USD"}, says="$9,000.00"),
    over("Arabic-Indic digits", {"amount": "\u0669\u0660\u0660\u0660"}, TEN, says="$9,000.00"),
    over("full-width digits", {"amount": "\uff19\uff10\uff10\uff10"}, TEN, says="$9,000.00"),
    over("a zero-width space between digits", {"amount": "9\u200b000"}, TEN, says="$9,000.00"),
    over("a mark that turns it around", {"amount": "9000\u202c"}, TEN),
]
NUMBERS = [
    over("minus", {"amount": "-9000", **USD}, TEN),
    over("minus as a number", {"amount": -9000}, TEN),
    over("a true minus", {"amount": "\u22129000"}, TEN),
    over("in brackets", {"amount": "(9,000.00)"}, TEN),
    over("declared below nothing", {}, ("-9000.00", "USD")),
    over("an exponent", {"amount": "9e3"}, TEN, says="$9,000.00"),
    over("a huge exponent", {"amount": "1e999999999"}, TEN, says="cannot be read"),
    over("many digits", {"amount": "9" * 200}, TEN),
    over("NaN", {"amount": "NaN"}, TEN, says="cannot be read"),
    over("Infinity", {"amount": "Infinity"}, TEN, says="cannot be read"),
    over("hexadecimal", {"amount": "0x2328"}, TEN, says="cannot be read"),
    over("in words", {"amount": "nine thousand"}, TEN, says="cannot be read"),
    over("all of it", {"amount": True}, TEN, says="cannot be read"),
    over("with a k", {"amount": "9k"}, TEN, says="cannot be read"),
    over("nothing written", {"amount": ""}, TEN, says="cannot be read"),
    over("with its currency", {"amount": "9,000 USD"}, TEN),
    over("with its currency before", {"payout": "USD 9,000.00"}, TEN),
    over("with a sign", {"payout": "$9,000.00"}, TEN),
    over("glued to its currency", {"payout": "9000usd"}, TEN),
    over("thousands by point", {"amount": "9.000,00"}, TEN, says="$9,000.00"),
    over("thousands by space", {"amount": "9\u202f000.00"}, TEN, says="$9,000.00"),
    over("thousands by apostrophe", {"amount": "9\u2019000.00"}, TEN, says="$9,000.00"),
    over("lakhs", {"amount": "1,00,000"}, TEN, says="$100,000.00"),
    over("one point, two readings", {"amount": "9.000"}, TEN, says="cannot be read"),
    over("one comma, two readings", {"amount": "412,50"}, TEN, says="cannot be read"),
    over("odd groups", {"amount": "1,234,56"}, TEN, says="cannot be read"),
    over("a range", {"amount": "10-9000"}, TEN, says="cannot be read"),
    over("a share of it", {"amount": "100%"}, TEN, says="cannot be read"),
    within("with a small currency", {"amount": "$412.50"}, ("412.50", "USD")),
    within("an exponent that is small", {"amount": "1e1"}, TEN),
]
CURRENCIES = [
    over("without a limit", {"amount": "1.00", "currency": "CHF"}, says="no amounts in CHF"),
    over("declared without a limit", {}, ("1.00", "CHF"), says="no amounts in CHF"),
    over("unnamed", {"amount": "1.00"}, says="unnamed currency"),
    over(
        "two currencies beside one", {"amount": "600000", "currency": "USD", "currency_code": "JPY"}
    ),
    over(
        "a pair of pairs",
        {
            "source_amount": "5",
            "source_currency": "USD",
            "target_amount": "9000",
            "target_currency": "EUR",
        },
    ),
    within(
        "a pair of pairs, small",
        {
            "source_amount": "5",
            "source_currency": "USD",
            "target_amount": "500",
            "target_currency": "JPY",
        },
    ),
    over(
        "a currency as an object",
        {"amount": 600000, "currency": {"code": "JPY"}},
        says="\u00a5600,000",
    ),
    over("a currency as a number", {"amount": 10, "currency": 840}, says="cannot be read"),
    over(
        "a currency that is none", {"amount": "1.00", "currency": "FOO"}, says="no amounts in FOO"
    ),
    over(
        "a word for a currency that is none",
        {"amount": "1.00", "currency": "local money"},
        says="cannot be read",
    ),
    over(
        "many in one", {"amounts": {"USD": "10.00", "EUR": "9000.00"}}, TEN, says="\u20ac9,000.00"
    ),
    over(
        "yen",
        {"amount": 500001, "currency": "JPY"},
        says="decides up to \u00a5500,000; this is \u00a5500,001.",
    ),
    within("yen, many", {"amount": 500000, "currency": "JPY"}, ("500000", "JPY")),
    over(
        "dinars",
        {"amount": "1500.001", "currency": "KWD"},
        says="decides up to KWD 1,500.000; this is KWD 1,500.001.",
    ),
    within("dinars with three decimals", {"amount": "1.234", "currency": "KWD"}, ("1.234", "KWD")),
    over("Chilean pesos", {"amount": "1000001", "currency": "CLP"}, says="CLP 1,000,000"),
    over("bitcoin", {"amount": "0.50000001", "currency": "BTC"}, says="BTC 0.50000001"),
    within("bitcoin, little", {"amount": "0.00000001", "currency": "BTC"}, ("0.00000001", "BTC")),
    over("satoshis", {"sats": 50000001}, says="BTC 0.50000001"),
    over("wei", {"value_wei": "1000000000000000001"}, says="no amounts in ETH"),
    over("a stablecoin", {"amount": "10", "currency": "USDC"}, TEN, says="no amounts in USDC"),
    over(
        "18 decimals",
        {"amount": "0.500000000000000001", "currency": "BTC"},
        says="BTC 0.500000000000000001",
    ),
    over("gold", {"amount": "1", "currency": "XAU"}, says="no amounts in XAU"),
]
MINOR = [
    over("by name", {"amount_cents": 900000, **USD}, TEN, says="$9,000.00"),
    within("by name, small", {"amount_cents": 4125, **USD}, ("41.25", "USD")),
    over("cents alone", {"refund": {"cents": 900000, **USD}}, TEN, says="$9,000.00"),
    over("minor units of yen", {"amountMinor": 500001, "currency": "JPY"}, says="\u00a5500,001"),
    over(
        "minor units of dinars", {"amount_minor": 1500001, "currency": "KWD"}, says="KWD 1,500.001"
    ),
    over("micros", {"amount_micros": 9000000000, **USD}, TEN, says="$9,000.00"),
    over("not declared: never guessed", {"amount": 512500, **USD}, TEN, says="$512,500.00"),
    within("by the schema", {"amount": 4125, **USD}, ("41.25", "USD"), schema=CENTS),
    over(
        "by the schema, much",
        {"amount": 900000, **USD},
        ("9000.00", "USD"),
        schema=CENTS,
        says="$9,000.00",
    ),
    within(
        "by the schema, filled in",
        {"amount": 4125, **USD},
        ("41.25", "USD"),
        schema=CENTS,
        filled={"amount": 5125, **USD},
    ),
    over(
        "by the schema, filled in over",
        {"amount": 4125, **USD},
        ("41.25", "USD"),
        schema=CENTS,
        filled={"amount": 500001, **USD},
        says="$5,000.01",
    ),
    within(
        "by registration",
        {"amount": 4125, **USD},
        ("41.25", "USD"),
        registration={"minor_units": ["amount"]},
    ),
    over(
        "by registration, much",
        {"amount": 900000, **USD},
        TEN,
        registration={"minor_units": ["issue_refund:*"]},
        says="$9,000.00",
    ),
    over(
        "by registration of another action",
        {"amount": 900000, **USD},
        TEN,
        registration={"minor_units": ["charge:amount"]},
        says="$900,000.00",
    ),
    over(
        "decimals of its own",
        {"amount": 15000010, "currency": "KWD"},
        registration={"minor_units": ["amount"], "minor_decimals": ["KWD 4"]},
        says="KWD 1,500.001",
    ),
    over("a fraction of a cent", {"amount_cents": "41.25", **USD}, TEN, says="cannot be read"),
    over(
        "an exponent of the package's own",
        {"amount": 900000, "exponent": 6, **USD},
        TEN,
        says="$900,000.00",
    ),
]
CLOSED = [
    over(
        "money moves, and nothing says how much",
        {"order": "W88"},
        categories=MONEY,
        says="no amount can be read",
    ),
    over(
        "the same in other letters",
        {"order": "W88"},
        categories=("Money-Movement",),
        says="no amount can be read",
    ),
    over(
        "money moves under a name unknown",
        {"zxq": 9000},
        categories=MONEY,
        says="no amount can be read",
    ),
    over(
        "by the agent's registration",
        {"order": "W88"},
        registration={"moves_money": ["issue_refund"]},
        says="no amount can be read",
    ),
    over(
        "by its registration, action by look",
        {"order": "W88"},
        registration={"moves_money": ["IssueRefund"]},
        says="no amount can be read",
    ),
    over(
        "every action of the agent",
        {"order": "W88"},
        registration={"moves_money": ["*"]},
        says="no amount can be read",
    ),
    within("no money, no amount", {"order": "W88"}),
    within("money, and its amount", {"amount": "10.00", **USD}, categories=MONEY),
]
FILLED = [
    over(
        "filled in over", {"amount": "10.00"}, TEN, filled={"amount": "5000.01"}, says="$5,000.01"
    ),
    within("filled in within", {"amount": "10.00"}, TEN, filled={"amount": "5000.00"}),
    over(
        "an object filled in",
        {"amount": {"value": "10.00", "currency_code": "USD"}},
        TEN,
        filled={"amount": {"value": "999999.00", "currency_code": "USD"}},
    ),
    over(
        "another currency",
        {"amount": "4000", **USD},
        ("4000.00", "USD"),
        filled={"amount": "4000", "currency": "KWD"},
        says="KWD 4,000.000",
    ),
    over(
        "a currency without a limit",
        {"amount": "10.00", **USD},
        TEN,
        filled={"amount": "10.00", "currency": "CHF"},
        says="no amounts in CHF",
    ),
    over(
        "a currency made one that is none",
        {"amount": "10.00", **USD},
        TEN,
        filled={"amount": "10.00", "currency": "dollars of Mars"},
        says="cannot be read",
    ),
    over(
        "the amount made unreadable",
        {"amount": "10.00", **USD},
        TEN,
        filled={"amount": "ten", **USD},
        says="cannot be read",
    ),
    over(
        "the amount removed",
        {"amount": "10.00", **USD},
        TEN,
        filled={"currency": "USD"},
        says="cannot be read",
    ),
    over(
        "the amount emptied",
        {"amount": "10.00", **USD},
        TEN,
        filled={"amount": None, **USD},
        says="cannot be read",
    ),
    over(
        "the currency removed",
        {"amount": "10.00", "currency": "JPY"},
        TEN,
        filled={"amount": "10.00"},
        says="cannot be read",
    ),
    over(
        "a second amount beside it",
        {"amount": "10.00", **USD},
        TEN,
        filled={"amount": "10.00", "total": "9000.00", **USD},
    ),
    over(
        "under a name that was the declared amount's",
        {"zxq": "10.00"},
        TEN,
        filled={"zxq": "9000.00"},
        says="$9,000.00",
    ),
    over(
        "a list made longer",
        {"parts": [{"amount": "10.00"}]},
        TEN,
        filled={"parts": [{"amount": "4000"}] * 2},
        says="$8,000.00",
    ),
    over(
        "JSON in text filled in",
        {"amount": "10.00", "body": "{}"},
        TEN,
        filled={"amount": "10.00", "body": '{"amount": 9000}'},
    ),
    over(
        "what was not asked stands",
        {"amount": "9000.00", "note": "x"},
        TEN,
        filled={"note": "y"},
        schema={"type": "object", "properties": {"note": {"type": "string"}}},
        says="$9,000.00",
    ),
    over(
        "a title says that it is money",
        {"zz": "10.00"},
        filled={"zz": "9000.00"},
        schema={
            "type": "object",
            "properties": {"zz": {"type": "string", "title": "Amount (EUR)"}},
        },
        says="\u20ac9,000.00",
    ),
    within(
        "a smaller part",
        {"amount": "412.50", **USD},
        ("412.50", "USD"),
        filled={"amount": "12.50", **USD},
    ),
]

ATTACKS = [*SHAPES, *NAMES, *HIDDEN, *NUMBERS, *CURRENCIES, *MINOR, *CLOSED, *FILLED]
