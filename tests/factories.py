"""What tests start from, made through the same doors that the desk uses."""

import json
from collections.abc import Iterable
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Permission
from django.db import transaction

from escalation import intake, keys, lifecycle
from escalation import protocol as protocols
from escalation.actors import OPERATOR, ROUTER
from escalation.enums import HandoffReason, Scope, Stakes
from escalation.lifecycle import Hands, Start
from escalation.models import Agent, Calendar, Case, Decision, OpenSpan, Release, Role, Terms, User
from reviewers import rosters
from reviewers.memberships import join_role
from reviewers.models import DutyWindow, Layer, Turn
from routing import policies
from routing.dispatch import dispatch
from routing.models import PolicyVersion, Route, SlaPolicy
from routing.standard import STANDARD

NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
_numbers = count(1)

# The package of the contract, field by field.
PACKAGE: dict[str, Any] = {
    "run": "thread-8841",
    "batch": None,
    "agent_version": "refunds-2.3.1",
    "request": {
        "content": "My parcel never came, I want my money back!!",
        "media_type": "text/plain",
        "channel": "email",
        "received_at": "2026-11-20T09:12:00Z",
    },
    "steps": [
        {
            "key": "s1",
            "kind": "tool_call",
            "name": "get_order",
            "at": "2026-11-20T09:12:04Z",
            "duration_ms": 41,
            "input": {"order": "W88"},
            "output": {"total": "412.50", "status": "delivered"},
            "must_read": True,
        },
        {
            "key": "s2",
            "kind": "conclusion",
            "at": "2026-11-20T09:12:09Z",
            "text": "Carrier says delivered; customer disagrees.",
        },
    ],
    "triggers": [
        {
            "type": "confidence",
            "name": "refund_classification",
            "observed": 0.62,
            "operator": "<",
            "threshold": 0.8,
            "detail": "Confidence dropped to 0.62 on the refund classification",
        }
    ],
    "proposal": {
        "action": "issue_refund",
        "arguments": {"order": "W88", "amount": "412.50"},
        "reasoning": "Goodwill policy covers first-time disputes.",
        "confidence": 0.62,
        "reversible": False,
        "amount": {"amount": "412.50", "currency": "USD"},
        "categories": ["money_movement"],
    },
    "question": {
        "text": "Refund order W88 for $412.50?",
        "recommended": "approve",
        "options": [
            {
                "key": "approve",
                "label": "Refund in full",
                "outcome": "approve",
                "consequences": [{"text": "$412.50 leaves the account today", "reversible": False}],
            },
            {
                "key": "modify",
                "label": "Refund another amount",
                "outcome": "modify",
                "parameters": {
                    "type": "object",
                    "required": ["amount"],
                    "properties": {
                        "amount": {
                            "type": "string",
                            "title": "Amount (USD)",
                            "pattern": "^[0-9]+\\.[0-9]{2}$",
                        }
                    },
                },
                "consequences": [
                    {"text": "The amount you enter leaves the account today", "reversible": False}
                ],
            },
            {
                "key": "reject",
                "label": "Refuse",
                "outcome": "reject",
                "consequences": [
                    {
                        "text": "The customer is told no; a chargeback may follow",
                        "reversible": True,
                    }
                ],
            },
        ],
    },
    "identity": {
        "user": {"id": "cus_19", "name": "Ida Holm"},
        "tenant": "nordic-retail",
        "credentials": ["payments:refund"],
        "authority": "Refunds over $200 belong to refunds compliance",
    },
    "resume": {
        "callback_url": "https://agent.example/hooks/decisions",
        "state": {"thread": 8841, "node": "refund"},
    },
    "stakes": "medium",
    "role": "refunds-compliance",
}
PASS_UP = {
    "key": "pass-up",
    "label": "Ask the managers",
    "outcome": "escalate",
    "consequences": [{"text": "The managers decide"}],
}
ABSENT = object()


def package(**changes: Any) -> dict[str, Any]:
    """Return the contract's package with other parts; a part that is ABSENT is left out."""
    changed = deepcopy(PACKAGE) | changes
    return {name: part for name, part in changed.items() if part is not ABSENT}


def package_with(pointer: str, value: Any) -> dict[str, Any]:
    """Return the contract's package with ``value`` (or nothing: ABSENT) at an RFC 6901 pointer."""
    changed: Any = package()
    *path, last = [int(part) if part.isdigit() else part for part in pointer[1:].split("/")]
    place = changed
    for part in path:
        place = place[part]
    if value is ABSENT:
        del place[last]
    elif isinstance(place, list):
        place[last:] = [value]
    else:
        place[last] = value
    return changed


def options(*more: dict[str, Any]) -> dict[str, Any]:
    """Return the contract's question with more options."""
    question = deepcopy(PACKAGE["question"])
    return question | {"options": [*question["options"], *more]}


def step(key: str, **changes: Any) -> dict[str, Any]:
    return {"key": key, "kind": "message", "at": "2026-11-20T09:30:00Z", "text": "News"} | changes


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


# Who acts ----------------------------------------------------------------------------------------


def make_role(slug: str = "", **fields: Any) -> Role:
    slug = slug or f"role-{next(_numbers)}"
    return Role.objects.create(slug=slug, name=slug.replace("-", " ").capitalize(), **fields)


def make_user(username: str = "", **fields: Any) -> User:
    """Return a person, who has no password unless one is given: a hash takes half a second."""
    username = username or f"person-{next(_numbers)}"
    fields = {"email": f"{username}@desk.example"} | fields
    return User.objects.create_user(username, **fields)


def make_reviewer(*roles: Role, username: str = "", **fields: Any) -> User:
    """Return a person who reads and decides for ``roles``."""
    user = make_user(username, **fields)
    for role in roles:
        join_role(role, user, by=OPERATOR, at=NINE)
    return user


def make_auditor(username: str = "") -> User:
    user = make_user(username)
    user.user_permissions.add(Permission.objects.get(codename="audit_desk"))
    return user


def make_agent(name: str = "") -> Agent:
    return Agent.objects.create(name=name or f"agent-{next(_numbers)}")


def make_key(agent: Agent, *scopes: str) -> str:
    """Return the text of a new key, which carries every scope unless some are named."""
    _, text = keys.issue_key(agent, by=OPERATOR, at=NINE, scopes=scopes or Scope.values)
    return text


# Policy ------------------------------------------------------------------------------------------


def make_policy_maker(username: str = "", **fields: Any) -> User:
    """Return a person who sets the desk's policy."""
    user = make_user(username, **fields)
    user.user_permissions.add(Permission.objects.get(codename="set_policies"))
    return User.objects.get(pk=user.pk)  # as one who signs in: what they may do is asked anew


def publish_routes(
    *routes: dict[str, Any],
    slas: Iterable[dict[str, Any]] = (),
    default: dict[str, Any] | None = None,
    at: datetime = NINE,
) -> PolicyVersion:
    """Return a version, drafted by one person and published by another, with these routes.

    The routes of what was in force go; its SLA policies stay, but for those given again in
    ``slas``. A route says at least its ``name`` and ``when``.
    """
    by, second = make_policy_maker(), make_policy_maker()
    data = policies.of(PolicyVersion.objects.in_force()).as_facts()
    named = {sla["slug"]: sla for sla in [*data["sla_policies"], *slas]}
    data["sla_policies"] = list(named.values())
    data["routes"] = [{"sla": data["default"]["sla"], **route} for route in routes]
    data["default"] |= default or {}
    version = policies.draft(by=by, at=at)
    version = policies.replace_with(data, seen=policies.seen_as(version), by=by, at=at)
    return policies.publish(seen=policies.seen_as(version), by=second, at=at)


# Rosters -----------------------------------------------------------------------------------------


def make_layer(role: Role, *groups: Any, at: datetime = NINE, **changes: Any) -> Layer:
    """Return a published layer: weekly turns of ``groups`` (a person or several) from Monday, 9:00 UTC.

    ``windows`` are (weekdays, opens, closes) in minutes; every other change is a field.
    """
    windows = changes.pop("windows", ())
    given = {
        "name": f"Layer {next(_numbers)}",
        "time_zone": role.time_zone,
        "first_on": date(2026, 11, 16),
        "first_time": 9 * 60,
        **changes,
    }
    layer = Layer.objects.create(roster=rosters.roster_of(role), **given)
    for order, group in enumerate(groups, 1):
        people = group if isinstance(group, (list, tuple)) else [group]
        Turn.objects.create(layer=layer, order=order).members.set(people)
    for weekdays, opens, closes in windows:
        DutyWindow.objects.create(layer=layer, weekdays=list(weekdays), opens=opens, closes=closes)
    rosters.publish(layer, by=OPERATOR, at=at)
    return layer


def make_calendar(*spans: tuple[int, int, int], name: str = "", **fields: Any) -> Calendar:
    """Return a calendar that is open on (weekday, opens, closes), in minutes after midnight."""
    calendar = Calendar.objects.create(name=name or f"Calendar {next(_numbers)}", **fields)
    OpenSpan.objects.bulk_create(
        [
            OpenSpan(calendar=calendar, weekday=weekday, opens=opens, closes=closes)
            for weekday, opens, closes in spans
        ]
    )
    return calendar


# Policy ------------------------------------------------------------------------------------------


def sla_facts(*steps: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return the standard SLA policy with a chain of its own, and other parts changed."""
    chain = STANDARD["chain"] | ({"steps": list(steps)} if steps else {})
    chain |= {"starts_at": changes.pop("starts_at", chain["starts_at"])}
    return deepcopy(STANDARD) | {"chain": chain} | changes


def targets(decision: int, **others: int) -> dict[str, Any]:
    """Return targets that are the same at all stakes, in seconds of any time."""
    within = {"decision": decision} | others
    one = {target: {"within": seconds, "time": "wall"} for target, seconds in within.items()}
    return {stakes: deepcopy(one) for stakes in ("low", "medium", "high", "critical")}


def publish_policy(
    facts: dict[str, Any], *routes: dict[str, Any], at: datetime = NINE
) -> PolicyVersion:
    """Publish a version with one SLA policy, these routes (fields of ``Route``), and the default."""
    role = Role.objects.get(slug="operations")
    version = PolicyVersion.objects.create(drafted_at=at, drafted_by=make_user())
    sla = SlaPolicy.objects.create(
        version=version, slug=facts["slug"], name=facts["name"], facts=facts
    )
    for position, fields in enumerate(routes, 1):
        Route.objects.create(version=version, position=position, sla=sla, **fields)
    Route.objects.create(
        version=version, position=1000, name="The default route", role=role, sla=sla,
        is_default=True,
    )  # fmt: skip
    version.number = PolicyVersion.objects.filter(number__isnull=False).count() + 1
    version.status, version.published_at, version.published_by = "published", at, make_user()
    version.save(update_fields=["number", "status", "published_at", "published_by"])
    return version


# Cases -------------------------------------------------------------------------------------------


def open_case(
    sent: dict[str, Any] | None = None,
    *,
    by: Agent | None = None,
    key: str = "",
    at: datetime = NINE,
) -> Case:
    """Return a case that is in no hands yet."""
    opened = intake.open_case(
        sent or package(), key=key or f"key-{next(_numbers)}", by=by or make_agent(), at=at
    )
    return opened.case


def handed_off_case(
    role: Role, sent: dict[str, Any] | None = None, *, by: Agent | None = None, at: datetime = NINE
) -> Case:
    """Return a case that ``role`` owes a decision."""
    case = open_case((sent or package()) | {"role": role.slug}, by=by, at=at)
    dispatch([case.pk], at=at)
    return Case.objects.get(pk=case.pk)


def case_under(
    role: Role,
    sent: dict[str, Any] | None = None,
    *,
    approvals: int = 1,
    at: datetime = NINE,
    **terms: Any,
) -> Case:
    """Return a case that ``role`` owes a decision under terms of its own, without clocks.

    It is opened and handed over as one: a living desk would find other hands for it in between.
    """
    with transaction.atomic():
        case = open_case(sent, at=at)
        kept = Terms.objects.create(id=uuid4(), **{"policy": "Strict, version 7"} | terms)
        start = Start(kept, Stakes.LOW, approvals)
        hands = Hands(case.pk, role, HandoffReason.DEFAULT, start=start)
        lifecycle.hand_off([hands], by=ROUTER, at=at)
    return Case.objects.get(pk=case.pk)


def case_reviewed(
    role: Role,
    protocol: str,
    *,
    stakes: str = "high",
    sent: dict[str, Any] | None = None,
    approvals: int = 1,
    reasons: Iterable[str] = (),
    **asks: Any,
) -> Case:
    """Return a case under a review protocol; ``asks`` are what else its policy asks of a review."""
    listed = [{"key": key, "label": key.replace("_", " ").capitalize()} for key in reasons]
    review = {stakes: {"protocol": protocol, **asks}}
    sent = (sent or package()) | {"stakes": stakes}
    return case_under(role, sent, approvals=approvals, review=review, reasons=listed)


def open_all(case: Case, *, by: User, at: datetime = NINE) -> None:
    """Open the evidence that ``by`` has to open before they answer."""
    for step in protocols.unread(case, by):
        lifecycle.open_evidence(case.pk, step.position, by=by, at=at)


def decide(
    case: Case, key: str = "approve", *, by: User, at: datetime = NINE, **given: Any
) -> Decision:
    """Decide on the package as it stands, in whatever steps its protocol wants."""
    review = protocols.review_of(case)
    if review.because != "optional":
        listed = list(protocols.reasons_of(case))[:1]
        given = {"reasons": listed, "rationale": "The evidence says so."} | given
    open_all(case, by=by, at=at)
    if review.protocol == "commit_first":
        lifecycle.commit(case.pk, key, digest=case.digest, by=by, at=at, **given)
        open_all(case, by=by, at=at)
    made = lifecycle.decide(
        case.pk, key, digest=case.digest, confirmed_at=at, by=by, at=at, **given
    )
    if isinstance(made, Release):
        made = lifecycle.release(case.pk, at=made.due_at)
    assert isinstance(made, Decision)
    return made


def decided_case(
    role: Role | None = None,
    key: str = "approve",
    *,
    sent: dict[str, Any] | None = None,
    by: User | None = None,
    agent: Agent | None = None,
    at: datetime = NINE,
    **given: Any,
) -> Case:
    """Return a case that a person decided a minute after it came."""
    role = role or make_role()
    case = handed_off_case(role, sent, by=agent, at=at)
    decide(case, key, by=by or make_reviewer(role), at=at + timedelta(minutes=1), **given)
    return Case.objects.get(pk=case.pk)
