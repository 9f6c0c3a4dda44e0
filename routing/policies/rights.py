"""Who may set the desk's policy."""

from escalation.access import may_set_policies
from escalation.errors import NotAuthorised
from escalation.models import User

__all__ = ["check", "may_set_policies"]


def check(user: User) -> None:
    """Raise NotAuthorised unless ``user`` may set the desk's policy."""
    if not may_set_policies(user):
        raise NotAuthorised(f"{user} may not set the desk's policy.")
