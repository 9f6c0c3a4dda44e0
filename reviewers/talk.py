"""What was said on a case as its reader sees it, and the forms to say more."""

from __future__ import annotations

from functools import cached_property
from hashlib import sha256

from escalation import access, comments
from escalation.models import Comment, OpinionRequest, User
from reviewers import leftout
from reviewers.casefile import Casefile
from reviewers.turnforms import CommentForm, GivenForm


class Talk:
    """The comments and opinions that the reader of a case may see, and what they may add."""

    def __init__(
        self,
        file: Casefile,
        *,
        comment: CommentForm | None = None,
        given: GivenForm | None = None,
        said: str = "",
    ) -> None:
        self.file, self.comment, self._given = file, comment or CommentForm(), given
        self.said = said  # what has just come of it

    @cached_property
    def _shown(self) -> comments.Talk:
        return comments.shown_to(self.file.case, self.file.reader)

    @property
    def comments(self) -> list[Comment]:
        return self._shown.shown

    @property
    def withheld(self) -> str:
        """How much is kept from the reader for now, and until when, in a sentence."""
        return leftout.talk(self._shown.withheld, self.file.until_when)

    @cached_property
    def waiting(self) -> list[OpinionRequest]:
        """The opinions that were asked for and not given yet."""
        if not self.file.is_owed:
            return []
        asked = self.file.case.opinion_requests.filter(opinion=None)
        return list(asked.select_related("of", "asked_by"))

    @property
    def wanted(self) -> OpinionRequest | None:
        """The opinion that is asked of this reader."""
        return next((one for one in self.waiting if one.of_id == self.file.reader.pk), None)

    @cached_property
    def given(self) -> GivenForm:
        return self._given or GivenForm(options=self.file.options)

    @cached_property
    def people(self) -> list[User]:
        """Whom a comment may name: who works with the case, but the reader."""
        found = access.readers(self.file.case) if self.file.works else []
        return [one for one in found if one.pk != self.file.reader.pk]

    @property
    def tag(self) -> str:
        """What of it changes by itself, as a validator for polling."""
        parts = [str(one.pk) for one in (*self.comments, *self.waiting)]
        text = "-".join([*parts, str(self._shown.withheld), self.file.case.status])
        return sha256(text.encode()).hexdigest()[:16]
