"""JSON as evidence: read strictly, written one way only (RFC 8785), so that a digest means something.

What JSON text can say but this desk could not give back exactly is refused, with a pointer:
duplicate keys, numbers beyond a double, NUL and lone surrogates, nesting deeper than 64.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import rfc8785

from escalation.errors import Fault, NotJson, PackageRejected

MAX_DEPTH = 64
MAX_INTEGER = 2**53 - 1
FAULTS_SHOWN = 20
LONGEST_SCORE = 400  # characters of a fraction that is rounded


class _Duplicated(dict[str, Any]):
    """An object that named a key twice; ``key`` is the first such."""

    key: str


class _Inexact:
    """A number literal that no double holds exactly."""

    def __init__(self, literal: str) -> None:
        self.literal = literal


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    duplicated = _Duplicated(found)
    for key, _ in pairs:
        if key in seen:
            duplicated.key = key
            break
        seen.add(key)
    return duplicated


def _integer(literal: str) -> int | _Inexact:
    if len(literal) > 17 or abs(number := int(literal)) > MAX_INTEGER:
        return _Inexact(literal)
    return number


def _digits(literal: str) -> tuple[str, int]:
    """Return the significant digits of a decimal literal and the exponent of the last one."""
    mantissa, _, exponent = literal.lower().lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    significant = digits.rstrip("0")
    return significant, int(exponent or 0) - len(fraction) + len(digits) - len(significant)


def _real(literal: str) -> float | _Inexact:
    if len(literal) > 64:
        return _Inexact(literal)
    number = float(literal)
    if number in (float("inf"), float("-inf")):
        return _Inexact(literal)
    written, held = _digits(literal), _digits(repr(number))
    return number if written == held or not (written[0] or held[0]) else _Inexact(literal)


_decoder = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_real,
    parse_constant=_Inexact,
)
# Reads whole numbers three times as fast, and does not say how one was written.
_fast_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_real, parse_constant=_Inexact
)


def pointer(*parts: str | int) -> str:
    """Return the RFC 6901 pointer to ``parts``; no part is the whole document, ``""``."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


FLOAT = re.compile(r"-?\d+(?=[.eE])(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
Places = Iterable[tuple[str, ...]]


def parse(body: bytes, *, scores: Places = ()) -> Any:
    """Return the value of a JSON text.

    At ``scores``, paths in which ``*`` is each item of a list, a fraction that no double holds exactly is
    the nearest that one holds.

    Raises NotJson when it is none, PackageRejected with a pointer to each place that could not be
    kept exactly.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotJson(
            f"The body is not UTF-8: byte {error.start} is {body[error.start]:#04x}."
        ) from None
    try:
        value = _fast_decoder.decode(text)
        if _is_plain(value, escapes=ESCAPED.search(text) is not None):
            return value
    except (ValueError, RecursionError):  # what is wrong with it is said below
        pass
    return _parse_exactly(text, scores)


# In text that was UTF-8, only such an escape makes a NUL or half of a surrogate pair.
ESCAPED = re.compile(r"\\u(?:0000|[dD][89a-fA-F])", re.ASCII)
PLAIN = {dict, list, str, int, float, bool, type(None)}


def _is_plain(value: Any, *, escapes: bool) -> bool:
    """Return whether a value holds nothing that could not be kept; ``escapes``: its texts may.

    Level by level, since a walk that knows where it is takes ten times as long.
    """
    level: list[Any] = [[value]]
    for _depth in range(MAX_DEPTH + 1):
        items = [item for one in level for item in (one if type(one) is list else one.values())]
        if not PLAIN.issuperset(map(type, items)):
            return False
        integers = [item for item in items if type(item) is int]
        if integers and max(max(integers), -min(integers)) > MAX_INTEGER:
            return False
        if escapes and not _are_plain(level, items):
            return False
        level = [item for item in items if type(item) is dict or type(item) is list]
        if not level:
            return True
    return False


def _are_plain(level: list[Any], items: list[Any]) -> bool:
    """Return whether no text among ``items``, and no key of the objects of ``level``, has a problem."""
    texts = [item for item in items if type(item) is str]
    keys = [key for one in level if type(one) is dict for key in one]
    return not text_problem("\n".join([*texts, *keys]))


def _parse_exactly(text: str, scores: Places) -> Any:
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError as error:
        raise NotJson(
            f"The body is not JSON: {error.msg.lower()} at line {error.lineno}, column {error.colno}."
        ) from None
    except RecursionError:
        raise PackageRejected(Fault("", f"nested deeper than {MAX_DEPTH} levels")) from None
    for path in scores:
        _round(value, path)
    faults = []
    for fault in _faults(value, ()):
        faults.append(fault)
        if len(faults) == FAULTS_SHOWN:
            break
    if faults:
        raise PackageRejected(*faults)
    return value


def _round(value: Any, path: tuple[str, ...]) -> None:
    """Put the nearest double in the place of each fraction at ``path``, and within what is there."""
    step, rest = path[0] if path else "*", path[1:]
    if isinstance(value, dict) and (not path or step in value):
        keys: Iterable[Any] = [step] if path else list(value)
    elif isinstance(value, list) and step == "*":
        keys = range(len(value))
    else:
        return
    for key in keys:
        item = value[key]
        if isinstance(item, _Inexact):
            if not rest and (nearest := _nearest(item.literal)) is not None:
                value[key] = nearest
        elif isinstance(item, (dict, list)):
            _round(item, rest)


def _nearest(literal: str) -> float | None:
    if len(literal) > LONGEST_SCORE or not FLOAT.fullmatch(literal):
        return None  # a whole number may name something, and is no score
    number = float(literal)
    return None if number in (float("inf"), float("-inf")) else number


def _faults(value: Any, path: tuple[str | int, ...]) -> Iterator[Fault]:
    kind = type(value)
    if kind is str:
        if problem := text_problem(value):
            yield Fault(pointer(*path), problem)
    elif kind is dict or kind is _Duplicated:
        if len(path) >= MAX_DEPTH:
            yield Fault(pointer(*path), f"nested deeper than {MAX_DEPTH} levels")
            return
        if kind is _Duplicated:
            yield Fault(pointer(*path, value.key), "this key stands twice in one object")
        for key, item in value.items():
            if problem := text_problem(key):
                yield Fault(pointer(*path), f"a key {problem}")
            yield from _faults(item, (*path, key))
    elif kind is list:
        if len(path) >= MAX_DEPTH:
            yield Fault(pointer(*path), f"nested deeper than {MAX_DEPTH} levels")
            return
        for index, item in enumerate(value):
            yield from _faults(item, (*path, index))
    elif kind is _Inexact:
        yield Fault(
            pointer(*path),
            f"{value.literal[:40]} is a number that JSON cannot carry exactly; send it as a string",
        )


def text_problem(text: str) -> str:
    """Return why no record could keep ``text``; empty when it can."""
    if "\x00" in text:
        return "holds a NUL character, which no record can keep"
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "holds half of a surrogate pair, which is no character"
    return ""


# Where Python's own JSON could differ from RFC 8785: a number with a zero fraction, an exponent or
# more digits than a double holds, and characters beyond the BMP, by which keys sort otherwise. A
# match inside a string costs only time, and is rare: a number follows a bracket, comma or colon.
NUMBERS = re.compile(r"[\[,:]-?\d(?:\d{15}|\d*(?:\.0(?!\d)|(?:\.\d+)?e[+-]?\d))", re.ASCII)
BEYOND = re.compile("[\U00010000-\U0010ffff]")


def _differs(text: str) -> bool:
    """Return whether ``text``, as Python writes JSON, could be other than RFC 8785 has it."""
    if NUMBERS.search(f",{text}"):
        return True
    return not text.isascii() and BEYOND.search(text) is not None


def encode(value: Any) -> bytes:
    """Return the RFC 8785 form. ``value`` must hold only what ``parse`` lets through.

    Python's encoder writes the same bytes ten times faster but where ``_differs``.
    """
    text = json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    return rfc8785.dumps(_as_doubles(value)) if _differs(text) else text.encode()


def _as_doubles(value: Any) -> Any:
    """Return ``value`` with large integers as the doubles that they were.

    1e16 is written without a point, here and by PostgreSQL, and so comes back as an integer.
    """
    if isinstance(value, dict):
        return {key: _as_doubles(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_doubles(item) for item in value]
    if type(value) is int and abs(value) > MAX_INTEGER:
        if Decimal(repr(float(value))) != value:
            raise ValueError(f"{value} is a number that JSON cannot carry exactly")
        return float(value)
    return value


def same(one: Any, other: Any) -> bool:
    """Return whether two values are one and the same JSON: 1 is 1.0 there, and never true."""
    return encode(one) == encode(other)


def digest(body: bytes) -> str:
    """Return ``sha256:<hex>`` of canonical bytes."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def fold(bodies: list[bytes]) -> dict[str, Any]:
    """Return the whole package from its versions in order: the first, then the steps added since."""
    package: dict[str, Any] = json.loads(bytes(bodies[0]))
    steps = list(package.get("steps", []))
    for body in bodies[1:]:
        steps += json.loads(bytes(body))["steps"]
    return {**package, "steps": steps} if "steps" in package or steps else package
