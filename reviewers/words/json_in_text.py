"""JSON that came as text, read as JSON: outputs of tools, content blocks, arguments of function calls.

It is read for the page and for what is compared there; the package and its digest stay as sent. What
JSON cannot say twice in one way stays text: a key that stands twice, ``NaN``, Python's own notation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

DEEPEST = 60  # objects and lists in each other
DEEPEST_TEXTS = 4  # JSON in a text in JSON in a text
LONGEST = 2 * 1024 * 1024  # characters of a text that is nothing but JSON
LONGEST_MIXED = 200_000  # characters of a text in which JSON is looked for among words
MOST_PIECES, MOST_TRIES = 20, 40
FENCE = re.compile(r"[ \t]*(?:```|~~~)[ \t]*[\w.+-]*[ \t]*\r?\n?[ \t]*\Z")
FENCE_END = re.compile(r"[ \t]*\r?\n?[ \t]*(?:```|~~~)[ \t]*(?:\r?\n|\Z)")
BEGINS = re.compile(r"[{\[]")
SPACE = " \t\r\n\ufeff"


class Written(float):
    """A number with the digits that it was written in, where a double may not hold them."""

    literal: str

    def __new__(cls, literal: str) -> Written:
        number = super().__new__(cls, literal)
        number.literal = literal
        return number

    def __str__(self) -> str:
        return self.literal


@dataclass(frozen=True)
class Held:
    """An object or a list that stood in a text."""

    value: Any


class _NotHeld(ValueError):
    """This JSON is left as the text that it is."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotHeld  # one of two values would not be seen
    return found


def _constant(name: str) -> Any:
    raise _NotHeld


def _real(literal: str) -> float:
    number = float(literal)
    return number if repr(number) == literal else Written(literal)


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_real)


def pieces(text: str) -> list[str | Held]:
    """Return a text as words and the JSON among them, in order; ``[text]`` where it holds none."""
    if BEGINS.search(text) is None:
        return [text]
    if (held := _whole(text)) is not None:
        return [held]
    return list(_mixed(text)) if len(text) <= LONGEST_MIXED else [text]


def holds(text: str) -> bool:
    """Return whether there is an object or a list in a text."""
    return any(isinstance(piece, Held) for piece in pieces(text))


def read(value: Any) -> Any:
    """Return the JSON that a text is, or the only one in it; anything else as it is."""
    if not isinstance(value, str):
        return value
    found = [piece.value for piece in pieces(value) if isinstance(piece, Held)]
    return found[0] if len(found) == 1 else found or value


def _whole(text: str) -> Held | None:
    """Return what a text is from end to end: JSON, JSON that is itself in quotes, or a JSON a line."""
    body = text.strip(SPACE)
    if not body or len(body) > LONGEST:
        return None
    if body[0] in '{["':
        try:
            value, end = _decoder.raw_decode(body)
        except (ValueError, RecursionError):
            return None
        if end == len(body):
            return _unquoted(value)
    return _lines(body) if body[0] in "{[" and "\n" in body else None


def _unquoted(value: Any) -> Held | None:
    for _ in range(DEEPEST_TEXTS):
        if not isinstance(value, str):
            break
        try:
            value = _decoder.decode(value.strip(SPACE))
        except (ValueError, RecursionError):
            return None
    return _held(value)


def _held(value: Any) -> Held | None:
    return Held(value) if isinstance(value, (dict, list)) and not _is_deep(value) else None


def _lines(body: str) -> Held | None:
    values = []
    for line in body.splitlines():
        if line.strip(SPACE):
            try:
                values.append(_decoder.decode(line.strip(SPACE)))
            except (ValueError, RecursionError):
                return None
    whole = all(isinstance(value, (dict, list)) for value in values)
    return _held(values) if whole and len(values) > 1 else None


def _is_deep(value: Any) -> bool:
    """Return whether objects and lists stand in each other deeper than a page can set."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            item
            for outer in level
            for item in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(item, (dict, list))
        ]
        if not level:
            return False
    return True


def _mixed(text: str) -> Iterator[str | Held]:
    """Yield words and the objects among them; the signs around a fenced block go with it."""
    done = at = tries = count = 0
    while count < MOST_PIECES and tries < MOST_TRIES and (found := BEGINS.search(text, at)):
        at, held = found.start(), None
        try:
            value, end = _decoder.raw_decode(text, at)
            held = _held(value) if _is_telling(value) else None
        except (ValueError, RecursionError):
            end = at + 1
        if held is None:
            tries += 1
            at = max(end, at + 1)
            continue
        before = text[done:at]
        fence, closing = FENCE.search(before[-80:]), FENCE_END.match(text, end)
        if fence and closing:
            before, end = before[: len(before) - len(fence[0])], closing.end()
        if before.strip(SPACE):
            yield before
        yield held
        done = at = end
        count += 1
    if text[done:].strip(SPACE) or not count:
        yield text[done:]


def _is_telling(value: Any) -> bool:
    """Return whether JSON among words is more than a reference such as ``[1]``."""
    if isinstance(value, dict):
        return bool(value)
    return any(isinstance(item, dict) and item for item in value)


# What a call was given or answered, without what frameworks wrap it in -----------------------------

CARRIERS = (
    "structuredContent", "structured_content", "content", "text", "json", "output", "result",
    "response", "arguments", "args", "input", "parameters", "data", "body", "artifact", "function",
    "function_call", "functionCall", "functionResponse", "function_response", "toolUse",
    "toolResult", "tool_use", "tool_result", "tool_calls", "message", "resource", "kwargs", "value",
)  # fmt: skip
CARRYING = frozenset(CARRIERS)
LABELS = frozenset((
    "type", "role", "tool_call_id", "call_id", "tool_use_id", "toolUseId", "isError", "is_error",
    "annotations", "cache_control", "_meta", "mimeType", "mime_type", "lc", "additional_kwargs",
    "response_metadata", "usage_metadata", "refusal", "logprobs", "parsed_arguments",
))  # fmt: skip
# of a wrapper too, but where it is none they may be of the thing itself
PERHAPS = frozenset(
    ("id", "name", "status", "title", "index", "tool", "tool_name", "object", "uri")
)
SURELY = LABELS | {"function", "arguments", "args", "response", "kwargs", "structuredContent"}
BLOCKS = 50


def meaning(value: Any, depth: int = 0) -> Any:
    """Return what a call was given or answered: JSON in texts read, wrappers of protocols taken off.

    ``[{"type": "text", "text": "{…}"}]``, MCP's ``{"content", "structuredContent"}``, and OpenAI's
    ``{"function": {"name", "arguments": "{…}"}}`` are what stands within. Anything else is as it is.
    """
    value = read(value)
    if depth >= DEEPEST_TEXTS * 2:
        return value
    if isinstance(value, dict):
        if CARRYING.isdisjoint(value):
            return value
        carried = [name for name in CARRIERS if value.get(name) not in (None, "", [], {})]
        labels = LABELS | PERHAPS if value.keys() & SURELY else LABELS
        if carried and value.keys() - labels <= CARRYING:
            inner = meaning(value[carried[0]], depth + 1)
            if isinstance(inner, (dict, list)):
                return inner
    elif isinstance(value, list) and value and len(value) <= BLOCKS and _are_blocks(value):
        inners = [inner for block in value
                  if isinstance(inner := meaning(block, depth + 1), (dict, list))]  # fmt: skip
        if any(inner is not block for inner, block in zip(inners, value, strict=False)):
            return inners[0] if len(inners) == 1 else inners
    return value


def _are_blocks(value: list[Any]) -> bool:
    """Return whether a list is one of content blocks, messages or calls."""
    return all(
        isinstance(one, dict) and any(name in one for name in CARRIERS) and
        (one.keys() & {"type", "role", "function", "json", "text", "toolResult", "toolUse",
                       "functionCall", "functionResponse"})
        for one in value
    )  # fmt: skip
