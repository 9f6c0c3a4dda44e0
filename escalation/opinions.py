"""A second opinion: asked of a colleague before answering. It decides nothing."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from escalation import access, comments, ledger
from escalation.eligibility import Eligibility
from escalation.enums import CommentKind
from escalation.errors import AlreadyAsked, NotAuthorised, TextMissing
from escalation.lifecycle import check_decider, check_undecided
from escalation.models import Answer, Case, Comment, OpinionRequest, User


@transaction.atomic
def ask(case_id: UUID, of: User, note: str, *, by: User, at: datetime) -> OpinionRequest:
    """Ask a colleague who could decide the case what they think.

    Raises AlreadyDecided, CaseWithdrawn, NotAuthorised for who may not decide it themselves or asks
    somebody who could not, or has answered, and AlreadyAsked.
    """
    case = Case.objects.locked(case_id)
    check_undecided(case)
    check_decider(case, by, at)
    _check_asked(case, of, by, at)
    try:
        with transaction.atomic():
            asked = OpinionRequest.objects.create(
                case=case, of=of, note=note, asked_by=by, asked_at=at
            )
    except IntegrityError:
        raise AlreadyAsked(
            _("%(person)s has been asked and has not answered yet."), person=of
        ) from None
    ledger.append(
        "case.opinion_asked",
        subject=case,
        by=by,
        at=at,
        private={"note": note},
        request=str(asked.pk),
        user=str(of.pk),
    )
    return asked


def _check_asked(case: Case, of: User, by: User, at: datetime) -> None:
    assert case.role
    if of.pk == by.pk:
        raise NotAuthorised(_("Ask somebody else than yourself."))
    if not access.may_decide(of, case):
        raise NotAuthorised(
            _("%(person)s does not decide for %(role)s."), person=of, role=case.role
        )
    if obstacle := Eligibility.of([of], case.role, at=at).obstacle(of, case):
        raise NotAuthorised(obstacle)
    if Answer.objects.filter(case=case, user=of).exists():
        raise NotAuthorised(
            _("%(person)s has answered %(reference)s; ask somebody who has not."),
            person=of,
            reference=case.reference,
        )


@transaction.atomic
def give(request_id: UUID, text: str, *, key: str = "", by: User, at: datetime) -> Comment:
    """Write the opinion that was asked for: what one thinks, and which option one would choose, if any.

    Raises NotAuthorised for anybody else than who was asked, TextMissing, UnknownOption, and
    AlreadyDecided or CaseWithdrawn when it comes too late to count.
    """
    asked = OpinionRequest.objects.get(pk=request_id)
    case = Case.objects.locked(asked.case_id)
    asked = OpinionRequest.objects.select_for_update(no_key=True).get(pk=request_id)
    if asked.of_id != by.pk:
        raise NotAuthorised(_("Somebody else was asked for this opinion."))
    comments.check_talks(case, by)
    check_undecided(case)
    if asked.opinion_id:
        raise AlreadyAsked(
            _("You have given your opinion on %(reference)s."), reference=case.reference
        )
    if not text.strip():
        raise TextMissing(_("Say what you think, and why."))
    opinion = Comment.objects.create(
        case=case,
        kind=CommentKind.OPINION,
        text=text,
        option=case.option(key) if key else None,
        said_by=by,
        said_at=at,
    )
    asked.opinion = opinion
    asked.save(update_fields=["opinion"])
    ledger.append(
        "case.opinion_given",
        subject=case,
        by=by,
        at=at,
        private={"text": text, "option": key or None},
        request=str(asked.pk),
    )
    return opinion


def wanted_of(user: User, reach: access.Reach) -> list[OpinionRequest]:
    """Return the opinions that are asked of a person, of cases that still wait and that lie within."""
    asked = OpinionRequest.objects.filter(of=user, opinion=None, case__ended_at=None)
    found = asked.select_related("case", "case__role", "asked_by")
    return [one for one in found if reach.covers(one.case)]
