"""Names, codes and digits as a reader sees them: one spelling for all that looks the same.

After Unicode's own compatibility form (full width, ligatures, mathematical letters) these are the
letters of other scripts that stand in for Latin ones: our own short list from Unicode's confusables.
"""

import unicodedata

_LOOKS = {
    "a": "аɑαⱥӕᴀ", "b": "ЬƄɓЪʙ", "c": "сϲᴄƈ", "d": "ԁɗժᏧᴅđ", "e": "еєҽɛɘ℮εᴇ", "f": "ғƒϝꜰ",
    "g": "ɡցɢǥ", "h": "һհԋʜħ", "i": "іιıɩӏᎥɪ", "j": "јϳʝᴊ", "k": "кκᴋƙ", "l": "ǀלւʟł",
    "m": "мᴍ", "n": "пηոռɴŋ", "o": "оοσօøоఠסᴏө", "p": "рρᴘҏþ", "q": "ԛզգ", "r": "гᴦɼʀ",
    "s": "ѕʂꜱ", "t": "тτᴛŧ", "u": "υսцʋᴜμ", "v": "νѵᴠ", "w": "ѡԝωᴡա", "x": "хχ×", "y": "уүγʏ",
    "z": "ᴢʐ",
    "A": "АΑᎪ", "B": "ВΒᏴ", "C": "СϹᏟ", "D": "ᎠÐ", "E": "ЕΕᎬ", "F": "Ϝ", "G": "ԌᏀ", "H": "НΗᎻ",
    "I": "ІΙӀ", "J": "ЈᎫ", "K": "КΚᏦ", "L": "Ꮮ", "M": "МΜᎷ", "N": "ΝИ", "O": "ОΟՕØӨ", "P": "РΡᏢ",
    "Q": "Ԛ", "R": "ᏒЯ", "S": "ЅᏚ", "T": "ТΤᎢ", "U": "ՍЦ", "V": "ѴᏙ", "W": "ᎳԜ", "X": "ХΧ",
    "Y": "УΥҮ", "Z": "ΖᏃ",
    "-": "‐‑‒–—−﹣⁃",
    "'": "’‘ʼ′",
}  # fmt: skip
SKELETON = str.maketrans(
    {look: latin for latin, looks in _LOOKS.items() for look in looks if look != latin}
)
HIDDEN = frozenset(("Cf", "Cc", "Mn", "Me", "Cn", "Co", "Cs"))
FILLERS = frozenset(
    "\u115f\u1160\u3164\uffa0\u2800"
)  # letters and symbols by name, blank to the eye


def skeleton(text: str) -> str:
    """Return text as it looks, in Latin letters and ASCII digits; capitals stay capitals."""
    if text.isascii() and text.isprintable():
        return text
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text))
    seen = "".join(
        _digit(c) for c in decomposed if unicodedata.category(c) not in HIDDEN and c not in FILLERS
    )
    return seen.translate(SKELETON)


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)
