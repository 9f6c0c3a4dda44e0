"""Who may set the desk's policy."""

from escalation import access
from escalation.errors import NotAuthorised
from escalation.models import User

SET_POLICIES = "routing.set_policies"


def may_set_policies(user: User) -> bool:
    """Return whether ``user`` drafts, edits and publishes; an auditor's hat sets nothing."""
    return user.acting_as != access.AUDITOR and user.has_perm(SET_POLICIES)


def check(user: User) -> None:
    """Raise NotAuthorised unless ``user`` may set the desk's policy."""
    if not may_set_policies(user):
        raise NotAuthorised(f"{user} may not set the desk's policy.")
