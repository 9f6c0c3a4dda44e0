"""Numbers as people write them: one reading or none, never the wrong one of two."""

from dataclasses import replace
from typing import Any

import pytest

from reviewers.schemaform import build, read
from reviewers.schemaform.numerals import (
    COMMA,
    EACH,
    INDIAN,
    POINT,
    SPACE,
    SWISS,
    Numerals,
    Unreadable,
    number,
    of_languages,
)

TWO = "two"
NONE = "none"
PLACES = "places"


def reading(text: str, numerals: Numerals, places: int | None) -> str:
    try:
        return number(text, numerals, places=places)
    except Unreadable as why:
        return why.why


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [
        ("0,500", PLACES, PLACES),
        ("1,250", "1250", TWO),
        ("1.250", TWO, "1250"),
        ("1,250.00", "1250.00", "1250.00"),
        ("1.250,00", "1250.00", "1250.00"),
        ("1.250.000", "1250000", "1250000"),
        ("1,250,000", "1250000", "1250000"),
        ("12,5", "12.5", "12.5"),
        ("12.50", "12.50", "12.50"),
        ("1 250,50", "1250.50", "1250.50"),
        ("1\u202f250.50", "1250.50", "1250.50"),
        ("1’250.00", "1250.00", "1250.00"),
        ("\u200e١٬٢٥٠٫٥٠", "1250.50", "1250.50"),
        ("−5", "-5", "-5"),
        ("0050", "50", "50"),
        (",50", "0.50", "0.50"),
        ("1.234,567", PLACES, PLACES),
        ("12,345.678", PLACES, PLACES),
        ("1,25,000", NONE, NONE),
        ("1 250 50", NONE, NONE),
        ("1,250 000", NONE, NONE),
        ("1e3", NONE, NONE),
        ("NaN", NONE, NONE),
        ("Infinity", NONE, NONE),
        ("1_000", NONE, NONE),
        ("(5)", NONE, NONE),
        ("5.", NONE, NONE),
        ("", NONE, NONE),
        ("1" * 61, NONE, NONE),
    ],
)
def test_an_amount_of_two_decimals_is_read_by_the_locale_or_refused(
    text: str, point: str, comma: str
):
    assert (reading(text, POINT, 2), reading(text, COMMA, 2)) == (point, comma)


def test_where_both_readings_are_possible_the_currency_and_the_persons_own_choice_decide():
    own = replace(POINT, is_chosen=True)

    assert (reading("1,250", POINT, 3), reading("1.250", POINT, 3)) == (TWO, "1.250")  # dinars
    assert (reading("1,250", POINT, 0), reading("1.250", POINT, 0)) == ("1250", TWO)  # yen
    assert (reading("1,250", POINT, None), reading("1.250", POINT, None)) == (TWO, TWO)
    assert (reading("1,250", own, None), reading("1.250", own, None)) == (TWO, "1.250")
    assert number("7.375", POINT, shown="7.125") == "7.375"
    assert reading("0.125", COMMA, None) == "0.125"
    assert reading("1,25,000.50", INDIAN, 2) == "125000.50"


@pytest.mark.parametrize("numerals", EACH.values())
@pytest.mark.parametrize(
    "plain", ["0.50", "412.50", "1250.00", "148260.05", "12345678.90", "-5.25"]
)
def test_what_the_page_writes_it_reads_again(numerals: Numerals, plain: str):
    assert number(numerals.written(plain, grouped=True), numerals, places=2) == plain


@pytest.mark.parametrize(
    ("header", "numerals"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", COMMA), ("en-GB", POINT), ("nb-NO,nb", SPACE), ("fr", SPACE),
        ("de-CH", SWISS), ("en-IN", INDIAN), ("ja", POINT), ("", POINT), ("*", POINT),
        ("xx-YY,da", COMMA), ("../../etc", POINT), ("en-ZA", SPACE), ("ar-EG", POINT),
    ],
)  # fmt: skip
def test_numbers_are_written_as_the_browsers_language_has_them(header: str, numerals: Numerals):
    assert of_languages(header) == numerals


def typed(text: str, numerals: Numerals, currency: str = "EUR") -> tuple[Any, str]:
    schema = {"type": "object", "properties": {"amount": {"type": "string"}}}
    inputs = build(schema, "p1", {"amount": "0.50"}, currency=currency, numerals=numerals)
    found = read(inputs, {"p1-0": text}, numerals=numerals)
    return found.get("amount"), (inputs[0].errors or [inputs[0].heard])[0]


def test_how_an_amount_was_read_is_said_in_words_and_what_to_type_where_it_was_not():
    assert typed("1.250,5", COMMA) == (
        "1250.5",
        "Read as €1,250.50: one thousand two hundred fifty point five euros",
    )
    assert typed("0,500", POINT) == (None, "EUR has 2 decimals. Enter an amount, e.g. 1,250.00")
    assert typed("1,250", COMMA) == (
        None,
        "It can be read as 1.250 or 1,250. Enter an amount, e.g. 1.250,00",
    )
    assert typed("5", POINT, "KWD")[0] == "5"
    assert typed("five", COMMA, "JPY")[1].endswith("Enter an amount, e.g. 1.250,00")
