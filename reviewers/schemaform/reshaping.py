"""A row more or less in what was posted, all else as it was typed."""

from collections.abc import Mapping

from reviewers.schemaform.saying import number_of


def reshaped(data: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Return a post with a row more or less, as its button asks, and the name of the row to go on at.

    ``row`` is ``add:p1-2``, or ``remove:p1-2-0`` for the first row of the same list; ``find:p1-3``
    changes nothing, and goes on at a list that is narrowed to what is sought beside it, ``whole:p1-4``
    at a text that was too long to be drawn.
    """
    values = {name: data[name] for name in data}
    act, _, name = data.get("row", "").partition(":")
    if act == "add":
        count = number_of(values.get(f"{name}-count", "")) or 0
        return values | {f"{name}-count": str(count + 1)}, f"{name}-{count}"
    if act in ("find", "whole"):
        return values, name
    rows, _, said = name.rpartition("-")
    gone, count = number_of(said), number_of(values.get(f"{rows}-count", "")) or 0
    if act != "remove" or gone is None or gone >= count:
        return values, ""
    kept = {}
    for key, value in values.items():
        number = _row_of(key, rows)
        if number is None or number < gone:
            kept[key] = value
        elif number > gone:
            kept[f"{rows}-{number - 1}{key[len(f'{rows}-{number}') :]}"] = value
    last = max(0, min(gone, count - 2))
    return kept | {f"{rows}-count": str(count - 1)}, f"{rows}-{last}"


def _row_of(key: str, rows: str) -> int | None:
    """Return in which row of a list a field stands; None for one elsewhere."""
    if not key.startswith(f"{rows}-"):
        return None
    return number_of(key[len(rows) + 1 :].partition("-")[0])
