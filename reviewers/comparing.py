"""Two answers side by side: what is the same and what is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from escalation.cases.arguments import acts_with
from escalation.models import Answer


@dataclass(frozen=True)
class Difference:
    """One line of the comparison; None where an answer says nothing of it."""

    name: str  # empty for the answer itself, else an argument, or what was filled in
    one: Any
    other: Any

    @property
    def is_same(self) -> bool:
        return type(self.one) is type(self.other) and self.one == self.other


def differences(
    one: Answer, other: Answer, proposal: dict[str, Any] | None = None
) -> list[Difference]:
    """Return the answer itself, and each argument that the agent would act with by either of them."""
    first, second = _of(one, proposal), _of(other, proposal)
    names = [Difference(name, first.get(name), second.get(name)) for name in {**first, **second}]
    return [Difference("", one.option.label, other.option.label), *names]


def _of(answer: Answer, proposal: dict[str, Any] | None) -> dict[str, Any]:
    arguments = acts_with(proposal, answer.option, answer.parameters)
    return (answer.parameters or {}) if arguments is None else arguments
