import pytest

from escalation.inert import FOLD_HOLDS, MARKS, folded, inert, plain


def mark(label: str, title: str) -> str:
    return f'<span class="mark" title="{title}">{label}</span>'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("\"&'", "&quot;&amp;&#x27;"),
        ("javascript:alert(1) https://evil.example", "javascript:alert(1) https://evil.example"),
        ("line\n\tline", "line\n\tline"),
        ("a\u202eb", f"a{mark('U+202E', 'U+202E right-to-left override')}b"),
        ("in\u200bside", f"in{mark('U+200B', 'U+200B zero width space')}side"),
        ("\u200b" * 400, mark("U+200B × 400", "U+200B zero width space × 400")),
        ("\x1b[31mred", f"{mark('U+001B', 'U+001B escape, begins a terminal code')}[31mred"),
        ("\x9b", mark("U+009B", "U+009B control sequence, begins a terminal code")),
        ("\ud800", mark("U+D800", "U+D800 control character")),
        ("\U000e0041", mark("U+E0041", "U+E0041 tag latin capital letter a")),
        ("a\u2028b", f"a{mark('U+2028', 'U+2028 line separator')}b"),
        ("Z" + "\u0301" * 60, f"Z{mark('+60 marks', '60 combining marks piled up')}"),
        ("Dvor\u030ca\u0301k", "Dvor\u030ca\u0301k"),
        ("\U0001f469\u200d\U0001f4bb", "\U0001f469\u200d\U0001f4bb"),
        ("\u05e9\u05dc\u05d5\u05dd \u4f60\u597d", "\u05e9\u05dc\u05d5\u05dd \u4f60\u597d"),
    ],
)
def test_inert_shows_every_character_and_does_nothing(text: str, shown: str):
    assert inert(text) == shown


def test_folded_keeps_a_short_text_whole():
    assert folded("a" * 2_000) == "a" * 2_000


def test_folded_puts_a_long_line_behind_a_summary_without_losing_any_of_it():
    line = "<" * FOLD_HOLDS

    shown = folded(line)

    assert shown.startswith('<details class="fold"><summary>')
    assert "show 19,400 more characters" in shown
    assert shown.endswith(f"</summary>{'&lt;' * FOLD_HOLDS}</details>")


def test_folded_says_how_much_it_does_not_hold():
    assert "180,000 more characters are not shown here" in folded("<" * 200_000)


@pytest.mark.parametrize("text", ["\u202e\u200b", "a\u202e", "\u202ea\u200b", "e" + "\u0301" * 6])
def test_very_many_marks_are_bounded_and_counted(text: str):
    shown = inert(text * 5_000)

    assert shown.count('class="mark" title') == MARKS
    assert len(shown) < 12 * len(text * 5_000) + 20_000
    assert not {"\u202e", "\u200b"} & set(shown)


def test_a_crowd_of_unseen_characters_is_one_mark_with_its_count():
    shown = inert("a\u202e" * MARKS + "\u200b\u202e" * 500)

    assert shown.endswith('<i class="mark">200B×1000</i>')


def test_in_a_crowd_a_joiner_is_left_alone_only_between_two_pictures():
    crowd, pair = "a\u202e" * (MARKS + 1), "\U0001f469\u200d\U0001f4bb"

    assert inert(crowd + pair).endswith(pair)
    assert inert(crowd + "a\u200db").endswith('a<i class="mark">200D</i>b')


def test_plain_names_the_invisible_without_markup():
    assert plain("<b>\u202e\u200b\u200b") == "<b>⟦U+202E⟧⟦U+200B⟧"
