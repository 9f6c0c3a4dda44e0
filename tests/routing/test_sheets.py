from django.http import QueryDict

from routing.sheets import Rows, flat, pressed

BLANK = {"do": "new", "wait": ""}


def rows(*names):
    return Rows("steps", ("do", "wait"), [{"do": name, "wait": "1m"} for name in names])


def names(found):
    return [row["do"] for row in found.rows]


def test_rows_are_read_in_order_until_one_is_missing():
    data = QueryDict("steps/0/do=a&steps/0/wait=1m&steps/1/do=b&steps/3/do=d")

    assert Rows.typed("steps", ("do", "wait"), data, 20).rows == [
        {"do": "a", "wait": "1m"},
        {"do": "b", "wait": ""},
    ]
    assert len(Rows.typed("steps", ("do", "wait"), data, 1).rows) == 1


def test_a_row_is_added_moved_and_removed_and_the_page_goes_on_there():
    found = rows("a", "b", "c")

    assert (found.act("add", 1, BLANK), names(found)) == (1, ["a", "new", "b", "c"])
    assert (found.act("up", 1, BLANK), names(found)) == (0, ["new", "a", "b", "c"])
    assert (found.act("down", 0, BLANK), names(found)) == (1, ["a", "new", "b", "c"])
    assert (found.act("remove", 3, BLANK), names(found)) == (2, ["a", "new", "b"])


def test_what_a_button_cannot_do_changes_nothing():
    found = rows("a", "b")

    for act, number in (("up", 0), ("down", 1), ("remove", 2), ("remove", -1), ("dance", 0)):
        found.act(act, number, BLANK)
    assert names(found) == ["a", "b"]
    assert (found.act("add", 99, BLANK), names(found)) == (2, ["a", "b", "new"])


def test_the_last_row_can_be_removed():
    found = rows("a")

    assert (found.act("remove", 0, BLANK), found.values()) == (-1, {})


def test_a_button_tells_its_act_and_its_row():
    assert [pressed(QueryDict(text)) for text in ("act=up:2", "act=save", "", "act=up:x", "act=up:²")] == [
        *(("up", 2), ("save", 0), ("save", 0), ("up", 0), ("up", 0)),
    ]  # fmt: skip


def test_facts_are_named_as_faults_point_at_them():
    assert flat({"a": {"b": 1, "c": {"d": 2}}, "e": [3]}) == {"a/b": 1, "a/c/d": 2, "e": [3]}
