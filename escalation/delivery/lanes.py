"""Who may be called next: limits of what is under way, so that no receiver delays another's. Pure.

A lane is on whose behalf a call is made (an agent, or a channel to people), a receiver is where it
goes (a host, or a person). All that is kept is what is under way now, in this process.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Limits:
    """How many calls are under way at most."""

    total: int
    lane: int  # twice as many where each further one goes to a receiver that has none of this lane
    receiver: int  # of one lane at one receiver


@dataclass(frozen=True)
class Place:
    """What one call takes room of. ``first``: it was not tried before."""

    lane: str
    receiver: str
    first: bool


@dataclass(frozen=True)
class Due:
    """An effect that could be carried out now."""

    id: UUID
    target: UUID
    place: Place
    claims: int = 0


@dataclass(frozen=True)
class Full:
    """What need not be looked at: none of it could start."""

    lanes: list[str] = field(default_factory=list)
    pairs: list[str] = field(default_factory=list)  # "lane receiver"
    receivers: list[str] = field(default_factory=list)
    lanes_of_retries: list[str] = field(default_factory=list)
    pairs_of_retries: list[str] = field(default_factory=list)


def pair(lane: str, receiver: str) -> str:
    return f"{lane} {receiver}"


class UnderWay:
    """The calls that are under way, counted by whose they are and where they go.

    - A lane that has nothing under way comes before those that have: the last quarter of all room is
      kept for such lanes, and past the half a lane has two at most.
    - One receiver never has more than half of all room; past a tenth a lane has one there.
    - What is tried again has half of each room, so that a first try always finds some.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._lanes: Counter[str] = Counter()
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._receivers: Counter[str] = Counter()
        self._retries: Counter[str | tuple[str, str]] = Counter()  # by lane, and by pair
        self.count = self.retries = 0

    def start(self, place: Place) -> None:
        self._count(place, 1)

    def end(self, place: Place) -> None:
        self._count(place, -1)

    def _count(self, place: Place, by: int) -> None:
        both = place.lane, place.receiver
        self.count += by
        counters: list[tuple[Counter[Any], object]] = [
            (self._lanes, place.lane), (self._pairs, both), (self._receivers, place.receiver),
        ]  # fmt: skip
        if not place.first:
            self.retries += by
            counters += [(self._retries, place.lane), (self._retries, both)]
        for counter, key in counters:
            counter[key] += by
            if not counter[key]:
                del counter[key]

    def may_start(self, place: Place) -> bool:
        """Return whether there is room for one more call."""
        limits, both = self.limits, (place.lane, place.receiver)
        of_lane, here = self._lanes[place.lane], self._pairs[both]
        there = self._receivers[place.receiver]
        if self.count >= limits.total or self._is_full(of_lane, here, there):
            return False
        if of_lane and self.count >= limits.total * 3 // 4:
            return False
        if of_lane > 1 and self.count >= limits.total // 2:
            return False
        if place.first:
            return True
        return not (
            self.retries >= limits.total // 2
            or self._retries[place.lane] >= _half(limits.lane)
            or self._retries[both] >= _half(limits.receiver)
        )

    def _is_full(self, of_lane: int, here: int, there: int) -> bool:
        limits = self.limits
        return (
            here >= limits.receiver
            or of_lane >= 2 * limits.lane
            or bool(here and of_lane >= limits.lane)
            or there >= limits.total // 2
            or bool(here and there >= limits.total // 10)
        )

    def full(self) -> Full:
        """Return whose effects are not to be looked at, so that others' come into sight."""
        limits = self.limits
        return Full(
            lanes=[lane for lane, count in self._lanes.items() if count >= 2 * limits.lane],
            pairs=[
                pair(*both)
                for both, here in self._pairs.items()
                if self._is_full(self._lanes[both[0]], here, self._receivers[both[1]])
            ],
            receivers=[one for one, there in self._receivers.items() if there >= limits.total // 2],
            lanes_of_retries=[
                key
                for key, count in self._retries.items()
                if isinstance(key, str) and count >= _half(limits.lane)
            ],
            pairs_of_retries=[
                pair(*key)
                for key, count in self._retries.items()
                if isinstance(key, tuple) and count >= _half(limits.receiver)
            ],
        )

    def admit(self, due: Iterable[Due], *, one_each: bool = False) -> list[Due]:
        """Return those that can start now, of ``due`` in its order. Nothing is started by it.

        ``one_each``: one of a lane and receiver stands for all of theirs.
        """
        admitted: list[Due] = []
        taken: set[tuple[str, str]] = set()
        for one in due:
            both = one.place.lane, one.place.receiver
            if (one_each and both in taken) or not self.may_start(one.place):
                continue
            self.start(one.place)
            taken.add(both)
            admitted.append(one)
        for one in admitted:
            self.end(one.place)
        return admitted


def _half(limit: int) -> int:
    return max(1, limit // 2)
