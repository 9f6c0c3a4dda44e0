"""What is left out of a case's page for now, said in words: how much, what it is, and until when."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from escalation.enums import StepKind

OF_STEPS = {
    StepKind.CONCLUSION: gettext_lazy("what the agent concluded"),
    StepKind.REASONING: gettext_lazy("how the agent reasoned"),
}
OF_PROPOSAL = {
    "reasoning": gettext_lazy("why the agent proposes this"),
    "confidence": gettext_lazy("how sure the agent is"),
}


def until(*, will_answer: bool) -> str:
    """Return until when it is withheld, for who may still answer and for who only reads."""
    return (
        _("withheld until you have answered") if will_answer else _("withheld until it is decided")
    )


def steps(kinds: Sequence[StepKind], until_when: str) -> str:
    """Return one sentence on steps of these kinds; empty where there are none."""
    if not kinds:
        return ""
    what = _and([str(said) for kind, said in OF_STEPS.items() if kind in kinds])
    many = ngettext("%(count)s step is", "%(count)s steps are", len(kinds)) % {"count": len(kinds)}
    return f"{many} {until_when}: {what}."


def proposal(parts: Sequence[str], until_when: str) -> str:
    """Return one sentence on parts of the proposal; empty where none is left out."""
    if not parts:
        return ""
    what = _and([str(OF_PROPOSAL[part]) for part in parts])
    return f"{until_when[:1].upper()}{until_when[1:]}: {what}."


def talk(count: int, until_when: str) -> str:
    """Return one sentence on comments and opinions that are left out; empty where none is."""
    if not count:
        return ""
    many = ngettext(
        "%(count)s comment or opinion is", "%(count)s comments and opinions are", count
    ) % {"count": count}
    why = _("whoever said it may have answered already.")
    return f"{many} {until_when}: {why}"


def _and(said: list[str]) -> str:
    return _(" and ").join(said)
