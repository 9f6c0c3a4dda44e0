"""Serious incidents: reported from a case, told to who answers for it, closed with a conclusion.

By when an authority is to hear of one comes from Article 73 of the EU AI Act; the desk counts the
days from the report, in any time, and tells nobody outside.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from escalation import access, comments, ledger
from escalation.enums import IncidentKind
from escalation.errors import AlreadyClosed, NotAuthorised, TextMissing
from escalation.models import Case, Incident, User

WITHIN = {
    IncidentKind.HARM: timedelta(days=10),
    IncidentKind.WIDESPREAD: timedelta(days=2),
    IncidentKind.RIGHTS: timedelta(days=15),
    IncidentKind.OTHER: timedelta(days=15),
}


@transaction.atomic
def report(case_id: UUID, kind: IncidentKind, text: str, *, by: User, at: datetime) -> Incident:
    """Report a serious incident from a case, ended or not. It changes nothing of the case.

    Raises NotAuthorised for who does not work with the case, and TextMissing.
    """
    case = Case.objects.locked(case_id)
    comments.check_talks(case, by)
    if not text.strip():
        raise TextMissing(_("Say what happened."))
    incident = Incident.objects.create(
        case=case,
        kind=kind,
        text=text,
        reported_by=by,
        reported_at=at,
        notify_by=at + WITHIN[kind],
    )
    ledger.append(
        "incident.reported",
        subject=case,
        by=by,
        at=at,
        private={"text": text},
        incident=str(incident.pk),
        kind=kind,
        notify_by=ledger.instant(incident.notify_by),
    )
    return incident


@transaction.atomic
def close(incident_id: UUID, conclusion: str, *, by: User, at: datetime) -> Incident:
    """Close an incident with what came of it; who supervises the role may.

    Raises NotAuthorised, TextMissing, and AlreadyClosed.
    """
    found = Incident.objects.select_for_update(no_key=True, of=("self",))
    incident = found.select_related("case", "closed_by").get(pk=incident_id)
    if not may_close(by, incident.case):
        raise NotAuthorised(
            _("Only who supervises the role of %(reference)s closes it."),
            reference=incident.case.reference,
        )
    if not conclusion.strip():
        raise TextMissing(_("Say what came of it: it cannot be added to later."))
    if incident.closed_at:
        raise AlreadyClosed(
            _("%(closed_by)s closed it at %(closed_at)s UTC."),
            closed_by=incident.closed_by,
            closed_at=f"{incident.closed_at:%Y-%m-%d %H:%M}",
        )
    incident.closed_by, incident.closed_at, incident.conclusion = by, at, conclusion
    incident.save(update_fields=["closed_by", "closed_at", "conclusion"])
    ledger.append(
        "incident.closed",
        subject=incident.case,
        by=by,
        at=at,
        private={"conclusion": conclusion},
        incident=str(incident.pk),
    )
    return incident


def may_close(user: User, case: Case) -> bool:
    supervised = access.rights(user).roles(access.SUPERVISE)
    return case.role_id in supervised and access.within_tenants(user, case.tenant)


def of_reader(user: User) -> QuerySet[Incident]:
    """Return the incidents of the cases that ``user`` may read, those that are open first."""
    cases = access.cases_for(user)
    found = Incident.objects.filter(case__in=cases)
    return found.select_related("case__role", "case__agent", "reported_by", "closed_by")


def are_open(reach: access.Reach) -> bool:
    return Incident.objects.filter(closed_at=None, case__in=reach.of(Case.objects.all())).exists()


def told(case: Case) -> list[User]:
    """Return who hears of an incident: who manages, supervises and audits the role of its case.

    Where nobody does, whoever audits or runs the desk.
    """
    found: dict[UUID, User] = {}
    for right in (access.SUPERVISE, access.MANAGE, access.AUDIT_ROLE):
        found |= {user.pk: user for user in access.holders(right, case.role)} if case.role else {}
    return list(found.values()) or access.over_the_desk()
