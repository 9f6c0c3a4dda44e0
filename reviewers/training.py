"""Training: what a person is competent in, and what happens as it lapses."""

from datetime import datetime, timedelta

from django.db import transaction

from escalation import effects, ledger
from escalation.actors import CLOCK, Actor
from escalation.enums import EffectKind
from escalation.models import Competence, Role, User
from reviewers import hands, shifts
from reviewers.enums import NoticeKind
from reviewers.models import Membership
from reviewers.notices import inbox

WARNING = timedelta(days=14)


@transaction.atomic
def certify(
    user: User, name: str, *, since: datetime, expires_at: datetime | None, by: Actor, at: datetime
) -> Competence:
    """Put on record that a person is trained in something, and plan with it."""
    competence = Competence.objects.create(user=user, name=name, since=since, expires_at=expires_at)
    ledger.append("competence.certified", subject=user, by=by, at=at, **_facts(competence))
    look_at(competence, at=at, by=by)
    return competence


@transaction.atomic
def end(competence: Competence, *, by: Actor, at: datetime) -> None:
    """Let a competence lapse now; it stays on record as held until then."""
    competence.expires_at = max(at, competence.since + timedelta(microseconds=1))
    competence.save(update_fields=["expires_at"])
    ledger.append("competence.ended", subject=competence.user, by=by, at=at, **_facts(competence))
    look_at(competence, at=at, by=by)


@transaction.atomic
def look_at(competence: Competence, *, at: datetime, by: Actor = CLOCK) -> None:
    """Plan the roles that ask for it as it stands, warn when it soon lapses, and look again then.

    Once it has lapsed, the cases that the person has of those roles go back to them.
    """
    lapses = competence.expires_at
    if lapses and lapses - WARNING <= at < lapses:
        _warn(competence, lapses, at=at)
    coming = [competence.since] + ([lapses - WARNING, lapses] if lapses else [])
    if due := [instant for instant in coming if instant > at]:
        effects.schedule(EffectKind.COMPETENCE, competence.pk, due_at=min(due))
    else:
        effects.done(EffectKind.COMPETENCE, [competence.pk], at=at)
    roles = _roles(competence)
    for role in roles:
        shifts.plan_again(role, by=by, at=at)
    if not _is_trained(competence, at):
        why = f"Whoever had it is not trained in {competence.name} any more."
        hands.give_back_all(competence.user, roles, why=why, by=by, at=at)


def _is_trained(competence: Competence, at: datetime) -> bool:
    same = Competence.objects.filter(user=competence.user, name=competence.name)
    return same.valid(at).exists()


def _roles(competence: Competence) -> list[Role]:
    held = Membership.objects.filter(user=competence.user).values("role")
    return list(
        Role.objects.filter(pk__in=held, competences__contains=[competence.name]).order_by("pk")
    )


def _warn(competence: Competence, lapses: datetime, *, at: datetime) -> None:
    inbox.tell(
        competence.user,
        NoticeKind.COMPETENCE,
        about=f"competence:{competence.pk}:{lapses.isoformat()}",
        text=f"Your training in {competence.name} lapses on {lapses:%-d %B %Y}. "
        "From then on you get no cases that need it.",
        path="/account/reach/",
        at=at,
    )


def _facts(competence: Competence) -> dict[str, str | None]:
    lapses = competence.expires_at
    return {
        "name": competence.name,
        "since": ledger.instant(competence.since),
        "expires_at": ledger.instant(lapses) if lapses else None,
    }
