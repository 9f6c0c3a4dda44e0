"""Who may see and do what. The only module that knows django-guardian, and the only way to a case.

Rights are permissions on a role. Being an administrator gives none of them: somebody who runs the
desk reads no evidence. A person limited to tenants sees only those tenants' cases, by any right.

Whoever may both audit and do what is audited wears one hat at a time: the session says which
(``User.acting_as``). Without a session they are a reviewer, never both.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, Permission
from django.db import connection
from django.db.models import Q, QuerySet
from guardian.models import GroupObjectPermission, UserObjectPermission
from guardian.shortcuts import assign_perm, get_users_with_perms, remove_perm

from escalation.models import Agent, Case, Role, User

READ = "escalation.read_cases"
DECIDE = "escalation.decide_cases"
SUPERVISE = "escalation.supervise_team"
OVERTURN = "escalation.overturn_decisions"
MANAGE = "escalation.manage_roster"
AUDIT_ROLE = "escalation.audit_cases"
AUDIT = "audit_desk"  # the whole record; a permission by itself, not on a role
SET_POLICIES = "routing.set_policies"  # for the whole desk as well

WORK = frozenset(
    {DECIDE, SUPERVISE, OVERTURN, MANAGE}
)  # what an auditor must not have at the same time
DESK = "the whole desk"
REVIEWER, AUDITOR = HATS = "reviewer", "auditor"

Anyone = AbstractBaseUser | AnonymousUser | Agent


def grant(permission: str, user: User, role: Role) -> None:
    assign_perm(permission, user, role)


def revoke(permission: str, user: User, role: Role) -> None:
    remove_perm(permission, user, role)


@dataclass(frozen=True)
class Rights:
    """What somebody may do: by permission, the ids of the roles on which they hold it."""

    on: dict[str, frozenset[UUID]] = field(default_factory=dict)
    desk: bool = False  # audits the whole desk
    runs_desk: bool = False  # a superuser, who manages every roster
    sets_policies: bool = False
    keeps_agents: bool = False

    def roles(self, permission: str) -> frozenset[UUID]:
        """Return where the permission is held; who supervises or overturns also reads the cases."""
        held = self.on.get(permission, frozenset())
        if permission != READ:
            return held
        return held.union(*(self.on.get(also, frozenset()) for also in (SUPERVISE, OVERTURN)))

    @property
    def audits(self) -> bool:
        return self.desk or bool(self.on.get(AUDIT_ROLE))

    @property
    def works(self) -> bool:
        return self.runs_desk or not WORK.isdisjoint(self.on)

    @property
    def is_both(self) -> bool:
        return self.audits and self.works

    def under(self, hat: str) -> "Rights":
        """Return what is left under a hat; without one an auditor who works here is a reviewer."""
        if hat == AUDITOR:
            on = {AUDIT_ROLE: self.roles(AUDIT_ROLE)} if self.audits else {}
            return replace(self, on=on, runs_desk=False, sets_policies=False)
        if not self.is_both:
            return self
        on = {name: roles for name, roles in self.on.items() if name != AUDIT_ROLE}
        return replace(self, on=on, desk=False)


NOTHING = Rights()


# Written out: asked with every page, and the ORM takes longer to put it together than PostgreSQL to
# answer it.
HELD = """
    SELECT permission.codename, given.object_pk
    FROM (SELECT permission_id, object_pk FROM guardian_userobjectpermission
          WHERE user_id = %(user)s
          UNION SELECT by_group.permission_id, by_group.object_pk
          FROM guardian_groupobjectpermission AS by_group
          JOIN escalation_user_groups AS member USING (group_id)
          WHERE member.user_id = %(user)s) AS given
    JOIN auth_permission AS permission ON permission.id = given.permission_id
    JOIN django_content_type AS kind ON kind.id = permission.content_type_id
    WHERE (kind.app_label, kind.model) = ('escalation', 'role')
    UNION ALL
    SELECT permission.codename, '' FROM auth_permission AS permission
    JOIN django_content_type AS kind ON kind.id = permission.content_type_id
    WHERE (kind.app_label, permission.codename) IN (
            ('escalation', 'audit_desk'), ('escalation', 'change_agent'), ('routing', 'set_policies'))
      AND permission.id IN (
            SELECT permission_id FROM escalation_user_user_permissions WHERE user_id = %(user)s
            UNION SELECT permission_id FROM auth_group_permissions
            JOIN escalation_user_groups AS member USING (group_id) WHERE member.user_id = %(user)s)
"""


def held(user: Anyone) -> Rights:
    """Return all that ``user`` holds under whatever hat, in one query; an agent holds nothing."""
    if not (isinstance(user, User) and user.is_open):
        return NOTHING
    with connection.cursor() as cursor:
        cursor.execute(HELD, {"user": user.pk})
        rows = cursor.fetchall()
    on: dict[str, set[UUID]] = defaultdict(set)
    for codename, role_id in rows:
        if role_id:
            on[f"escalation.{codename}"].add(UUID(role_id))
    whole = {codename for codename, role_id in rows if not role_id}
    return Rights(
        {name: frozenset(roles) for name, roles in on.items()},
        AUDIT in whole,
        user.is_superuser,
        user.is_superuser or "set_policies" in whole,
        user.is_superuser or "change_agent" in whole,
    )


def rights(user: Anyone) -> Rights:
    """Return what ``user`` may do under the hat that they wear."""
    return held(user).under(getattr(user, "acting_as", ""))


def roles_with(permission: str, user: Anyone) -> QuerySet[Role]:
    """Return the roles on which ``user`` holds ``permission``; superusers hold none by being so."""
    return Role.objects.filter(pk__in=rights(user).roles(permission))


def managed_roles(user: Anyone) -> QuerySet[Role]:
    """Return the roles whose rosters ``user`` edits; superusers edit all. It shows them no case."""
    found = rights(user)
    every = Role.objects.all()
    return every if found.runs_desk else every.filter(pk__in=found.roles(MANAGE))


def may_manage(user: Anyone, role: Role) -> bool:
    found = rights(user)
    return found.runs_desk or role.pk in found.roles(MANAGE)


def rosters_of(user: Anyone) -> QuerySet[Role]:
    """Return the roles of which ``user`` sees who is on call: theirs to work, manage or audit."""
    found = rights(user)
    every = Role.objects.all()
    if found.desk or found.runs_desk:
        return every
    mine = found.roles(READ) | found.roles(MANAGE) | found.roles(AUDIT_ROLE)
    return every.filter(pk__in=mine)


def managers(role: Role) -> list[User]:
    """Return who was given the management of the role's roster; superusers only if they were too."""
    return holders(MANAGE, role)


def holders(permission: str, role: Role) -> list[User]:
    """Return who was given a right on the role and is still here."""
    holding = get_users_with_perms(role, only_with_perms_in=[permission.partition(".")[2]])
    assert isinstance(holding, QuerySet)
    return list(holding.filter(is_active=True).order_by("username"))


def readers(case: Case) -> list[User]:
    """Return who works with a case: reads for its role or supervises it, and is not kept from its tenant."""
    on_role = {
        "permission__codename__in": [name.partition(".")[2] for name in (READ, SUPERVISE)],
        "permission__content_type__app_label": "escalation",
        "object_pk": str(case.role_id),
    }
    own = UserObjectPermission.objects.filter(**on_role).values("user")
    group = GroupObjectPermission.objects.filter(**on_role).values("group__user")
    found = User.objects.filter(Q(pk__in=own) | Q(pk__in=group), is_active=True)
    return [one for one in found.order_by("username") if within_tenants(one, case.tenant)]


def over_the_desk() -> list[User]:
    """Return who audits the whole desk, and who runs it where nobody does."""
    held = Permission.objects.filter(codename=AUDIT, content_type__app_label="escalation")
    given = Q(user_permissions__in=held) | Q(groups__permissions__in=held)
    active = User.objects.filter(is_active=True)
    auditors = list(active.filter(given).distinct().order_by("username"))
    return auditors or list(active.filter(is_superuser=True).order_by("username"))


def deciders(role: Role, ids: Iterable[UUID]) -> set[UUID]:
    """Return which of these people decide for the role."""
    holding = get_users_with_perms(role, only_with_perms_in=["decide_cases"])
    assert isinstance(holding, QuerySet)  # a dict only when permissions are asked to come along
    return set(holding.filter(pk__in=list(ids), is_active=True).values_list("pk", flat=True))


def deciders_of(role_ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """Return who decides for each of these roles, those who left aside, in one query."""
    found: dict[UUID, set[UUID]] = {role_id: set() for role_id in role_ids}
    on_role = {
        "permission__codename": DECIDE.partition(".")[2],
        "permission__content_type__app_label": "escalation",
        "object_pk__in": [str(role_id) for role_id in found],
    }
    own = UserObjectPermission.objects.filter(user__is_active=True, **on_role)
    group = GroupObjectPermission.objects.filter(group__user__is_active=True, **on_role)
    by_group = group.values_list("object_pk", "group__user")
    for role_id, user_id in own.values_list("object_pk", "user").union(by_group):
        found[UUID(role_id)].add(user_id)
    return found


def knows_policy(user: Anyone, found: Rights | None = None) -> bool:
    """Return whether ``user`` sees the desk's policy: all who work here, audit it or set it."""
    found = found or rights(user)
    return found.runs_desk or found.desk or bool(found.on) or _sets(user)


def may_set_policies(user: Anyone) -> bool:
    """Return whether ``user`` drafts and publishes policy; under an auditor's hat nobody does."""
    return getattr(user, "acting_as", "") != AUDITOR and _sets(user)


def _sets(user: Anyone) -> bool:
    return isinstance(user, User) and user.has_perm(SET_POLICIES)


def policy_setters() -> QuerySet[User]:
    """Return everybody who may publish what another has drafted, superusers among them."""
    permission = Q(codename="set_policies", content_type__app_label="routing")
    holding = Permission.objects.filter(permission)
    given = Q(user_permissions__in=holding) | Q(groups__permissions__in=holding)
    found = User.objects.filter(given | Q(is_superuser=True), is_active=True)
    return found.distinct().order_by("first_name", "username")


# Whose cases -------------------------------------------------------------------------------------


def tenants_of(user: Anyone) -> tuple[str, ...] | None:
    """Return the tenants to which ``user`` is limited; None: to none."""
    limits: Sequence[str] = getattr(user, "tenants", ())
    return tuple(sorted(set(limits) - {""})) if limits else None


def within_tenants(user: Anyone, tenant: str) -> bool:
    """Return whether a tenant is theirs. No tenant at all is nobody's who is limited to some."""
    limits = tenants_of(user)
    return limits is None or tenant in limits


@dataclass(frozen=True)
class Reach:
    """Whose cases: those of some roles (or the whole desk's), of some tenants (None: of any)."""

    role_ids: frozenset[UUID] = frozenset()
    tenants: tuple[str, ...] | None = None
    desk: bool = False

    def of(self, cases: QuerySet[Case]) -> QuerySet[Case]:
        """Return those of ``cases`` that lie within."""
        if not self.desk:
            cases = cases.filter(role__in=self.role_ids)
        return cases if self.tenants is None else cases.filter(tenant__in=self.tenants)

    def covers(self, case: Case) -> bool:
        return (self.desk or case.role_id in self.role_ids) and (
            self.tenants is None or case.tenant in self.tenants
        )

    @cached_property
    def roles(self) -> list[Role]:
        """The roles themselves, asked for once."""
        every = Role.objects.all()
        return list(every if self.desk else every.filter(pk__in=self.role_ids))

    def said(self) -> str:
        """Return the reach in words, for the head of an export."""
        roles = DESK if self.desk else _listed("role", [r.slug for r in self.roles])
        return roles if self.tenants is None else f"{roles}; {_listed('tenant', self.tenants)}"


def _listed(what: str, names: Sequence[str]) -> str:
    return f"{what}{'' if len(names) == 1 else 's'} {', '.join(names) or 'none'}"


# Whoever has asked for the rights of ``user`` already gives them as ``found``; they cost a query.


def reading(user: Anyone, found: Rights | None = None) -> Reach:
    """Return the cases that ``user`` may read: of the roles they read for, or that they audit."""
    found = found or rights(user)
    roles = found.roles(READ) | found.roles(AUDIT_ROLE)
    return Reach(roles, tenants_of(user), found.desk)


def working(user: Anyone, found: Rights | None = None) -> Reach:
    """Return the cases that ``user`` works with: reads, and not as an auditor."""
    return Reach((found or rights(user)).roles(READ), tenants_of(user))


def deciding(user: Anyone, found: Rights | None = None) -> Reach:
    """Return the cases that ``user`` decides, as far as rights and tenants go."""
    return Reach((found or rights(user)).roles(DECIDE), tenants_of(user))


def auditing(user: Anyone) -> Reach | None:
    """Return whose record ``user`` reads and exports; None: they are no auditor in this session."""
    found = rights(user)
    if not found.audits:
        return None
    return Reach(found.roles(AUDIT_ROLE), tenants_of(user), found.desk)


def cases_for(user: Anyone) -> QuerySet[Case]:
    """Return every case that ``user`` may read."""
    return reading(user).of(Case.objects.all())


def case_for_reader(user: Anyone, name: str) -> Case:
    """Return the case called ``name`` (a reference or an id).

    Raises Case.DoesNotExist both when there is none and when it is not for ``user``.
    """
    return case_within(reading(user), name)


def case_within(reach: Reach, name: str) -> Case:
    """Return the case called ``name``, else Case.DoesNotExist, as for one that lies outside."""
    case = Case.objects.named(name).select_related("agent", "role", "terms").get()
    if reach.covers(case):
        return case
    raise Case.DoesNotExist


def may_decide(user: Anyone, case: Case) -> bool:
    """Return whether the role that owes the decision is one that ``user`` decides for."""
    return deciding(user).covers(case)


def may(permission: str, user: Anyone, case: Case) -> bool:
    """Return whether ``user`` holds a right on the role of a case, and is not limited to other tenants."""
    return Reach(rights(user).roles(permission), tenants_of(user)).covers(case)


def case_for_agent(agent: Agent, name: str) -> Case:
    """Return the agent's own case; another agent's is Case.DoesNotExist like one that never was."""
    return Case.objects.named(name).select_related("role").get(agent=agent)
