"""What a reviewer changes of what the agent proposed: place by place, word by word, within bounds."""

from typing import Any

import pytest

from escalation.models import Agent, Case, Option
from reviewers.modified import MOST_LINES, Difference, Line, Piece, between
from reviewers.templatetags.modified import answered_with

CENTS = r"^[0-9]+\.[0-9]{2}$"


def schema(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def told(found: Difference) -> list[tuple[str, str, str]]:
    """Return each line as its place, its pieces with their signs, and its note."""
    return [
        (
            " › ".join(line.place),
            "|".join(f"{one.sign}{one.text}" for one in line.pieces),
            line.note,
        )
        for line in found.lines
    ]


def test_an_amount_is_said_as_money_with_how_much_it_differs():
    amount = schema(amount={"type": "string", "title": "Amount (USD)", "pattern": CENTS})

    found = between({"order": "W88", "amount": "412.50"}, {"amount": "200.00"}, amount)

    assert found == Difference(
        (
            Line(
                ("Amount (USD)",),
                (Piece("−", "$412.50"), Piece("+", "$200.00")),
                "−$212.50 of proposed",
            ),
        ),
        same=0,
    )


@pytest.mark.parametrize(
    ("proposed", "filled", "note"),
    [
        ({"amount": 10, "currency": "EUR"}, {"amount": 12.5, "currency": "EUR"}, "+€2.50"),
        ({"amount": "1.00"}, {"amount": "1000000.00"}, "+NOK 999,999.00"),
        ({"amount": "7"}, {"amount": "-7"}, "−NOK 14.00"),
    ],
)
def test_the_currency_is_the_one_beside_it_or_that_of_the_proposal(proposed, filled, note):
    found = between(proposed, filled, currency="NOK")

    assert [line.note for line in found.lines] == [f"{note} of proposed"]


def test_only_what_the_answer_offers_is_compared():
    found = between(
        {"order": "W88", "days": 14, "note": "x"}, {"days": 7}, schema(days={}, note={}, more={})
    )

    assert told(found) == [("Days", "−14|+7", "−7 of proposed"), ("Note", "−x", "left out")]


def test_what_was_not_proposed_comes_and_what_is_the_same_is_counted():
    found = between({"days": 14, "a": True}, {"days": 14, "a": True, "colour": "black"})

    assert told(found) == [("Colour", "+black", "not in the proposal")]
    assert found.same == 2


def test_nothing_may_differ():
    assert between({"a": {"b": [1]}}, {"a": {"b": [1]}}).is_none
    assert between(None, {}).is_none


def test_true_is_not_one_and_one_is_not_a_text():
    assert told(between({"a": True, "b": 1}, {"a": 1, "b": "1"})) == [
        ("A", "−Yes|+1", ""),
        ("B", '−1|+"1"', ""),
    ]


def test_a_text_is_compared_word_by_word():
    old = "A small sheen has been reported; the coast guard observed no spill."
    new = "A small spill has been reported; the coast guard observed no sheen."

    assert told(between({"text": old}, {"text": new})) == [
        (
            "Text",
            "A small |−sheen|+spill| has been reported; the coast guard observed no |−spill|+sheen|.",
            "",
        )
    ]


def test_texts_with_little_in_common_are_set_side_by_side():
    (line,) = between({"t": "All 22 crew are well."}, {"t": "We say nothing for now."}).lines

    assert [piece.sign for piece in line.pieces] == ["−", "+"]


def test_an_id_is_changed_as_a_whole_and_so_is_a_single_word():
    found = between({"a": "cus_8841", "b": "weather"}, {"a": "cus_8842", "b": "weathered"})

    assert [line for _, line, _ in told(found)] == ["−cus_8841|+cus_8842", "−weather|+weathered"]


def test_chinese_and_japanese_are_compared_character_by_character():
    (line,) = between({"t": "注文を取り消してください"}, {"t": "注文を変更してください"}).lines

    assert line.pieces[0] == Piece("", "注文を")
    assert line.pieces[-1] == Piece("", "してください")


def test_of_a_long_text_only_what_is_around_the_change_is_shown():
    words = " ".join(f"word{n}" for n in range(5_000))

    (line,) = between({"t": words}, {"t": words.replace("word2500", "another")}).lines

    assert [piece.sign for piece in line.pieces] == ["", "−", "+", ""]
    assert line.pieces[0].text.startswith("…") and len(line.pieces[0].text) < 60


def test_objects_within_are_compared_by_their_titles():
    within = schema(address=schema(zip={"title": "Postcode"}) | {"title": "Send to"})

    found = between({"address": {"zip": "0150", "x": 1}}, {"address": {"zip": "0151"}}, within)

    assert told(found) == [
        ("Send to › Postcode", "−0150|+0151", ""),
        ("Send to › X", "−1", "left out"),
    ]


def test_items_of_a_list_come_go_change_and_move():
    a, b, c, d = ({"sku": name, "n": 1} for name in "abcd")

    assert told(between({"lines": [a, b, c]}, {"lines": [c, {**a, "n": 4}, b, d]})) == [
        ("Lines › 1", '{"sku": "c", "n": 1}', "was number 3"),
        ("Lines › 2 › N", "−1|+4", "+3 of proposed"),
        ("Lines › 4 › Sku", "+d", "not in the proposal"),
        ("Lines › 4 › N", "+1", "not in the proposal"),
    ]
    assert told(between({"tags": ["a", "b"]}, {"tags": ["b"]})) == [("Tags › 1", "−a", "left out")]


# Bounds ---------------------------------------------------------------------------------------------


def test_what_differs_beyond_a_page_is_counted():
    found = between({}, {f"k{n}": n for n in range(MOST_LINES + 5)})

    assert (len(found.lines), found.more) == (MOST_LINES, 5)


def test_long_lists_and_long_values_are_shown_shortened():
    found = between({"a": list(range(400)), "b": "x" * 9_000}, {"a": list(range(401)), "b": "y"})

    assert found.lines[0].note == "400 before, 401 now: too many to compare one by one"
    assert "5,000 characters" in found.lines[1].pieces[0].text


def hostile() -> dict[str, tuple[Any, Any]]:
    deep: Any = 1
    for _ in range(60):
        deep = {"a": [deep]}
    twos = "".join("ab"[n * n % 7 % 2] + " " for n in range(100_000))
    return {
        "deep": (deep, {"a": [deep]}),
        "long texts": ({"t": twos}, {"t": twos[::-1]}),
        "many texts": ({f"k{n}": twos[:900] for n in range(300)}, {f"k{n}": twos[1:900] for n in range(300)}),
        "many items": ({"a": [0, 1] * 150}, {"a": [1, 0, 0] * 100}),
        "many lists": ({"a": [[n, n] for n in range(300)]}, {"a": [[n + 1, n] for n in range(300)]}),
    }  # fmt: skip


@pytest.mark.parametrize("kind", hostile())
def test_no_comparison_keeps_a_page_waiting(kind):
    proposed, filled = hostile()[kind]
    found = between(proposed, filled)  # some tenths of a second on a quiet machine

    assert sum(len(piece.text) for line in found.lines for piece in line.pieces) < 500_000


@pytest.mark.parametrize(
    ("proposed", "filled", "said"),
    [
        (
            {},
            {"to": {"name": "Ida", "bank": {"iban": "NO93"}}},
            [
                ("To › Name", "+Ida", "not in the proposal"),
                ("To › Bank › Iban", "+NO93", "not in the proposal"),
            ],
        ),
        (
            {"to": None},
            {"to": {"name": "Ida"}},
            [("To › Name", "+Ida", "not in the proposal")],
        ),
        (
            {"to": {"name": "Ida"}},
            {"to": "Ida Holm"},
            [("To › Name", "−Ida", "left out"), ("To", "+Ida Holm", "not in the proposal")],
        ),
    ],
)  # fmt: skip
def test_an_object_stands_in_its_parts_on_whichever_side_it_is(proposed, filled, said):
    parts = schema(to={"type": "object"})

    assert told(between(proposed, filled, parts)) == said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (5, "5", ["5", '"5"']),
        (True, "Yes", ["true", '"Yes"']),
        ("", "empty", ['""', '"empty"']),
        (None, "null", ["null", '"null"']),
    ],
)
def test_a_value_that_only_changes_its_kind_is_in_sight(old: object, new: object, said: list[str]):
    (line,) = between({"a": old}, {"a": new}, {"properties": {"a": {}}}).lines

    assert [piece.text for piece in line.pieces] == said


@pytest.mark.parametrize(
    ("proposed", "filled", "line"),
    [
        ({"refundPrice": "10.00", "currencyCode": "EUR"}, {"refundPrice": "8.00", "currencyCode": "EUR"},
         ("Refundprice", "−€10.00|+€8.00", "−€2.00 of proposed")),
        ({"amount_usdc": "10.00"}, {"amount_usdc": "8.00"},
         ("Amount usdc", "−USDC 10.000000|+USDC 8.000000", "−USDC 2.000000 of proposed")),
        ({"fee": "10.00", "ccy": "DOGE"}, {"fee": "8.00", "ccy": "DOGE"},
         ("Fee", "−DOGE 10.00000000|+DOGE 8.00000000", "−DOGE 2.00000000 of proposed")),
        ({"amount_cents": 1000, "currency": "EUR"}, {"amount_cents": 800, "currency": "EUR"},
         ("Amount cents", "−1000|+800", "−200 of proposed")),
        ({"amount_id": "10", "currency": "EUR"}, {"amount_id": "8", "currency": "EUR"},
         ("Amount id", "−10|+8", "")),
    ],
)  # fmt: skip
def test_money_is_known_by_the_names_that_limits_know(proposed, filled, line):
    found = between(proposed, filled, schema(**{name: {} for name in proposed}))

    assert told(found) == [line]


def test_what_an_agent_registered_in_minor_units_is_no_amount_in_what_was_decided():
    """As on the form: the number is a count, whatever the field is called."""
    agent = Agent(minor_units=["pay:amount"])
    arguments = {"amount": 1000, "currency": "EUR"}
    filled = {"amount": 800, "currency": "EUR"}
    option = Option(outcome="approve", parameters=schema(amount={"type": "integer"}, currency={}))
    proposal = {"arguments": arguments, "action": "pay"}

    said = [
        told(
            answered_with(Case(agent=agent, action=action), proposal, option, filled)["difference"]
        )
        for action in ("pay", "other")
    ]

    assert said == [
        [("Amount", "−1000|+800", "−200 of proposed")],
        [("Amount", "−€1,000.00|+€800.00", "−€200.00 of proposed")],
    ]
