"""Rows of CSV that are safe to open in any spreadsheet, whatever it takes for the end of a cell.

Which character parts cells depends on where a file is opened: a comma here, a semicolon there, a tab
for who pastes. So no part of a cell, between any of them, may begin as a formula; what a spreadsheet
passes over before it (spaces, quotes, what is invisible) counts as nothing. Such a part gets an
apostrophe. A file begins with a byte order mark, without which Excel takes UTF-8 for something else.
"""

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

BYTE_ORDER_MARK = "\ufeff"
ENDS = "\\t\\n\\v\\f\\r\\x1c-\\x1f\\x85\u2028\u2029,;|，；､、｜"  # of a cell or a line, somewhere
# What does not count as a beginning: quotes, spaces, controls, what is invisible or turns the order.
PASSED_OVER = (
    '"\\x00-\\x08\\x0e-\\x1b\\x20\\x7f-\\x84\\x86-\\xa0\\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5'
    "\u180b-\u180f\u2000-\u200f\u202a-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\U000e0000-\U000e0fff\U0001d173-\U0001d17a"
    "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3“”„«»＂"
)
FORMULA = "=+\\-@＝＋－＠﹦﹢﹣﹫−⁺₊⁼₌"
BEGINS = re.compile(
    f"(^|[{ENDS}])(?=[{PASSED_OVER}]*[{FORMULA}])"
)  # linear: the sets share nothing
UNEVEN = re.compile("^[\t\r\n\x00]")  # a beginning that some drop, and then see what follows
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def safe(value: Any) -> str:
    """Return a cell of which no spreadsheet runs any part as a formula; a plain number stays one."""
    text = "" if value is None else str(value)
    if NUMBER.fullmatch(text):
        return text
    text = BEGINS.sub(r"\1'", text)
    return f"'{text}" if UNEVEN.match(text) else text


def row(cells: Iterable[Any]) -> str:
    """Return a line of CSV, every cell quoted."""
    sink = io.StringIO()
    csv.writer(sink, quoting=csv.QUOTE_ALL).writerow([safe(cell) for cell in cells])
    return sink.getvalue()
