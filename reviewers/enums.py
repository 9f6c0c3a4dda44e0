"""The closed lists of rosters and of the people in them."""

from django.db.models import TextChoices


class Kind(TextChoices):
    HANDOFF = "handoff", "handoff: continuous turns, one after the other"
    SHIFTS = "shifts", "shifts: a start, a length, and a repeat"


class Unit(TextChoices):
    HOURS = "hours", "hours"
    DAYS = "days", "days"
    WEEKS = "weeks", "weeks"
    MONTHS = "months", "months"


class Advance(TextChoices):
    OCCURRENCE = "occurrence", "at each shift"
    PERIOD = "period", "once a period (day, week or month)"


class OverrideKind(TextChoices):
    ADD = "add", "add a person beside whoever is on"
    REMOVE = "remove", "take a person off"
    REPLACE = "replace", "one person stands in for another"
    COVER = "cover", "one person is on, whatever the layers say"


class AbsenceKind(TextChoices):
    LEAVE = "leave", "leave"
    SICK = "sick", "sick"
    TRAINING = "training", "training"
    TRAVEL = "travel", "travel"
    OTHER = "other", "other"


class SwapStatus(TextChoices):
    ASKED = "asked", "asked"
    ACCEPTED = "accepted", "accepted, waits for the manager"
    DONE = "done", "done"
    DECLINED = "declined", "declined"
    REFUSED = "refused", "refused by the manager"
    WITHDRAWN = "withdrawn", "withdrawn"


class NoticeKind(TextChoices):
    SHIFT = "shift", "a next shift moved"
    SWAP = "swap", "a swap"
    COMPETENCE = "competence", "training that lapses"
    ROSTER = "roster", "a roster that leaves a gap"
    CASE = "case", "a case"
    HANDS = "hands", "a case in your hands"
    DEADLINE = "deadline", "a deadline"
    ALARM = "alarm", "an alarm"


class NoticeStatus(TextChoices):
    DESK = "desk", "on the desk only"
    WAITING = "waiting", "waiting to be sent"
    COLLECTED = "collected", "kept for the digest"
    SENT = "sent", "sent"
    FAILED = "failed", "not sent: no channel is left"
    SEEN = "seen", "seen before it was sent"
    OVER = "over", "not needed any more when it was due"


class SendingStatus(TextChoices):
    TRYING = "trying", "tried, and will be again"
    SENT = "sent", "sent"
    REFUSED = "refused", "refused"
    GIVEN_UP = "given_up", "given up"


class ContactKind(TextChoices):
    EMAIL = "email", "E-mail"
    PHONE = "phone", "Text message"
    SLACK = "slack", "Slack"
    TEAMS = "teams", "Teams"
    TELEGRAM = "telegram", "Telegram"
    WHATSAPP = "whatsapp", "WhatsApp"
    NTFY = "ntfy", "ntfy"
    WEBHOOK = "webhook", "Webhook"
    PUSH = "push", "Browser"
