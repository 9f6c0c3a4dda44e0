"""Two answers side by side: what is the same and what is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from escalation.models import Answer


@dataclass(frozen=True)
class Difference:
    """One line of the comparison; None where an answer says nothing of it."""

    name: str  # empty for the answer itself, else what was filled in
    one: Any
    other: Any

    @property
    def is_same(self) -> bool:
        return type(self.one) is type(self.other) and self.one == self.other


def differences(one: Answer, other: Answer) -> list[Difference]:
    """Return the answer itself and each parameter that either filled in."""
    first, second = one.parameters or {}, other.parameters or {}
    filled = [Difference(name, first.get(name), second.get(name)) for name in {**first, **second}]
    return [Difference("", one.option.label, other.option.label), *filled]
