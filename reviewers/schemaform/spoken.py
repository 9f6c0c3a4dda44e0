"""Numbers in words, so that a sign in the wrong place cannot be overlooked."""

from decimal import Decimal

from babel.numbers import get_currency_name
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reviewers import wording

ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = (
    "zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
SCALES = ("", "thousand", "million", "billion", "trillion", "quadrillion")
MOST = 10**18
MOST_PLACES = 8


def heard(plain: str, currency: str = "") -> str:
    """Return how a number was read, as a sentence: digits, words, and the currency by its name."""
    amount = Decimal(plain)
    said = wording.money(amount, currency) if currency else f"{amount:,f}"
    words = _words(plain)
    if not words:
        return _("Read as %(number)s") % {"number": said}
    if currency:
        name = get_currency_name(currency, count=abs(amount), locale="en")
        words = f"{words} {name}"
    return _("Read as %(number)s: %(words)s") % {"number": said, "words": words}


def _words(plain: str) -> str:
    """Return a plain decimal in English words; empty where a page is in another language."""
    language = get_language() or "en"
    whole, _point, places = plain.lstrip("-").partition(".")
    if not language.startswith("en") or int(whole) >= MOST or len(places) > MOST_PLACES:
        return ""
    words = ["minus"] if plain.startswith("-") else []
    words += [_integer(int(whole))]
    if places.strip("0"):
        words += ["point", *(ONES[int(digit)] for digit in places)]
    return " ".join(words)


def _integer(number: int) -> str:
    if number == 0:
        return ONES[0]
    words: list[str] = []
    for scale in SCALES:
        number, part = divmod(number, 1000)
        if part:
            words = [*_below_a_thousand(part), *([scale] if scale else []), *words]
    return " ".join(words)


def _below_a_thousand(number: int) -> list[str]:
    hundreds, rest = divmod(number, 100)
    words = [ONES[hundreds], "hundred"] if hundreds else []
    if rest >= 20:
        tens, ones = divmod(rest, 10)
        words.append(f"{TENS[tens]}-{ONES[ones]}" if ones else TENS[tens])
    elif rest:
        words.append(ONES[rest])
    return words
