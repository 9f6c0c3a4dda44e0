"""What a schema asks of a value, as a hint in words."""

import json
import re
from collections import Counter
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from reviewers.schemaform import schemas
from reviewers.schemaform.schemas import Schema

NAMED = {  # sets of characters, by how patterns write them: of one, of several
    r"\d": ("digit", "digits"),
    "[0-9]": ("digit", "digits"),
    "[A-Z]": ("capital letter", "capital letters"),
    "[a-z]": ("small letter", "small letters"),
    "[A-Za-z]": ("letter", "letters"),
    "[a-zA-Z]": ("letter", "letters"),
    "[A-Z0-9]": ("capital letter or digit", "capital letters or digits"),
    "[a-z0-9]": ("small letter or digit", "small letters or digits"),
    "[0-9a-f]": ("hexadecimal digit", "hexadecimal digits"),
    "[a-f0-9]": ("hexadecimal digit", "hexadecimal digits"),
    "[0-9 ]": ("digit or space", "digits or spaces"),
    "[1-9]": ("digit that is not 0", "digits that are not 0"),
    r"\w": ("letter, digit or _", "letters, digits or _"),
}
WHOLE = {  # what people say better than by its parts
    r"^[0-9]+\.[0-9]{2}$": "digits, a point and two decimals, such as 200.00",
    r"^\d+\.\d{2}$": "digits, a point and two decimals, such as 200.00",
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "a date, such as 2026-11-20",
    r"^\d{4}-\d{2}-\d{2}$": "a date, such as 2026-11-20",
    r"^[0-9]+$": "digits only",
    r"^\d+$": "digits only",
    r"^[A-Z]{3}$": "three capital letters, such as USD",
}
PART = re.compile(
    r"(\[[^\]\\^]+\]|\\[dw.+\-/ ]|[A-Za-z0-9 _:@#,;/-])(\{\d{1,4}(?:,\d{0,4})?\}|[+*?])?"
)
LONGEST_PATTERN = 160
FORMATS = {
    "uri": "an address, such as https://shop.example/; nobody follows it here",
    "uuid": "a UUID, such as 3f0c2e9a-77d1-4c5e-9d3b-0c1f6a2b8e44",
    "time": "a time with its offset, such as 09:30:00Z",
    "duration": "a duration, such as PT30M",
    "ipv4": "an address, such as 192.0.2.10",
}
BOUNDS = (
    ("minimum", "from {}"),
    ("exclusiveMinimum", "above {}"),
    ("maximum", "up to {}"),
    ("exclusiveMaximum", "below {}"),
    ("multipleOf", "in steps of {}"),
)
MOST_LETTERS = 200  # of a bound that is worth saying


def of(schema: Schema, *, says_pattern: bool = True) -> str:
    """Return what is asked of a value, in parts that a semicolon joins."""
    said = [str(schema["description"])[:400]] if schema.get("description") else []
    said += [text.format(_number(schema[word])) for word, text in BOUNDS if _counts(schema, word)]
    said += _lengths(schema)
    if schema.get("format") in FORMATS:
        said.append(FORMATS[schema["format"]])
    if isinstance(schema.get("pattern"), str) and says_pattern:
        said.append(pattern(schema["pattern"]))
    return "; ".join(said)


def _lengths(schema: Schema) -> list[str]:
    said = []
    least, most = schema.get("minLength"), schema.get("maxLength")
    if isinstance(least, int) and least > 1:
        said.append(f"at least {least:,} characters")
    if isinstance(most, int) and most <= MOST_LETTERS:
        said.append(f"at most {most:,} characters")
    fewest, largest = schema.get("minItems"), schema.get("maxItems")
    if isinstance(fewest, int) and fewest > 0:
        said.append(f"at least {fewest:,}")
    if isinstance(largest, int):
        said.append(f"at most {largest:,}")
    if schema.get("uniqueItems") is True and "enum" not in _items(schema):
        said.append("each once")
    return said


def _items(schema: Schema) -> Schema:
    items = schema.get("items")
    return items if isinstance(items, dict) else {}


def _counts(schema: Schema, word: str) -> bool:
    given = schema.get(word)
    return isinstance(given, (int, float)) and not isinstance(given, bool)


def _number(given: Any) -> str:
    return f"{given:,}"


def pattern(given: str) -> str:
    """Return a pattern in words where it is simple: ``2 capital letters, “-”, 4 digits``."""
    if given in WHOLE:
        return WHOLE[given]
    if len(given) > LONGEST_PATTERN or not (given.startswith("^") and given.endswith("$")):
        return f"of the form {given[:LONGEST_PATTERN]}"
    bare, said, at = given[1:-1], [], 0
    while at < len(bare):
        found = PART.match(bare, at)
        word = _part(found[1], found[2] or "") if found else ""
        if not found or not word:
            return f"of the form {given}"
        said.append(word)
        at = found.end()
    return ", ".join(_joined(said)) or f"of the form {given}"


def _part(what: str, times: str) -> str:
    if what in NAMED:
        one, several = NAMED[what]
        return {"": f"1 {one}", "+": several, "*": f"any {several}", "?": f"perhaps 1 {one}"}.get(
            times
        ) or _times(times, one, several)
    if what.startswith("[") or what in (r"\d", r"\w") or times not in ("", "?"):
        return ""
    letter = what.removeprefix("\\")
    return f"perhaps “{letter}”" if times else f"“{letter}”"


def _times(times: str, one: str, several: str) -> str:
    least, comma, most = times.strip("{}").partition(",")
    if not comma:
        return f"{least} {one if least == '1' else several}"
    return f"{least} to {most} {several}" if most else f"{least} or more {several}"


def _joined(said: list[str]) -> list[str]:
    """Put letters that stand beside one another into one pair of marks."""
    joined: list[str] = []
    for word in said:
        if joined and word.startswith("“") and joined[-1].startswith("“"):
            joined[-1] = f"{joined[-1][:-1]}{word[1:]}"
        else:
            joined.append(word)
    return joined


def instant(given: datetime | None, zone: str) -> str:
    """Return on whose clock an instant is typed, and what it is in UTC."""
    utc = f"; proposed is {given:%Y-%m-%d %H:%M:%S} UTC" if given else ""
    return f"by the clock of {zone}; the agent is sent UTC{utc}"


def joined(*said: str) -> str:
    return "; ".join(filter(None, said))


def left_out(default: Any) -> str:
    """Return what an agent takes where nothing is filled in."""
    return _("left out, it is %(default)s") % {
        "default": json.dumps(default, ensure_ascii=False)[:100]
    }


def in_quotes(given: str) -> str:
    """Return how a text is typed where another kind of value was proposed, and stands as JSON."""
    return joined(given, _('a text is typed in quotes, such as "Oslo"'))


# Alternatives -------------------------------------------------------------------------------------


def branch(root: Schema, schema: Schema) -> str:
    """Return what one of several alternatives is called: by its title, what it fixes, what it asks for."""
    title = schema.get("title")
    if isinstance(title, str) and title.strip():
        return title[:200]
    fixed = [
        str(only[0]) for _key, part in schemas.properties(schema)
        if (only := schemas.only_value(schemas.resolved(root, part)))
    ]  # fmt: skip
    if fixed:
        return ", ".join(fixed)[:200].replace("_", " ").capitalize()
    if only := schemas.only_value(schema):
        return _("Nothing") if only[0] is None else str(only[0])[:200]
    return KINDS.get(str(schema.get("type", schemas.implied(schema))), "Another")


KINDS = {
    "object": "Several fields", "array": "A list", "string": "A text", "boolean": "Yes or no",
    "number": "A number", "integer": "A whole number",
}  # fmt: skip


def apart(labels: list[str]) -> list[str]:
    """Return labels of which no two are the same."""
    count, seen = Counter(labels), Counter[str]()
    numbered = []
    for label in labels:
        seen[label] += 1
        numbered.append(f"{label} {seen[label]}" if count[label] > 1 else label)
    return numbered
