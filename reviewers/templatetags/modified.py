"""What an answer changes of the proposal, and all that the agent acts with then, on every page."""

from typing import Any

from django import template

from escalation.cases.arguments import acts_with
from escalation.models import Case, Decision, Option
from escalation.money.declared import mark_minor
from reviewers.modified import between

register = template.Library()
Json = dict[str, Any]


@register.inclusion_tag("reviewers/_acts_with.html")
def answered_with(case: Case, proposal: Json | None, option: Option, filled: Json | None) -> Json:
    """Set what an answer that is not yet a decision changes, and what its agent would act with."""
    return _shown(case, proposal, option, filled, acts_with(proposal, option, filled))


@register.inclusion_tag("reviewers/_acts_with.html")
def decided_with(case: Case, proposal: Json | None, decision: Decision) -> Json:
    """Set what a decision changed, and what its agent acts with, as it stands on the record."""
    return _shown(case, proposal, decision.option, decision.parameters, decision.arguments)


def _shown(
    case: Case,
    proposal: Json | None,
    option: Option | None,
    filled: Json | None,
    arguments: Json | None,
) -> Json:
    permits = arguments is not None
    difference = None
    if option and option.parameters is not None and (permits or filled):
        amount = (proposal or {}).get("amount") or {}
        difference = between(
            (proposal or {}).get("arguments"), filled,
            mark_minor(option.parameters, case.agent.registration.minor_fields(case.action)),
            currency=amount.get("currency", ""),
        )  # fmt: skip
    return {"difference": difference, "permits": permits, "arguments": arguments, "filled": filled}
