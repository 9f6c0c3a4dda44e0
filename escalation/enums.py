"""The closed lists of the domain, one word per idea; the same words stand in the API."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class CaseStatus(TextChoices):
    OPEN = "open", _("in no hands yet")
    AWAITING = "awaiting", _("awaiting a decision")
    INFORMATION_REQUESTED = "information_requested", _("waiting for information")
    HELD = "held", _("held")
    DECIDED = "decided", _("decided")
    WITHDRAWN = "withdrawn", _("withdrawn")


ENDED = (CaseStatus.DECIDED, CaseStatus.WITHDRAWN)
PAUSED = (CaseStatus.HELD, CaseStatus.INFORMATION_REQUESTED)
OWED = (CaseStatus.AWAITING, *PAUSED)  # a role owes it a decision


class Stakes(TextChoices):
    LOW = "low", _("low")
    MEDIUM = "medium", _("medium")
    HIGH = "high", _("high")
    CRITICAL = "critical", _("critical")

    @property
    def rank(self) -> int:
        return list(Stakes).index(self)


class StepKind(TextChoices):
    MESSAGE = "message", _("message")
    TOOL_CALL = "tool_call", _("tool call")
    RETRIEVAL = "retrieval", _("retrieval")
    REASONING = "reasoning", _("reasoning")
    CONCLUSION = "conclusion", _("conclusion")
    ERROR = "error", _("error")
    OTHER = "other", _("other")


class TriggerType(TextChoices):
    CONFIDENCE = "confidence", _("confidence")
    BOUNDARY = "boundary", _("boundary")
    ANOMALY = "anomaly", _("anomaly")
    RISK = "risk", _("risk")
    POLICY = "policy", _("policy")


class Outcome(TextChoices):
    APPROVE = "approve", _("approve")
    MODIFY = "modify", _("modify")
    REJECT = "reject", _("reject")
    ESCALATE = "escalate", _("escalate")
    OTHER = "other", _("other")


NO_ANSWER = "no_answer"  # a fallback ended the case; never the outcome of an option
PERMITTING = (Outcome.APPROVE, Outcome.MODIFY)


class FallbackEnd(TextChoices):
    """How a fallback ends a case. There is no other way: nothing is ever approved by one."""

    DENY = "deny", _("denied")
    DO_NOTHING = "do_nothing", _("closed without action")


class DecidedBy(TextChoices):
    PERSON = "person", _("a person")
    FALLBACK = "fallback", _("a fallback")


class Target(TextChoices):
    """What a clock runs to."""

    FIRST_RESPONSE = "first_response", _("first response")  # somebody who may decide has read it
    CLAIM = "claim", _("claim")  # somebody has taken it
    DECISION = "decision", _("decision")
    FALLBACK = "fallback", _("the wait after a fallback step")


class PauseReason(TextChoices):
    """Why a case waits for something that its role cannot hurry."""

    INFORMATION_REQUESTED = "information_requested", _("waiting for information")
    HELD = "held", _("held")
    # whatever policy says, these stop the clocks
    SIGNED = "signed", _("signed, and not yet released")
    STOPPED = "stopped", _("held, for its agent was stopped")


class Asked(TextChoices):
    """Who is asked for what is missing. The agent is told either way: it asks whoever it acts for."""

    AGENT = "agent", _("the agent")
    REQUESTER = "requester", _("the requester")


class Protocol(TextChoices):
    """What of the agent's own view a reviewer has before answering, and how many must answer."""

    OPEN = "open", _("open: the proposal is in sight")
    EVIDENCE_FIRST = "evidence_first", _("evidence first: the proposal stands below the evidence")
    COMMIT_FIRST = (
        "commit_first",
        _("commit first: what the agent recommends is shown after the answer"),
    )
    TWO_BLIND = (
        "two_blind",
        _("two people, each blind to the other and to what the agent recommends"),
    )

    @property
    def withholds(self) -> bool:
        """Whether what the agent recommends is withheld until the reader's own answer is stored."""
        return self in (Protocol.COMMIT_FIRST, Protocol.TWO_BLIND)

    @property
    def people(self) -> int:
        """How many must answer at least."""
        return 2 if self == Protocol.TWO_BLIND else 1


class Because(TextChoices):
    """What a decision must be given as its reason."""

    OPTIONAL = "optional", _("a reason may be given")
    LISTED = "listed", _("a listed reason")
    WRITTEN = "written", _("a listed reason, and why in words")


class AnswerStage(TextChoices):
    COMMITTED = "committed", _("given before what the agent recommends was shown")
    FINAL = "final", _("counts")


class CommentKind(TextChoices):
    COMMENT = "comment", _("a comment")
    OPINION = "opinion", _("a second opinion")


class IncidentKind(TextChoices):
    """What a serious incident is, and by when an authority hears of it (EU AI Act, Article 73)."""

    HARM = "harm", _("harm to a person, or a death")  # 10 days
    WIDESPREAD = "widespread", _("widespread, or to critical infrastructure")  # 2 days
    RIGHTS = "rights", _("a breach of somebody's rights, or serious damage")  # 15 days
    OTHER = "other", _("something else that must be looked into")  # 15 days


class ReleaseEnd(TextChoices):
    """How a signed answer's wait ended."""

    RELEASED = "released", _("released to the agent")
    UNDONE = "undone", _("undone")
    OVERTAKEN = "overtaken", _("overtaken by new evidence")
    WITHDRAWN = "withdrawn", _("withdrawn by the agent")


class HandoffReason(TextChoices):
    ROUTED = "routed", _("a route names the role")
    WISHED = "wished", _("the agent named the role")
    DEFAULT = "default", _("the default route")
    AUTHORITY = "authority", _("beyond the authority of the role asked for")
    PASSED_UP = "passed_up", _("passed up by a reviewer")
    RETURNED = "returned", _("given back by the one who had it")
    CLAIMED = "claimed", _("taken by a reviewer")
    HANDED_OVER = "handed_over", _("handed over with a note")
    SHIFT = "shift", _("the shift changed")
    WAITED = "waited", _("it waited until somebody could be asked")
    SECOND = "second", _("another answer is needed")
    ARBITER = "arbiter", _("two people disagreed")
    LAPSED = "lapsed", _("whoever had taken it let its lease end")
    MOVED = "moved", _("moved to another role by a person")
    SECONDARY = "secondary", _("nobody answered: the next in line")
    BACKUP = "backup", _("nobody answered: the backup role")
    HIGHER = "higher", _("nobody answered: the higher role")


class HandoffEnd(TextChoices):
    DECIDED = "decided", _("decided")
    WITHDRAWN = "withdrawn", _("withdrawn by the agent")
    PASSED_UP = "passed_up", _("passed up")
    RETURNED = "returned", _("given back")
    CLAIMED = "claimed", _("taken by somebody")
    HANDED_OVER = "handed_over", _("handed over")
    SHIFT = "shift", _("the shift ended")
    ANSWERED = "answered", _("answered; another answer is needed")
    LAPSED = "lapsed", _("its lease ended")
    MOVED = "moved", _("moved to another role")
    FALLBACK = "fallback", _("a fallback moved or ended it")


class EffectKind(TextChoices):
    DISPATCH = "dispatch", "find hands for a case"
    DELIVERY = "delivery", "tell an agent"
    DEADLINE = "deadline", "act on what is due on a case"
    RELEASE = "release", "let a signed answer go out"
    SEAT = "seat", "see whose turn a role's cases are"
    LEASE = "lease", "give a case back that nobody works on any more"
    ROSTER = "roster", "plan a role's shifts further ahead"
    MEMBERSHIP = "membership", "begin or end a membership"
    COMPETENCE = "competence", "warn of training that lapses, and end what it gave"
    NOTICE = "notice", "tell a person"
    DIGEST = "digest", "tell a person what was collected for them"
    STOP = "stop", "hold the cases of an agent that was stopped, or take them up again"
    ARRIVAL = "arrival", "tell who asked that an agent has answered"
    HOLIDAYS = "holidays", "fill in a calendar's next years"


class DeliveryStatus(TextChoices):
    PENDING = "pending", _("pending")
    DELIVERED = "delivered", _("delivered")
    RESUMED = "resumed", _("resumed")
    SUPERSEDED = "superseded", _("superseded")  # by what the agent was told later
    FAILING = "failing", _("failing")
    DEAD = "dead", _("dead")


class ResumptionResult(TextChoices):
    SUCCEEDED = "succeeded", _("succeeded")
    FAILED = "failed", _("failed")
    SKIPPED = "skipped", _("skipped")


class Scope(TextChoices):
    CASES_WRITE = "cases:write", "open cases and add to them"
    CASES_READ = "cases:read", "read own cases"
    EVALUATE = "evaluate", "ask the rules before acting"


class Weekday(IntegerChoices):
    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"
    SATURDAY = 5, "Saturday"
    SUNDAY = 6, "Sunday"
