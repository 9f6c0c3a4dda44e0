"""Carrying out a click: the same decision through the same door as on the page.

Who clicked is whoever showed that the Slack account is theirs; whether the case may be answered in a
chat is asked again, of the case as it stands.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from escalation import answers, ledger, lifecycle
from escalation.errors import AlreadyDecided, EscalationError, EvidenceChanged
from escalation.models import Case, Decision, User
from escalation.withholding import Sight
from reviewers.chat import choices
from reviewers.chat.clicks import Click
from reviewers.enums import ContactKind
from reviewers.models import ContactPoint, Notice
from reviewers.notices import inbox


@dataclass(frozen=True)
class Answer:
    """What the person reads. ``settled``: nothing is left to click, so the message changes."""

    said: str
    case: Case | None = None
    settled: bool = False


def answer(click: Click, *, at: datetime) -> Answer:
    """Record what was clicked, or say why it was not. Raises nothing that a person can cause."""
    notice = Notice.objects.select_related("case").filter(pk=click.notice).first()
    user = person(click.slack_user)
    if user is None:
        return Answer(
            "Nobody here has said that this Slack account is theirs. "
            "Confirm it under Account, How to reach you; then click again."
        )
    if notice is None or notice.case is None or notice.user_id != user.pk:
        return Answer("This message was not sent to you. Nothing was recorded.")
    try:
        return _answer(notice, notice.case, click, user, at)
    except AlreadyDecided:
        return Answer(_decided(notice.case, user), notice.case, settled=True)
    except EvidenceChanged as refusal:
        return Answer(str(refusal), notice.case, settled=True)
    except EscalationError as refusal:
        return Answer(f"{refusal} Nothing was recorded.", notice.case)


@transaction.atomic
def _answer(notice: Notice, case: Case, click: Click, user: User, at: datetime) -> Answer:
    locked = Case.objects.locked(case.pk)  # what is checked here is what is decided on
    if refused := "" if locked.is_ended else choices.refusal(locked):
        return Answer(refused, case, settled=True)
    option = case.option(click.option)
    if not choices.in_chat(option):
        return Answer(f"“{option.label}” is given on the page.", case)
    digest = Sight(locked, user).digest_named(click.version)
    made = lifecycle.decide(case.pk, option.key, digest=digest, by=user, at=at)
    ledger.append(
        "case.answered_in_chat", subject=case, by=user, at=at, notice=str(notice.pk),
        option=option.key, channel=ContactKind.SLACK.value, account=click.slack_user,
    )  # fmt: skip
    inbox.see(user, notice.pk, at=at)
    return Answer(_recorded(case, option.label, made), case, settled=True)


def person(slack_user: str) -> User | None:
    """Return whose Slack account it is: of those still here, the only one who confirmed it."""
    held = ContactPoint.objects.filter(
        kind=ContactKind.SLACK,
        address=slack_user,
        confirmed_at__isnull=False,
    ).select_related("user")
    found = {contact.user_id: contact.user for contact in held if contact.user.is_open}
    return found.popitem()[1] if len(found) == 1 else None


def _recorded(case: Case, label: str, made: object) -> str:
    if isinstance(made, Decision):
        return f"Recorded: “{label}” on {case.reference}, as your decision."
    return (
        f"Recorded: “{label}” on {case.reference}, as your answer. "
        "Others must agree before the agent goes on."
    )


def _decided(case: Case, user: User) -> str:
    decision = answers.standing_decision(case)
    if decision is None:
        return f"{case.reference} is closed."
    label = decision.option.label if decision.option else "no answer in time"
    if decision.decided_by_id == user.pk:
        return f"Already recorded: “{label}” on {case.reference}, as your decision."
    return f"{case.reference} is already decided: “{label}”, by {decision.decider}."
