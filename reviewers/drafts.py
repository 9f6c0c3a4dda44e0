"""What somebody has typed of an answer and not signed: kept for them, and for nobody else."""

from datetime import datetime

from django.http import QueryDict

from escalation.models import Answer, Case, Draft, Release, User
from reviewers.forms import DIGEST, is_answer

MOST_FIELDS = 1_000
MOST_LETTERS = 200_000


def draft_of(case: Case, user: User) -> Draft | None:
    return Draft.objects.filter(case=case, user=user.pk).first()


def save(case: Case, user: User, typed: QueryDict, *, at: datetime) -> Draft | None:
    """Keep what was typed in place of what was kept before; nothing at all is no draft."""
    names = [name for name in typed if is_answer(name) and name != "digest"][:MOST_FIELDS]
    lists = {name: typed.getlist(name)[:MOST_FIELDS] for name in names}
    fields = {  # a text is kept whole or not at all: half of one would be signed for the whole
        name: [text.replace("\x00", "") for text in texts]
        for name, texts in lists.items()
        if all(len(text) <= MOST_LETTERS for text in texts)
    }
    digest = typed.get("digest", "")
    if not any(fields.get(name) not in (None, [""]) for name in ("option", "reasons", "rationale")):
        discard(case, user)
        return None
    kept = digest if DIGEST.fullmatch(digest) else case.digest
    made, _ = Draft.objects.update_or_create(
        case=case, user_id=user.pk, defaults={"fields": fields, "digest": kept, "saved_at": at}
    )
    return made


def save_while_typing(case: Case, user: User, typed: QueryDict, *, at: datetime) -> bool:
    """As ``save``, unless the page that sends it is behind what its reader has done since."""
    signed = {"case": case, "digest": typed.get("digest", "")}
    waits = Release.objects.filter(case=case, signed_by=user.pk, ended_at=None).exists()
    answered = Answer.objects.filter(user=user.pk, **signed).values_list("stage", flat=True)
    decided = case.decisions.filter(decided_by=user.pk, overturned_by=None).exists()
    behind = typed.get("stage", "commit") == "commit" and bool(answered)
    if waits or decided or "final" in answered or behind:
        return False
    save(case, user, typed, at=at)
    return True


def discard(case: Case, user: User) -> None:
    Draft.objects.filter(case=case, user=user.pk).delete()
