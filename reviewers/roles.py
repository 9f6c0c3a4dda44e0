"""What a role is, as its managers change it, and who manages, supervises and audits it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from escalation import access, ledger
from escalation.actors import Actor
from escalation.models import Role, User
from reviewers import rosters, shifts


@transaction.atomic
def record_change(role: Role, *, by: Actor, at: datetime) -> None:
    """Put the role, as it is saved now, on the record, and plan its shifts with it."""
    ledger.append(
        "role.changed",
        subject=role,
        by=by,
        at=at,
        slug=role.slug,
        name=role.name,
        time_zone=role.time_zone,
        calendar=str(role.calendar) if role.calendar else None,
        backup_role=role.backup_role.slug if role.backup_role else None,
        higher_role=role.higher_role.slug if role.higher_role else None,
        limits={limit.currency: f"{limit.amount.normalize():f}" for limit in role.limits.all()},
        categories=role.categories,
        competences=role.competences,
        least_on_shift=role.least_on_shift,
        requires_mfa=role.requires_mfa,
    )
    rosters.roster_of(role)
    shifts.plan_again(role, by=by, at=at)


@transaction.atomic
def set_holders(right: str, role: Role, wanted: Iterable[User], *, by: Actor, at: datetime) -> None:
    """Let exactly these people hold a right on the role. Who holds it already is left alone."""
    held, wanted = set(access.holders(right, role)), set(wanted)
    for user in wanted - held:
        access.grant(right, user, role)
        ledger.append("right.given", subject=role, by=by, at=at, right=right, user=str(user.pk))
    for user in held - wanted:
        access.revoke(right, user, role)
        ledger.append("right.taken", subject=role, by=by, at=at, right=right, user=str(user.pk))
