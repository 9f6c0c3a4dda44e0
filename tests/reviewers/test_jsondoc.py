import re

from reviewers.jsondoc import MOST_VALUES, document, text


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def test_document_sets_an_object_as_a_list_of_names_and_values():
    assert document({"total": "412.50", "paid": False, "note": None}) == (
        '<div class="json" dir="ltr"><dl>'
        '<dt dir="auto">note</dt><dd><span class="nothing">null</span></dd>'
        '<dt dir="auto">paid</dt><dd><span class="literal">false</span></dd>'
        '<dt dir="auto">total</dt><dd><span class="string" dir="auto">412.50</span></dd>'
        "</dl></div>"
    )


def test_document_tells_texts_from_the_literals_they_look_like():
    shown = words(document({"a": "null", "b": None, "c": "", "d": " x ", "e": {}, "f": []}))

    assert shown == 'a "null" b null c "" d " x " e { } empty f [ ] empty'


def test_document_sets_small_parts_in_one_line():
    assert words(document({"paid": {"currency": "NOK", "amount": "9.00"}, "ids": [1, 2]})) == (
        "ids 1 , 2 paid amount 9.00 · currency NOK"
    )


def test_document_shows_hostile_names_and_values_inert():
    shown = document({"<b>\u202e": "<script>alert(1)</script>"})

    assert "<script" not in shown and "<b>" not in shown and "\u202e" not in shown
    assert "U+202E" in shown


def test_document_folds_what_lies_deep():
    shown = document({"a": {"b": {"c": {"d": {"e": 1}}, "f": 2}}})

    assert "<details" in shown and "1 field" in shown


def test_document_stops_at_what_a_page_can_hold():
    shown = document([{"n": n, "m": [[n]]} for n in range(20_000)])

    assert "too long for a page" in shown
    assert shown.count("<dd") < 4 * MOST_VALUES


def test_document_sets_a_list_of_rows_as_a_table():
    shown = document({"items": [{"sku": "A", "price": "9.00"}, {"sku": "B"}]})

    assert shown.count("<tr>") == 3
    assert words(shown) == "items price sku 9.00 A B"


def test_document_keeps_rows_that_are_no_table_as_lists():
    for value in (
        [{"a": 1}],
        [{"a": {"b": 1}}, {"a": 2}],
        [{"a": "x" * 61}, {"a": "y"}],
        [{f"k{n}": n} for n in range(4)],
        [{str(n): n for n in range(7)}] * 2,
        [1, 2, 3],
    ):
        assert "<table" not in document({"v": value})


def test_document_folds_a_long_text():
    shown = document({"log": "line\n" * 200})

    assert "720 more characters" in words(shown)


def test_a_hostile_table_is_inert():
    rows = [{"<i>\u202e": "<b>"}, {"<i>\u202e": "\u200b"}]

    shown = document(rows)

    assert "<table>" in shown
    assert "<i>" not in shown and "<b>" not in shown and "\u202e" not in shown


def test_json_that_is_a_text_is_set_as_json():
    shown = document({"output": '{"order_id": "W88", "total": 0.87000000000000002}'})

    assert words(shown) == "output JSON in a text order_id W88 total 0.87000000000000002"
    assert words(document('{"a": "{\\"b\\": 1}"}')) == "JSON in a text a JSON in a text b 1"


def test_a_text_keeps_the_words_around_its_json():
    assert words(text('Found: {"a": "x"} and more')) == "JSON in a text Found: a x and more"
    assert text("no JSON") == "no JSON"


def test_json_in_a_text_is_inert():
    shown = text('{"<b>\\u202e": "<script>\\ud800"}')

    assert "<script" not in shown and "<b>" not in shown and "\u202e" not in shown
    assert "U+202E" in shown and "U+D800" in shown


def test_a_small_list_of_blocks_is_not_set_in_a_line_that_hides_its_json():
    shown = document([{"type": "text", "text": '{"a": 1}'}])

    assert "JSON in a text" in words(shown)
