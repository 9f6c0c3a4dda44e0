"""What rosters refuse, each with the sentence that a person reads."""

from escalation.errors import EscalationError


class RosterError(EscalationError):
    slug, title, status = "roster-refused", "The roster does not take this", 422


class NothingToUndo(RosterError):
    pass


class OverrideRefused(RosterError):
    pass


class AbsenceRefused(RosterError):
    pass


class SwapRefused(RosterError):
    pass


class FeedRefused(RosterError):
    pass


class ImportRefused(RosterError):
    pass
