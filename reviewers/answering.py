"""How one reader stands to the decision of a case: what they have done, and what comes next for them.

``protocol`` says what is asked and what is withheld; here it becomes what the panel shows. Nobody's
answer is handed out here to somebody who has yet to give their own.
"""

from __future__ import annotations

import math
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from escalation import access, protocol
from escalation.enums import PERMITTING, AnswerStage, Because, Protocol
from escalation.models import Answer, Option, Release
from reviewers import comparing

if TYPE_CHECKING:
    from reviewers.casefile import Casefile


class Stage(TextChoices):
    """What an answer of this reader would be now."""

    COMMIT = "commit", _("stored first; then what the agent recommends is shown")
    REVEALED = "revealed", _("kept or changed, now that it was shown")
    BLIND = "blind", _("one of two, blind to the other")
    ARBITER = "arbiter", _("between two who disagree")
    AGREE = "agree", _("one of several who must agree")
    SIGN = "sign", _("the decision")


class Answering:
    def __init__(self, file: Casefile) -> None:
        self.file, self.case, self.reader = file, file.case, file.reader

    @cached_property
    def review(self) -> protocol.Review:
        return protocol.review_of(self.case)

    @cached_property
    def reasons(self) -> dict[str, str]:
        return {key: gettext(label) for key, label in protocol.reasons_of(self.case).items()}

    @property
    def asks_reason(self) -> bool:
        """Whether one of the listed reasons has to be chosen."""
        return bool(self.reasons) and self.review.because != Because.OPTIONAL

    @property
    def asks_words(self) -> bool:
        return self.review.because == Because.WRITTEN

    @property
    def window(self) -> timedelta | None:
        """How long a signed answer waits before it goes out; None: not at all."""
        return self.review.hold_window or None

    @cached_property
    def stage(self) -> Stage:
        asked = self.review.protocol
        if asked == Protocol.COMMIT_FIRST:
            return Stage.REVEALED if self.own else Stage.COMMIT
        if asked == Protocol.TWO_BLIND:
            return Stage.ARBITER if self.disagreeing else Stage.BLIND
        return Stage.AGREE if self.case.approvals > 1 else Stage.SIGN

    # What was answered ----------------------------------------------------------------------------

    @cached_property
    def _given(self) -> list[Answer]:
        """Every answer to the package as it stands: for this module's eyes."""
        if self.case.approvals == 1 and not self.review.protocol.withholds:
            return []
        given = self.case.answers.filter(digest=self.case.digest)
        return list(given.select_related("user", "option"))

    @property
    def final(self) -> list[Answer]:
        return [answer for answer in self._given if answer.stage == AnswerStage.FINAL]

    @cached_property
    def own(self) -> Answer | None:
        """What this reader answered last to the package as it stands."""
        return next((a for a in reversed(self._given) if a.user_id == self.reader.pk), None)

    @cached_property
    def on_record(self) -> list[Answer]:
        """Every answer, once the case has ended: then nobody is blind any more."""
        if not self.case.is_ended:
            return []
        given = self.case.answers.select_related("user", "option")
        return [one for one in given if not self._says_nothing_new(one)]

    def _says_nothing_new(self, answer: Answer) -> bool:
        decision = self.file.decision
        return bool(
            decision
            and answer.stage == AnswerStage.FINAL
            and self.case.approvals == 1
            and decision.decided_by_id == answer.user_id
        )

    @cached_property
    def disagreeing(self) -> list[Answer]:
        """The two answers between which an arbiter decides; only for who answered neither."""
        if self.case.is_ended or self.review.protocol != Protocol.TWO_BLIND:
            return []
        final = self.final
        if len(final) < 2 or self.reader.pk in {answer.user_id for answer in final}:
            return []
        return final

    @property
    def awaits_arbiter(self) -> bool:
        """Whether the two answers differ; said to who gave one of them, and never what the other was."""
        return self.own is not None and bool(protocol.disputed(self.case))

    @cached_property
    def differences(self) -> list[comparing.Difference]:
        if not self.disagreeing:
            return []
        return comparing.differences(*self.disagreeing[:2], self.file.proposal)

    def may_permit(self, option: Option) -> list[Answer]:
        """Return the answers that chose a permitting option: an arbiter may permit no other."""
        same = [answer for answer in self.disagreeing if answer.option_id == option.pk]
        return [
            a for n, a in enumerate(same) if a.parameters not in [b.parameters for b in same[:n]]
        ]

    def is_arbitrated(self, option: Option) -> bool:
        return self.stage == Stage.ARBITER and option.outcome in PERMITTING

    # What the agent recommends --------------------------------------------------------------------

    @cached_property
    def recommended(self) -> Option | None:
        """The option that the agent recommends, once this reader may know it."""
        found = [one for one in self.file.options if one.key == self.file.sight.recommended]
        return found[0] if found else None

    @property
    def follows(self) -> bool:
        """Whether the reader's own answer is what the agent recommends."""
        return bool(self.own and self.recommended and self.own.option_id == self.recommended.pk)

    # On its way out -------------------------------------------------------------------------------

    @cached_property
    def release(self) -> Release | None:
        """The signed answer that waits for the end of its window."""
        if self.case.release_at is None or self.case.is_ended:
            return None
        waiting = self.case.releases.filter(ended_at=None)
        return waiting.select_related("option", "signed_by").first()

    @property
    def shows_release(self) -> bool:
        """Whether this reader may see what was signed: who may yet be asked themselves may not."""
        sees = self.file.sight.sees_answers or self.own is not None
        return bool(self.release) and (
            self.is_signer or (sees and protocol.is_revealed(self.case, self.reader))
        )

    @property
    def is_signer(self) -> bool:
        return bool(self.release) and self.release.signed_by_id == self.reader.pk

    @property
    def left(self) -> str:
        """How long until it goes out, as ``0:24``; ``0:00`` when it is due."""
        release = self.release
        seconds = (release.due_at - self.file.at).total_seconds() if release else 0
        minutes, rest = divmod(max(0, math.ceil(seconds)), 60)
        return f"{minutes}:{rest:02}"

    @cached_property
    def may_undo(self) -> bool:
        """Whether this reader may take it back: who signed it, and who supervises the role."""
        if self.is_signer:
            return True
        supervised = access.roles_with(access.SUPERVISE, self.reader)
        return bool(self.release) and supervised.filter(pk=self.case.role_id).exists()
