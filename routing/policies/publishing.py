"""From draft to policy: published by a second person, put away, or gone back from in one act."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from uuid_utils.compat import uuid7

from escalation import canonical, ledger
from escalation.models import User
from routing.enums import VersionStatus
from routing.errors import PolicyRefused
from routing.models import PolicyVersion, Route, SlaPolicy
from routing.policies import changes, drafting, reading, rights


def obstacle(version: PolicyVersion, user: User) -> str:
    """Return why ``user`` cannot publish the draft; empty when nothing stands in the way."""
    if not rights.may_set_policies(user):
        return f"{user} may not set the desk's policy."
    if user.pk in version.editors:
        return "You edited this draft; somebody else who sets policy publishes it."
    if user.pk == version.drafted_by_id:
        return "You began this draft; somebody else who sets policy publishes it."
    return ""


@transaction.atomic
def publish(*, seen: str, by: User, at: datetime) -> PolicyVersion:
    """Put the draft in force for the cases that come from now on; running cases keep theirs.

    Raises PolicyMoved when it is not as ``by`` saw it any longer, PolicyRefused for whoever drafted
    or edited it and for a draft that changes nothing, NotAuthorised.
    """
    version = drafting.held(seen, by)
    if why := obstacle(version, by):
        raise PolicyRefused(why)
    in_force = PolicyVersion.objects.in_force()
    content = reading.of(version)
    found = changes.between(reading.of(in_force), content)
    if not found:
        raise PolicyRefused(f"The draft says the same as {in_force}; there is nothing to publish.")
    _put_in_force(version, by, at)
    ledger.append(
        "policy.published",
        subject=version,
        by=by,
        at=at,
        number=version.number,
        replaces=in_force.number,
        drafted_by=str(version.drafted_by_id),
        editors=[str(user_id) for user_id in version.editors],
        note=version.note,
        changes=[str(each) for each in found],
        policy=content.as_facts(),
        digest=canonical.digest(canonical.encode(content.as_facts())),
    )
    return version


@transaction.atomic
def discard(*, seen: str, by: User, at: datetime) -> PolicyVersion:
    """Put the draft away; it stays readable, and the next draft begins from what is in force."""
    version = drafting.held(seen, by)
    version.status = VersionStatus.DISCARDED
    version.edited_by, version.edited_at = by, at
    version.save(update_fields=["status", "edited_by", "edited_at"])
    ledger.append("policy.discarded", subject=version, by=by, at=at, revision=version.revision)
    return version


@transaction.atomic
def roll_back(number: int, *, in_force: int, by: User, at: datetime) -> PolicyVersion:
    """Put what version ``number`` says in force again, as a new version. One person may.

    Two people agreed on it once. ``in_force`` is the version that ``by`` saw in force. An open draft
    stays open. Raises PolicyRefused when there is no such version, when it is the one in force, or
    when another has come into force since.
    """
    rights.check(by)
    drafting.lock()
    current = PolicyVersion.objects.in_force()
    wanted = PolicyVersion.objects.filter(number=number).first()
    if current.number != in_force:
        raise PolicyRefused(f"By now {current} is in force; look at what differs first.")
    if wanted is None:
        raise PolicyRefused(f"There is no version {number}.")
    content = reading.of(wanted)
    if not changes.between(reading.of(current), content):
        raise PolicyRefused(f"What {wanted} says is in force already.")
    made = PolicyVersion.objects.create(
        based_on=current, rolls_back_to=wanted, drafted_by=by, drafted_at=at,
        note=f"Back to version {number}.",
    )  # fmt: skip
    _copy(wanted, made)
    _put_in_force(made, by, at)
    ledger.append(
        "policy.rolled_back",
        subject=made,
        by=by,
        at=at,
        number=made.number,
        to=number,
        replaces=current.number,
        digest=canonical.digest(canonical.encode(content.as_facts())),
    )
    return made


def _copy(version: PolicyVersion, into: PolicyVersion) -> None:
    """Give a draft the rows of another version as they stand there."""
    slas = {
        sla.pk: SlaPolicy(version=into, slug=sla.slug, name=sla.name, facts=sla.facts)
        for sla in version.sla_policies.all()
    }
    SlaPolicy.objects.bulk_create(slas.values())
    routes = list(version.routes.all())
    for route in routes:
        route.pk, route.version, route.sla = uuid7(), into, slas[route.sla_id]
    Route.objects.bulk_create(routes)


def _put_in_force(version: PolicyVersion, by: User, at: datetime) -> None:
    """Number the draft, under the lock that all acts on policy hold."""
    last = PolicyVersion.objects.aggregate(last=Max("number"))["last"] or 0
    version.number, version.status = last + 1, VersionStatus.PUBLISHED
    version.published_by, version.published_at = by, at
    version.save(update_fields=["number", "status", "published_by", "published_at"])
