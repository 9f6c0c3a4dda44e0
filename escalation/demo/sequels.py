"""How the demo agent goes on once it is told: from the decision, and the state it gave to be handed back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Sequel:
    """How the agent goes on: what it reports, and how long the work takes it."""

    result: str
    detail: str
    seconds: float


def sequel(decision: Mapping[str, Any]) -> Sequel:
    """Return what the agent does with a decision, read from nothing but the decision.

    A state that holds no stop of this module (a package from the shelf) is told in general terms.
    """
    known, option = decision["state"], decision["option"]
    if decision["permitted"] and decision["outcome"] == "modify":
        arguments = sorted(decision["arguments"].items())
        told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in arguments)
        return Sequel("succeeded", _said(known, f"done as changed, with {told or 'nothing'}"), 3.0)
    if decision["permitted"]:
        return Sequel("succeeded", _said(known, known.get("done", "done as approved")), 4.0)
    if decision["outcome"] == "reject":
        return Sequel("skipped", _said(known, known.get("told", "left undone, as told")), 2.0)
    if decision["outcome"] == "other":
        return Sequel(
            "skipped", _said(known, f"took the way that was chosen instead: {option}"), 2.0
        )
    return Sequel("skipped", _said(known, "nobody said yes, so nothing was done"), 1.0)


def _said(known: Mapping[str, Any], text: str) -> str:
    if "kind" in known:
        return f"{known['what']} ({known['reference']}): {text}."
    return f"{text[0].upper()}{text[1:]}."
