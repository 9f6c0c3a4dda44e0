import json
from typing import Any

import pytest

from reviewers.words.json_in_text import Held, Written, meaning, pieces, read

ORDER = {"order_id": "W88", "total": "142.50"}
SENT = json.dumps(ORDER)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (SENT, [Held(ORDER)]),
        (f"\ufeff\n {json.dumps(ORDER, indent=2)} \r\n", [Held(ORDER)]),
        (f"[{SENT}, {SENT}]", [Held([ORDER, ORDER])]),
        (json.dumps(SENT), [Held(ORDER)]),  # in quotes, as one that was encoded twice
        (json.dumps(json.dumps(SENT)), [Held(ORDER)]),
        (f"{SENT}\n{SENT}\n", [Held([ORDER, ORDER])]),  # one a line
        (f"```json\n{SENT}\n```", [Held(ORDER)]),
        (f"Found it:\n\n```\n{SENT}\n```\nThat is all.", ["Found it:\n\n", Held(ORDER), "That is all."]),
        (f"<result>{SENT}</result>", ["<result>", Held(ORDER), "</result>"]),
        (f"Tool says {SENT}.", ["Tool says ", Held(ORDER), "."]),
        (f"a {SENT} b {SENT}", ["a ", Held(ORDER), " b ", Held(ORDER)]),
        ("{}", [Held({})]),
        ("[1, 2]", [Held([1, 2])]),
    ],
)  # fmt: skip
def test_json_in_a_text_is_read(text: str, found: list[Any]):
    assert pieces(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "142.50",
        "null",
        '"W88"',
        "{'order_id': 'W88', 'paid': True, 'note': None}",  # Python's own notation
        '{"total": 1, "total": 2}',  # one of the two would not be seen
        '{"total": NaN}',
        '{"total": Infinity}',
        '{"total": 1',
        '{"total": 1,}',
        "{total: 1}",
        "See [1] and [2, 3], or {}.",
        "[" * 100_000,
        '{"a":' * 100_000,
        "[" * 200 + "]" * 200,
        f'{{"n": {"9" * 5000}}}',
    ],
    ids=range(16),
)
def test_what_is_no_json_stays_the_text_that_it_is(text: str):
    assert pieces(text) == [text]


def test_numbers_keep_the_digits_that_they_were_written_in():
    found = read('{"a": 0.87000000000000002, "b": 1e400, "c": 412.50, "d": 12345678901234567890}')

    assert {key: str(value) for key, value in found.items()} == {
        "a": "0.87000000000000002", "b": "1e400", "c": "412.50", "d": "12345678901234567890",
    }  # fmt: skip
    assert isinstance(found["a"], Written)


@pytest.mark.parametrize(
    "wrapped",
    [
        SENT,
        ORDER,
        [{"type": "text", "text": SENT}],
        [{"type": "text", "text": SENT, "annotations": None}],
        {"content": [{"type": "text", "text": SENT}], "isError": False},
        {"content": [{"type": "text", "text": SENT}], "structuredContent": ORDER},
        {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": SENT}]},
        {"type": "tool_use", "id": "t1", "name": "get_order", "input": ORDER},
        {"id": "c1", "type": "function", "function": {"name": "get_order", "arguments": SENT}},
        [{"id": "c1", "type": "function", "function": {"name": "get_order", "arguments": SENT}}],
        {"type": "function_call_output", "call_id": "c1", "output": SENT},
        {"role": "tool", "tool_call_id": "c1", "content": SENT},
        {"toolResult": {"toolUseId": "t1", "content": [{"json": ORDER}]}},
        {"functionResponse": {"name": "get_order", "response": {"result": ORDER}}},
        {"content": f"```json\n{SENT}\n```"},
        json.dumps({"content": [{"type": "text", "text": json.dumps(SENT)}]}),
        {"result": SENT},
    ],
    ids=range(17),
)
def test_what_a_call_was_answered_is_the_same_however_it_is_wrapped(wrapped: Any):
    assert meaning(wrapped) == ORDER


@pytest.mark.parametrize(
    "value",
    [
        None,
        "delivered",
        {"status": "delivered", "result": "lost"},
        {"id": "W88", "data": {"total": "1.00"}},  # the id may be of the thing itself
        {"order": "W88", "content": SENT},
        [{"sku": "A"}, {"sku": "B"}],
        [{"type": "text", "text": "Nothing found"}],
    ],
    ids=range(7),
)
def test_what_is_no_wrapper_stays_as_it_is(value: Any):
    assert meaning(value) == value


def test_two_answers_in_one_are_a_list():
    blocks = [{"type": "text", "text": SENT}, {"type": "text", "text": "done"},
              {"type": "text", "text": SENT}]  # fmt: skip

    assert meaning([blocks[0], blocks[2]]) == [ORDER, ORDER]
    assert ORDER in meaning(blocks)


def test_json_in_json_in_json_is_read_to_a_bounded_depth():
    text = SENT
    for _ in range(40):
        text = json.dumps({"content": text})[:500_000]
        if len(text) > 100_000:
            break

    assert meaning(text) is not None


@pytest.mark.parametrize(
    "text", ["{" * 150_000, '{"a" ' * 40_000, '["' * 100_000, '{"a":"' * 30_000]
)
def test_a_text_that_only_looks_like_json_is_given_up_soon(text: str):
    assert pieces(text) == [text]  # tried from every bracket on it would be minutes
