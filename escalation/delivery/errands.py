"""What the courier is given to do: one call, and what to write down of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from escalation.delivery.lanes import Due, Limits, Place


@dataclass(frozen=True)
class Errand:
    """One call. ``held`` are the effects that it carries out, each with the number of its claim."""

    held: Mapping[UUID, int]
    place: Place
    # On the event loop, without the database, within a limit of its own; raises nothing.
    send: Callable[[], Awaitable[Any]]
    # In a thread with the database, given what ``send`` returned and when; may run late, or never.
    record: Callable[[Any, datetime], None]


class Errands(Protocol):
    """A kind of effect that the courier carries out; ``settings.CARRIERS`` names one for each kind."""

    @property
    def limits(self) -> Limits: ...

    @property
    def by_receiver(self) -> bool:
        """Whether all that is due to one receiver is planned together."""

    def plan(self, due: Sequence[Due], *, at: datetime) -> list[Errand]:
        """Return the calls to make for effects that were just claimed; see to those that need none.

        In a thread with the database. An effect of which nothing is done comes due when its lease ends.
        """
