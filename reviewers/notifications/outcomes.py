"""What came of sending: written down with each notice and each way, and when to try again."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from escalation import effects
from escalation.enums import EffectKind
from escalation.models import Effect, User
from escalation.values.foreign_text import kept_error
from reviewers.enums import ContactKind, NoticeStatus, SendingStatus
from reviewers.models import ContactPoint, Notice, Sending
from reviewers.notices import channels, inbox
from reviewers.notices.channels import push
from reviewers.notices.channels.results import Tried
from reviewers.notifications import turns
from reviewers.notifications.turns import Way

DEAD_AFTER = 5  # failures in a row, of a way that has failed for
DEAD_FOR = timedelta(minutes=2)  # at least, so that one bad moment in a burst kills none
# what is dead, in case that it lives: its mail server may be mended
ASKED_AGAIN = timedelta(hours=1)
UNSENT = (NoticeStatus.WAITING, NoticeStatus.COLLECTED)


@dataclass(frozen=True)
class Parcel:
    """Notices that go to one person in one message, by the way whose turn it is."""

    kind: EffectKind
    notices: list[Notice]
    contact: ContactPoint

    @property
    def user_id(self) -> UUID:
        return self.notices[0].user_id


# Whose turn it is ----------------------------------------------------------------------------------


def ways(user_ids: Iterable[UUID]) -> dict[UUID, list[ContactPoint]]:
    """Return each person's ways that this desk can use, in their order."""
    found: dict[UUID, list[ContactPoint]] = defaultdict(list)
    offered = channels.offered()
    for contact in ContactPoint.objects.filter(user__in=user_ids, kind__in=offered):
        found[contact.user_id].append(contact)
    return found


def turn(
    told: Sequence[Notice], contacts: Sequence[ContactPoint], *, at: datetime
) -> tuple[ContactPoint, timedelta] | None:
    """Return the way by which these go next, together, and the wait before; None: none is left."""
    stakes = {one.stakes for one in told}
    used = {contact.pk: contact for contact in contacts if stakes <= set(contact.stakes)}
    sendings = [sending for one in told for sending in one.sendings.all()]
    found = turns.next_turn([_way(contact, sendings, at) for contact in used.values()])
    return (used[found[0].id], found[1]) if found else None


def _way(contact: ContactPoint, sendings: list[Sending], at: datetime) -> Way:
    own = [one for one in sendings if one.contact_id == contact.pk]
    return Way(
        contact.pk,
        attempts=max((one.attempts for one in own), default=0),
        refused=any(one.status == SendingStatus.REFUSED for one in own),
        dead=contact.dead_since is not None and not _asked_again(contact, at),
    )


def _asked_again(contact: ContactPoint, at: datetime) -> bool:
    return contact.tried_at is not None and at - contact.tried_at >= ASKED_AGAIN


# Writing down --------------------------------------------------------------------------------------


@transaction.atomic
def record(parcel: Parcel, tried: Tried, *, at: datetime) -> None:
    """Write what came of one try, and when to try again. What is over meanwhile is left as it is."""
    held = list(_locked(parcel.notices))
    contact = note_contact(parcel.contact, tried, at)
    _note_sendings(held, parcel.contact, tried, at, removed=contact is None)
    if not tried.error:
        sent = {"status": NoticeStatus.SENT, "sent_at": at}
        Notice.objects.filter(pk__in=[one.pk for one in held]).update(**sent)
        _done(parcel, held, at)
        return
    told = list(_locked(held).prefetch_related("sendings"))  # as they stand now
    found = turn(told, ways([parcel.user_id])[parcel.user_id], at=at) if told else None
    if found is None:
        give_up(told, at=at)
        _done(parcel, held, at)
        return
    way, wait = found
    if way.pk == parcel.contact.pk:
        wait = max(wait, tried.wait)
    targets = [parcel.user_id] if parcel.kind == EffectKind.DIGEST else [one.pk for one in told]
    Effect.objects.filter(kind=parcel.kind, target__in=targets, done_at=None).update(
        due_at=at + wait,
        lease_until=None,
        last_error=kept_error(tried.error),
        attempts=F("attempts") + 1,
        lane=channels.lane(way),
    )


def _locked(told: Iterable[Notice]):
    return (
        Notice.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk__in=[one.pk for one in told], status__in=UNSENT)
        .order_by("pk")
    )


def note_contact(contact: ContactPoint, tried: Tried, at: datetime) -> ContactPoint | None:
    """Write down of a way how it did; None when it was removed meanwhile. In a transaction only."""
    now = ContactPoint.objects.select_for_update().filter(pk=contact.pk).first()
    if now is None:  # removed while the message was under way
        return None
    now.tried_at = at
    if not tried.error:
        now.failures, now.failing_since, now.dead_since, now.last_error = 0, None, None, ""
    else:
        now.failures += 1
        now.failing_since = now.failing_since or at
        now.last_error = kept_error(tried.error)
        worn_out = now.failures >= DEAD_AFTER and at - now.failing_since >= DEAD_FOR
        if tried.gone or worn_out:
            now.dead_since = now.dead_since or at
        if tried.gone and now.kind == ContactKind.PUSH:
            push.let_go(now)
    now.save(
        update_fields=["tried_at", "failures", "failing_since", "dead_since", "last_error", "keys"]
    )
    return now


def _note_sendings(
    told: list[Notice], contact: ContactPoint, tried: Tried, at: datetime, *, removed: bool
) -> None:
    before = {
        one.notice_id: one for one in Sending.objects.filter(notice__in=told, contact=contact.pk)
    }
    rows = [before.get(one.pk) or _sending(one, contact, removed) for one in told]
    for row in rows:
        row.attempts += 1
        row.tried_at, row.last_error = at, kept_error(tried.error)
        if not tried.error:
            row.status, row.sent_at = SendingStatus.SENT, at
        elif tried.refused:
            row.status = SendingStatus.REFUSED
    Sending.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["notice", "contact"],
        update_fields=["status", "attempts", "last_error", "tried_at", "sent_at"],
    )


def _sending(notice: Notice, contact: ContactPoint, removed: bool) -> Sending:
    return Sending(
        notice=notice, contact_id=None if removed else contact.pk, kind=contact.kind, attempts=0
    )


def put_off(pks: Sequence[UUID], due_at: datetime | None, *, at: datetime) -> None:
    """Let notices come due later; None: never, they stay on the desk, where they already are."""
    if due_at is not None:
        Effect.objects.filter(kind=EffectKind.NOTICE, target__in=pks, done_at=None).update(
            due_at=due_at, lease_until=None
        )
        return
    end(pks, NoticeStatus.DESK, at=at)


def end(pks: Sequence[UUID], status: NoticeStatus, *, at: datetime) -> None:
    """Let notices be, that are not sent, or not any more."""
    if not pks:
        return
    with transaction.atomic():
        held = Notice.objects.filter(pk__in=pks, status__in=UNSENT).order_by("pk")
        held = held.select_for_update(no_key=True)
        Notice.objects.filter(pk__in=held.values("pk")).update(status=status)
        effects.done(EffectKind.NOTICE, list(pks), at=at)


def give_up(told: Sequence[Notice], *, at: datetime) -> None:
    """No way is left: these stay on the desk, where they already are, and are warned of."""
    pks = [one.pk for one in told]
    with transaction.atomic():
        end(pks, NoticeStatus.FAILED, at=at)
        Sending.objects.filter(notice__in=pks, status=SendingStatus.TRYING).update(
            status=SendingStatus.GIVEN_UP
        )


def _done(parcel: Parcel, told: list[Notice], at: datetime) -> None:
    if parcel.kind == EffectKind.DIGEST:
        end_digest(parcel.user_id, at=at)
    else:
        effects.done(EffectKind.NOTICE, [one.pk for one in told], at=at)


@transaction.atomic
def end_digest(user_id: UUID, *, at: datetime) -> None:
    """Mark a person's digest sent; what was collected while it was under way goes with the next."""
    mine = Effect.objects.filter(kind=EffectKind.DIGEST, target=user_id)
    if mine.select_for_update().first() is None:
        return
    if Notice.objects.filter(user=user_id, status=NoticeStatus.COLLECTED).exists():
        due_at = inbox.digest_due(User.objects.get(pk=user_id), at=at)
        mine.update(due_at=due_at, lease_until=None)
    else:
        mine.filter(done_at=None).update(done_at=at)
