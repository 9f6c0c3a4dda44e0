"""Who may see and do what. The only module that knows django-guardian, and the only way to a case.

Reading and deciding are permissions on a role. Being an administrator gives neither: somebody who
runs the desk reads no evidence unless they hold a role or are an auditor.
"""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, Permission
from django.db.models import Q, QuerySet
from guardian.shortcuts import (
    assign_perm,
    get_objects_for_user,
    get_users_with_perms,
    remove_perm,
)

from escalation.models import Agent, Case, Role, User

READ = "escalation.read_cases"
DECIDE = "escalation.decide_cases"
AUDIT = "audit_desk"


def grant(permission: str, user: User, role: Role) -> None:
    assign_perm(permission, user, role)


def revoke(permission: str, user: User, role: Role) -> None:
    remove_perm(permission, user, role)


def roles_with(permission: str, user: User | AnonymousUser) -> QuerySet[Role]:
    """Return the roles on which ``user`` holds ``permission``; superusers hold none by being so."""
    if not user.is_active:
        return Role.objects.none()
    found: QuerySet[Role] = get_objects_for_user(
        user, permission, Role, with_superuser=False, accept_global_perms=False
    )
    return found


def deciders(role: Role, ids: Iterable[UUID]) -> set[UUID]:
    """Return which of these people decide for the role."""
    holding = get_users_with_perms(role, only_with_perms_in=["decide_cases"])
    assert isinstance(holding, QuerySet)  # a dict only when permissions are asked to come along
    return set(holding.filter(pk__in=list(ids), is_active=True).values_list("pk", flat=True))


def may_audit(user: User | AnonymousUser) -> bool:
    """Return whether ``user`` reads the whole record; given by name, not by being a superuser."""
    if not (user.is_authenticated and user.is_active):
        return False
    return (
        Permission.objects.filter(
            codename=AUDIT,
            content_type__app_label="escalation",
        )
        .filter(Q(user=user) | Q(group__user=user))
        .exists()
    )


def cases_for(user: User | AnonymousUser) -> QuerySet[Case]:
    """Return every case that ``user`` may read."""
    if may_audit(user):
        return Case.objects.all()
    return Case.objects.filter(role__in=list(roles_with(READ, user).values_list("pk", flat=True)))


def case_for_reader(user: User | AnonymousUser, name: str) -> Case:
    """Return the case called ``name`` (a reference or an id).

    Raises Case.DoesNotExist both when there is none and when it is not for ``user``.
    """
    case = Case.objects.named(name).select_related("agent", "role").get()
    if may_audit(user) or (case.role and roles_with(READ, user).filter(pk=case.role.pk).exists()):
        return case
    raise Case.DoesNotExist


def may_decide(user: User | AnonymousUser, case: Case) -> bool:
    """Return whether the role that owes the decision is one that ``user`` decides for."""
    return case.role is not None and roles_with(DECIDE, user).filter(pk=case.role.pk).exists()


def case_for_agent(agent: Agent, name: str) -> Case:
    """Return the agent's own case; another agent's is Case.DoesNotExist like one that never was."""
    return Case.objects.named(name).select_related("role").get(agent=agent)
