"""Text that somebody else's computer said, such as why it refused: as a record can keep and show it."""

MOST = 500  # characters that are kept


def one_line(text: str, most: int | None = None) -> str:
    """Return text on one line; what breaks lines, is not shown or is no character is a space."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(shown.split())[:most]


def kept_error(text: str) -> str:
    """Return an error as it is written down: of a NUL or half a surrogate no record could be made."""
    return one_line(text, MOST)
