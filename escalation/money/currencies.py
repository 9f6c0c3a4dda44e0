"""Currencies: how many decimals each has, by ISO 4217, and how an amount of one is written.

The decimals that a locale shows by habit are others (it would show no fillér and no centavo), and in
minor units that is a factor of a hundred; hence a table of our own.
"""

import re
from collections.abc import Mapping
from decimal import ROUND_DOWN, Context, Decimal

LONGEST_CODE = 12
CODE = re.compile(rf"[A-Z][A-Z0-9]{{2,{LONGEST_CODE - 1}}}", re.ASCII)
MOST_DIGITS, MOST_DECIMALS = 20, 18  # before and after the point, as the database holds them
MONEY = re.compile(rf"-?[0-9]{{1,{MOST_DIGITS}}}(\.[0-9]{{1,{MOST_DECIMALS}}})?", re.ASCII)
EXACT = Context(prec=200)  # Python's own would round what has more than 28 digits
PADDED = 8  # decimals beyond which idle zeros are left away: nobody reads eighteen

_TWO = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ
GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD
MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD
RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG ZWL
"""
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
_WITHOUT = "XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX"  # ISO gives them no minor unit

CRYPTO = {
    "AAVE": 18, "ADA": 6, "ALGO": 6, "APT": 8, "ARB": 18, "ATOM": 6, "AVAX": 18, "BCH": 8, "BNB": 18,
    "BTC": 8, "BUSD": 18, "DAI": 18, "DOGE": 8, "DOT": 10, "ETC": 18, "ETH": 18, "EURC": 6, "FIL": 18,
    "GUSD": 2, "HBAR": 8, "LINK": 18, "LTC": 8, "MATIC": 18, "NEAR": 24, "OP": 18, "PAXG": 18,
    "POL": 18, "PYUSD": 6, "SHIB": 18, "SOL": 9, "STETH": 18, "TON": 9, "TRX": 6, "TUSD": 18,
    "UNI": 18, "USDC": 6, "USDP": 18, "USDT": 6, "WBTC": 8, "WETH": 18, "XBT": 8, "XLM": 7, "XMR": 12,
    "XRP": 6, "XTZ": 6, "ZEC": 8,
}  # fmt: skip
DECIMALS: Mapping[str, int | None] = (
    dict.fromkeys(_TWO.split(), 2)
    | dict.fromkeys(_NONE.split(), 0)
    | dict.fromkeys(_THREE.split(), 3)
    | dict.fromkeys(_FOUR.split(), 4)
    | dict.fromkeys(_WITHOUT.split(), None)
    | CRYPTO
)
SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}  # as amounts are written here
# As others write them. A sign of several currencies names none by itself.
NAMED = {
    "€": ("EUR",), "£": ("GBP",), "₹": ("INR",), "₩": ("KRW",), "₺": ("TRY",), "₽": ("RUB",),
    "₴": ("UAH",), "₪": ("ILS",), "₫": ("VND",), "฿": ("THB",), "₦": ("NGN",), "₱": ("PHP",),
    "₿": ("BTC",), "Ξ": ("ETH",), "US$": ("USD",), "C$": ("CAD",), "CA$": ("CAD",), "A$": ("AUD",),
    "AU$": ("AUD",), "NZ$": ("NZD",), "HK$": ("HKD",), "S$": ("SGD",), "R$": ("BRL",), "MX$": ("MXN",),
    "¥": ("JPY", "CNY"), "$": ("USD",), "KR": ("DKK", "ISK", "NOK", "SEK"), "ZŁ": ("PLN",),
    "ZL": ("PLN",), "KČ": ("CZK",), "KC": ("CZK",), "FT": ("HUF",), "LEI": ("RON",), "TL": ("TRY",),
    "RM": ("MYR",), "RS": ("INR", "LKR", "NPR", "PKR"), "円": ("JPY",), "元": ("CNY",), "원": ("KRW",),
    "FR": ("CHF",), "SFR": ("CHF",),
    "DOLLAR": ("USD",), "DOLLARS": ("USD",), "BUCKS": ("USD",), "QUID": ("GBP",),
    "EURO": ("EUR",), "EUROS": ("EUR",), "POUND": ("GBP",),
    "POUNDS": ("GBP",), "YEN": ("JPY",), "BITCOIN": ("BTC",), "ETHER": ("ETH",),
}  # fmt: skip
_DOLLARS = "USD CAD AUD NZD HKD SGD MXN TWD ARS CLP COP BMD BSD BBD JMD TTD FJD"
DOLLARS = frozenset(_DOLLARS.split())


def is_known(currency: str) -> bool:
    return currency in DECIMALS


def decimals(currency: str) -> int | None:
    """Return how many decimals a currency has; None for one that has no minor unit, or is not known."""
    return DECIMALS.get(currency)


def plain(amount: Decimal, currency: str) -> str:
    """Return an amount as a decimal string with its currency's decimals: ``412.50``, ``9000`` yen.

    What is finer than the currency stays; nothing is rounded.
    """
    return _written(amount, currency, "f")


def money(amount: Decimal, currency: str) -> str:
    """Return an amount as people read it, in full: ``$412.50``, ``NOK 148,260.00``, ``KWD 1.250``."""
    digits = _written(amount.copy_abs(), currency, ",f")
    minus = "−" if amount < 0 else ""
    sign = SIGNS.get(currency)
    return f"{minus}{sign}{digits}" if sign else f"{currency} {minus}{digits}".strip()


def _written(amount: Decimal, currency: str, form: str) -> str:
    whole, _, fraction = format(amount, form).partition(".")
    fraction = fraction.rstrip("0")
    usual = decimals(currency)
    if usual is None:  # nothing says how many; a fraction is seldom of one digit
        usual = 2 if fraction or not currency else 0
    fraction = fraction.ljust(usual if usual <= PADDED else 2, "0")
    return f"{whole}.{fraction}" if fraction else whole


def fits(amount: Decimal) -> bool:
    """Return whether the database holds an amount exactly."""
    return bool(MONEY.fullmatch(f"{amount:f}"))


def cut(amount: Decimal) -> Decimal:
    """Return an amount without idle zeros, which only a database adds."""
    whole = amount.to_integral_value(ROUND_DOWN, EXACT)
    return whole if whole == amount else amount.normalize(EXACT)
