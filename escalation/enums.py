"""The closed lists of the domain, one word per idea; the same words stand in the API."""

from django.db.models import IntegerChoices, TextChoices


class CaseStatus(TextChoices):
    OPEN = "open", "in no hands yet"
    AWAITING = "awaiting", "awaiting a decision"
    INFORMATION_REQUESTED = "information_requested", "waiting for information"
    HELD = "held", "held"
    DECIDED = "decided", "decided"
    WITHDRAWN = "withdrawn", "withdrawn"


ENDED = (CaseStatus.DECIDED, CaseStatus.WITHDRAWN)
PAUSED = (CaseStatus.HELD, CaseStatus.INFORMATION_REQUESTED)
OWED = (CaseStatus.AWAITING, *PAUSED)  # a role owes it a decision


class Stakes(TextChoices):
    LOW = "low", "low"
    MEDIUM = "medium", "medium"
    HIGH = "high", "high"
    CRITICAL = "critical", "critical"

    @property
    def rank(self) -> int:
        return list(Stakes).index(self)


class StepKind(TextChoices):
    MESSAGE = "message", "message"
    TOOL_CALL = "tool_call", "tool call"
    RETRIEVAL = "retrieval", "retrieval"
    REASONING = "reasoning", "reasoning"
    CONCLUSION = "conclusion", "conclusion"
    ERROR = "error", "error"
    OTHER = "other", "other"


class TriggerType(TextChoices):
    CONFIDENCE = "confidence", "confidence"
    BOUNDARY = "boundary", "boundary"
    ANOMALY = "anomaly", "anomaly"
    RISK = "risk", "risk"
    POLICY = "policy", "policy"


class Outcome(TextChoices):
    APPROVE = "approve", "approve"
    MODIFY = "modify", "modify"
    REJECT = "reject", "reject"
    ESCALATE = "escalate", "escalate"
    OTHER = "other", "other"


NO_ANSWER = "no_answer"  # a fallback ended the case; never the outcome of an option
PERMITTING = (Outcome.APPROVE, Outcome.MODIFY)


class FallbackEnd(TextChoices):
    """How a fallback ends a case. There is no other way: nothing is ever approved by one."""

    DENY = "deny", "denied"
    DO_NOTHING = "do_nothing", "closed without action"


class DecidedBy(TextChoices):
    PERSON = "person", "a person"
    FALLBACK = "fallback", "a fallback"


class Target(TextChoices):
    """What a clock runs to."""

    FIRST_RESPONSE = "first_response", "first response"  # somebody who may decide has read it
    CLAIM = "claim", "claim"  # somebody has taken it
    DECISION = "decision", "decision"
    FALLBACK = "fallback", "the wait after a fallback step"


class PauseReason(TextChoices):
    """Why a case waits for something that its role cannot hurry."""

    INFORMATION_REQUESTED = "information_requested", "waiting for information"
    HELD = "held", "held"
    # whatever policy says, these stop the clocks
    SIGNED = "signed", "signed, and not yet released"
    STOPPED = "stopped", "held, for its agent was stopped"


class Asked(TextChoices):
    """Who is asked for what is missing. The agent is told either way: it asks whoever it acts for."""

    AGENT = "agent", "the agent"
    REQUESTER = "requester", "the requester"


class Protocol(TextChoices):
    """What of the agent's own view a reviewer has before answering, and how many must answer."""

    OPEN = "open", "open: the proposal is in sight"
    EVIDENCE_FIRST = "evidence_first", "evidence first: the proposal stands below the evidence"
    COMMIT_FIRST = (
        "commit_first",
        "commit first: what the agent recommends is shown after the answer",
    )
    TWO_BLIND = "two_blind", "two people, each blind to the other and to what the agent recommends"

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

    OPTIONAL = "optional", "a reason may be given"
    LISTED = "listed", "a listed reason"
    WRITTEN = "written", "a listed reason, and why in words"


class AnswerStage(TextChoices):
    COMMITTED = "committed", "given before what the agent recommends was shown"
    FINAL = "final", "counts"


class CommentKind(TextChoices):
    COMMENT = "comment", "a comment"
    OPINION = "opinion", "a second opinion"


class IncidentKind(TextChoices):
    """What a serious incident is, and by when an authority hears of it (EU AI Act, Article 73)."""

    HARM = "harm", "harm to a person, or a death"  # 10 days
    WIDESPREAD = "widespread", "widespread, or to critical infrastructure"  # 2 days
    RIGHTS = "rights", "a breach of somebody's rights, or serious damage"  # 15 days
    OTHER = "other", "something else that must be looked into"  # 15 days


class ReleaseEnd(TextChoices):
    """How a signed answer's wait ended."""

    RELEASED = "released", "released to the agent"
    UNDONE = "undone", "undone"
    OVERTAKEN = "overtaken", "overtaken by new evidence"
    WITHDRAWN = "withdrawn", "withdrawn by the agent"


class HandoffReason(TextChoices):
    ROUTED = "routed", "a route names the role"
    WISHED = "wished", "the agent named the role"
    DEFAULT = "default", "the default route"
    AUTHORITY = "authority", "beyond the authority of the role asked for"
    PASSED_UP = "passed_up", "passed up by a reviewer"
    RETURNED = "returned", "given back by the one who had it"
    CLAIMED = "claimed", "taken by a reviewer"
    HANDED_OVER = "handed_over", "handed over with a note"
    SHIFT = "shift", "the shift changed"
    WAITED = "waited", "it waited until somebody could be asked"
    SECOND = "second", "another answer is needed"
    ARBITER = "arbiter", "two people disagreed"
    LAPSED = "lapsed", "whoever had taken it let its lease end"
    MOVED = "moved", "moved to another role by a person"
    SECONDARY = "secondary", "nobody answered: the next in line"
    BACKUP = "backup", "nobody answered: the backup role"
    HIGHER = "higher", "nobody answered: the higher role"


class HandoffEnd(TextChoices):
    DECIDED = "decided", "decided"
    WITHDRAWN = "withdrawn", "withdrawn by the agent"
    PASSED_UP = "passed_up", "passed up"
    RETURNED = "returned", "given back"
    CLAIMED = "claimed", "taken by somebody"
    HANDED_OVER = "handed_over", "handed over"
    SHIFT = "shift", "the shift ended"
    ANSWERED = "answered", "answered; another answer is needed"
    LAPSED = "lapsed", "its lease ended"
    MOVED = "moved", "moved to another role"
    FALLBACK = "fallback", "a fallback moved or ended it"


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


class DeliveryStatus(TextChoices):
    PENDING = "pending", "pending"
    DELIVERED = "delivered", "delivered"
    RESUMED = "resumed", "resumed"
    SUPERSEDED = "superseded", "superseded"  # by what the agent was told later
    FAILING = "failing", "failing"
    DEAD = "dead", "dead"


class ResumptionResult(TextChoices):
    SUCCEEDED = "succeeded", "succeeded"
    FAILED = "failed", "failed"
    SKIPPED = "skipped", "skipped"


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
