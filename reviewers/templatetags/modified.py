"""What a reviewer's own parameters change of the proposal, wherever a page shows them."""

from typing import Any

from django import template

from escalation.models import Option
from reviewers.modified import between

register = template.Library()


@register.inclusion_tag("reviewers/_modified.html")
def modified(
    proposal: dict[str, Any] | None, filled: dict[str, Any] | None, option: Option | None = None
) -> dict[str, Any]:
    """Set what ``filled``, given to ``option``, changes of the arguments that the agent proposed."""
    amount = (proposal or {}).get("amount") or {}
    schema = option.parameters if option else None
    arguments = (proposal or {}).get("arguments")
    return {"difference": between(arguments, filled, schema, currency=amount.get("currency", ""))}
