"""The closed lists of rosters and of the people in them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    HANDOFF = "handoff", _("handoff: continuous turns, one after the other")
    SHIFTS = "shifts", _("shifts: a start, a length, and a repeat")


class Unit(TextChoices):
    HOURS = "hours", _("hours")
    DAYS = "days", _("days")
    WEEKS = "weeks", _("weeks")
    MONTHS = "months", _("months")


class Advance(TextChoices):
    OCCURRENCE = "occurrence", _("at each shift")
    PERIOD = "period", _("once a period (day, week or month)")


class OverrideKind(TextChoices):
    ADD = "add", _("add a person beside whoever is on")
    REMOVE = "remove", _("take a person off")
    REPLACE = "replace", _("one person stands in for another")
    COVER = "cover", _("one person is on, whatever the layers say")


class AbsenceKind(TextChoices):
    LEAVE = "leave", _("leave")
    SICK = "sick", _("sick")
    TRAINING = "training", _("training")
    TRAVEL = "travel", _("travel")
    OTHER = "other", _("other")


class SwapStatus(TextChoices):
    ASKED = "asked", _("asked")
    ACCEPTED = "accepted", _("accepted, waits for the manager")
    DONE = "done", _("done")
    DECLINED = "declined", _("declined")
    REFUSED = "refused", _("refused by the manager")
    WITHDRAWN = "withdrawn", _("withdrawn")


class NoticeKind(TextChoices):
    SHIFT = "shift", _("a next shift moved")
    SWAP = "swap", _("a swap")
    COMPETENCE = "competence", _("training that lapses")
    ROSTER = "roster", _("a roster that leaves a gap")
    CASE = "case", _("a case")
    HANDS = "hands", _("a case in your hands")
    DEADLINE = "deadline", _("a deadline")
    ALARM = "alarm", _("an alarm")


class NoticeStatus(TextChoices):
    DESK = "desk", _("on the desk only")
    WAITING = "waiting", _("waiting to be sent")
    COLLECTED = "collected", _("kept for the digest")
    SENT = "sent", _("sent")
    FAILED = "failed", _("not sent: no channel is left")
    SEEN = "seen", _("seen before it was sent")
    OVER = "over", _("not needed any more when it was due")


class SendingStatus(TextChoices):
    TRYING = "trying", _("tried, and will be again")
    SENT = "sent", _("sent")
    REFUSED = "refused", _("refused")
    GIVEN_UP = "given_up", _("given up")


class ContactKind(TextChoices):
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Text message")
    SLACK = "slack", _("Slack")
    TEAMS = "teams", _("Teams")
    TELEGRAM = "telegram", _("Telegram")
    WHATSAPP = "whatsapp", _("WhatsApp")
    NTFY = "ntfy", _("ntfy")
    WEBHOOK = "webhook", _("Webhook")
    PUSH = "push", _("Browser")
