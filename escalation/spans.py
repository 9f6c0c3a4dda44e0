"""Sets of half-open spans of time. Lengths are taken of unions only, so that no overlap hides a gap."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import chain, pairwise

Span = tuple[datetime, datetime]


def union(spans: Iterable[Span]) -> list[Span]:
    """Return the same time in order, joined where spans overlap or meet; empty ones are dropped."""
    found: list[Span] = []
    for since, until in sorted(spans):
        if since >= until:
            continue
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((since, until))
    return found


def both(one: Iterable[Span], other: Iterable[Span]) -> list[Span]:
    """Return the time that is in both."""
    left, right, found = union(one), union(other), []
    i = j = 0
    while i < len(left) and j < len(right):
        since, until = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if since < until:
            found.append((since, until))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return found


def minus(one: Iterable[Span], other: Iterable[Span]) -> list[Span]:
    """Return the time that is in ``one`` and not in ``other``."""
    whole = union(one)
    if not whole:
        return []
    taken = both(whole, other)
    bounds = (whole[0][0], whole[-1][1])
    edges = [bounds[0], *chain.from_iterable(taken), bounds[1]]
    free = [(since, until) for since, until in list(pairwise(edges))[::2] if since < until]
    return both(whole, free)


def total(spans: Iterable[Span]) -> timedelta:
    return sum((until - since for since, until in union(spans)), timedelta())
