"""What the name of a field says: an amount, a currency, minor units, or something else altogether.

Names come in every style (``refundAmount``, ``refund-amount``, ``amount_usd``, ``USD``) and from
people who may mean to hide them; they are read as they look (``lookalikes``).
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from escalation.money.currencies import is_known
from escalation.money.lookalikes import skeleton

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
ZERO = re.compile(r"(?<=[A-Za-z])0(?=[A-Za-z])")  # am0unt


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Sort(Enum):
    AMOUNT = "amount"  # a number here is money
    TOTAL = "total"  # money where a currency is known or the action moves money
    ACT = "act"  # the same, but for digits in a string, which are an identifier
    CURRENCY = "currency"
    UNITS = "units"  # whole units, with nanos beside them
    NANOS = "nanos"
    PROSE = "prose"
    ASIDE = "aside"  # an identifier, a date, a share: never an amount
    OTHER = "other"


@dataclass(frozen=True)
class Name:
    """``minor``: the number counts minor units, ``exponent`` says of what size if not the currency's."""

    sort: Sort
    words: tuple[str, ...] = ()
    currency: str = ""
    minor: bool = False
    exponent: int | None = None

    @property
    def is_total(self) -> bool:
        """Whether it says money by itself: a total or a sum, but no mere value."""
        return self.sort is Sort.TOTAL and not frozenset(self.words) & GENERIC

    @property
    def key(self) -> str:
        return "_".join(self.words)


AMOUNTS = word_set(
    """
    amount amounts amt amts price prices cost costs fee fees payout payouts betrag betraege
    summe preis montant montants prix importe importes importo importi monto montos precio
    prezzo bedrag prijs belopp belop belob pris kwota cena cantidad valor valore proceeds
    remittance disbursement notional
    """
)
TOTALS = word_set(
    """
    total totals subtotal sum sums value values net gross principal compensation salary wage
    bonus spend budget premium cash money gesamt gesamtbetrag totale suma somme refunded paid
    charged credited debited funds
    """
)
ACTS = frozenset(  # of what is moved, or its number in somebody's books
    [
        "refund",
        "refunds",
        "payment",
        "payments",
        "pay",
        "charge",
        "charges",
        "credit",
        "debit",
        "transfer",
        "transfers",
        "withdrawal",
        "deposit",
        "tip",
        "donation",
        "discount",
    ]
)
CURRENCIES = word_set(
    """
    currency currencies ccy curr waehrung wahrung devise moneda valuta moeda
    """
)
MAYBE_CURRENCIES = word_set(
    """
    asset coin token denom denomination unit symbol ticker iso
    """
)
OF_CURRENCY = word_set(
    """
    code iso symbol id name type alpha key
    """
)
ASIDE = word_set(
    """
    id ids uuid guid ref refs reference type kind date at on time timestamp percent percentage
    pct rate ratio share factor code name names label status state reason email phone country
    zip postcode iban bic account card order invoice customer user key hash token version format
    exponent scale precision decimals digits places days hours minutes seconds months years year
    month day ms weight width height items pieces lines rows pages points source method mode
    category confirmed approved verified sku url uri link score confidence probability latitude
    center centre schedule orders invoices customers users accounts cards
    longitude lat lng quantity qty
    """
)
OF_WHAT = word_set("order invoice customer account card user item month year day line hour")
GENERIC = word_set("value values net gross principal spend premium")  # no money without a currency
COUNTS = word_set(
    """
    count number no nr num index position size length rank limit
    """
)
PROSE = word_set(
    """
    note notes comment comments memo description reason text message subject body content title
    summary label question explanation narrative remark remarks details instructions purpose
    reply answer response letter draft article review prompt feedback complaint html markdown
    """
)
# Codes that are words as well: one counts as a currency in capitals only.
WORDS = word_set(
    """
    all ang ars atom bam bob cop cup dot fil gel hex lak link mad mop near op pen php pol ron
    sol sos std ton top try uni ada arb dai apt cad bat crc cve sdg aed sar mdl dop vnd bsd bif
    gnf xts xxx nad tnd mur inr rub srd shp sle awg mur amd
    """
)
MINOR = word_set(
    """
    cent cents pence minor subunit subunits centime centimes ore oere kopecks paise centavos
    fils groszy haler filler centesimi centimos micros micro
    """
)
FIXED = {  # with the currency that they are of
    "wei": (18, "ETH"), "gwei": (9, "ETH"), "sats": (8, "BTC"), "satoshi": (8, "BTC"),
    "satoshis": (8, "BTC"), "lamports": (9, "SOL"), "lovelace": (6, "ADA"),
}  # fmt: skip
MICROS = 6


def read_name(name: str) -> Name:
    """Return what a name says."""
    return _remembered(name) if len(name) <= 64 else _read(name)


@lru_cache(maxsize=16_384)  # more than one package's names: each is walked more than once
def _remembered(name: str) -> Name:
    return _read(name)


def split(name: str) -> list[str]:
    """Return the words of a name as they look, capitals kept: ``refundAmount`` is refund, Amount."""
    words = WORD.findall(ZERO.sub("o", skeleton(name)))
    if len(words) > 2 and all(len(word) == 1 for word in words):
        words = ["".join(words)]  # a.m.o.u.n.t
    return [part for word in words for part in _unglued(word)]


def _unglued(word: str) -> list[str]:
    """Return ``totalamount`` as two words; what is no such pair as it is."""
    lower = word.lower()
    for known in ("amount", "betrag", "montant"):
        before, found, after = lower.partition(known)
        if found and (before or after) and lower not in AMOUNTS:
            return [part for part in (before, known, after) if part]
    return [word]


def _read(name: str) -> Name:
    spelled = split(name)
    words = tuple(word.lower() for word in spelled)
    if not words:
        return Name(Sort.OTHER)
    here, last = frozenset(words), words[-1]
    if here & CURRENCIES and (last in CURRENCIES or last in OF_CURRENCY):
        return Name(Sort.CURRENCY, words)
    currency = _currency(spelled, here)
    fixed = next((FIXED[word] for word in words if word in FIXED), None)
    if fixed and last not in ASIDE:
        return Name(Sort.AMOUNT, words, fixed[1], minor=True, exponent=fixed[0])
    is_of = last in OF_WHAT and (
        words[0] in AMOUNTS | {"total"} or (here & AMOUNTS and "per" in here)
    )
    if (last in ASIDE and not is_of) or (last in COUNTS and not here & AMOUNTS):
        return Name(Sort.PROSE if last in PROSE else Sort.ASIDE, words)
    if here & MINOR and (here & (AMOUNTS | TOTALS | ACTS) or currency or _is_only_minor(here)):
        micro = MICROS if here & {"micros", "micro"} else None
        return Name(Sort.AMOUNT, words, currency, minor=True, exponent=micro)
    if here & AMOUNTS or currency:
        return Name(Sort.AMOUNT, words, currency)
    if last in PROSE:
        return Name(Sort.PROSE, words)
    if here & TOTALS:
        return Name(Sort.TOTAL, words)
    if here & ACTS:
        return Name(Sort.ACT, words)
    if words in (("units",), ("nanos",)):
        return Name(Sort(last), words)
    return Name(Sort.OTHER, words)


def _is_only_minor(words: frozenset[str]) -> bool:
    return words <= MINOR | {"units", "unit", "in", "value"} and words != {"micro"}


def _currency(spelled: list[str], words: frozenset[str]) -> str:
    """Return the currency that a name holds; a common word counts only in capitals beside others."""
    for word in spelled:
        code = word.upper()
        if not is_known(code):
            continue
        is_word = word.lower() in WORDS
        if not is_word or (
            word.isupper() and (len(spelled) == 1 or words & (AMOUNTS | TOTALS | ACTS))
        ):
            return code
    return ""


def is_amount(name: str) -> bool:
    """Return whether a field is money by its name alone."""
    return read_name(name).sort is Sort.AMOUNT


def is_word(code: str) -> bool:
    return code.lower() in WORDS
