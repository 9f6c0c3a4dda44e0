"""Where a package becomes a case, and later evidence joins it: one transaction each."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from escalation import canonical, ledger, search, signing, storing
from escalation.enums import ReleaseEnd, Stakes
from escalation.errors import CaseClosed, CaseTooLarge, IdempotencyKeyReused
from escalation.models import Agent, Case, Evidence, Package
from escalation.money.amounts import Reader
from escalation.money.currencies import LONGEST_CODE, fits
from escalation.package import PackageBody, Step, StepsBody, read_package, read_steps

MOST_EVIDENCE = 5000


@dataclass(frozen=True)
class Opened:
    case: Case
    replayed: bool  # the same post had come before


def open_case(package: Any, *, key: str, by: Agent, at: datetime) -> Opened:
    """Store what an agent stopped with and leave the case open for dispatch.

    ``package`` is the parsed body (``canonical.parse``); ``key`` is the agent's idempotency key, 1
    to 255 characters. Raises PackageRejected, CaseTooLarge, and IdempotencyKeyReused when the key
    came before with another body.
    """
    body = read_package(package)
    encoded = canonical.encode(package)
    check_size(encoded)
    digest = canonical.digest(encoded)
    number = storing.next_number(by, key)
    if number is None:
        return _replayed(by, key, digest)
    case = Case(
        number=number, agent=by, idempotency_key=key, request_digest=digest, digest=digest,
        created_at=at, **_columns(body), **_money(package, by),
    )  # fmt: skip
    try:
        storing.store(case, encoded, _opening(case, body, by=by, at=at))
    except IntegrityError:
        # the same key was posted at the same instant, and the other post came first
        return _replayed(by, key, digest)
    return Opened(case, False)


def check_size(body: bytes) -> None:
    """Refuse a package that has grown beyond what the API takes in one body."""
    if len(body) > settings.PACKAGE_BYTES:
        raise CaseTooLarge(
            f"A case holds at most {settings.PACKAGE_BYTES} bytes, its package and all its steps as they "
            f"are stored; this would make it {len(body)}."
        )


def _replayed(agent: Agent, key: str, digest: str) -> Opened:
    case = Case.objects.select_related("role").get(agent=agent, idempotency_key=key)
    if case.request_digest != digest:
        raise IdempotencyKeyReused(
            f"The key {key!r} already opened {case.reference} with another body; use a new key."
        )
    return Opened(case, True)


def _opening(case: Case, body: PackageBody, *, by: Agent, at: datetime) -> ledger.Entry:
    return ledger.entry(
        "case.opened",
        subject=case,
        by=by,
        at=at,
        private={
            "question": case.question,
            "acting_for": case.user_id,
            "values": [[trigger.observed, trigger.threshold] for trigger in body.triggers],
        },
        reference=case.reference,
        digest=case.digest,
        stakes=case.stakes,
        tenant=case.tenant,
        agent_version=case.agent_version,
        triggers=[[trigger.type, trigger.name, trigger.operator] for trigger in body.triggers],
        wished=case.role_wish,
    )


def _columns(body: PackageBody) -> dict[str, Any]:
    """Return what lists and routes read of a package."""
    proposal, user = body.proposal, body.identity.user
    return {
        "stakes": body.stakes or Stakes.MEDIUM,
        "role_wish": body.role or "",
        "question": body.question.text,
        "recommended": body.question.recommended or "",
        "action": proposal.action if proposal else "",
        "categories": list(proposal.categories) if proposal else [],
        "tenant": body.identity.tenant or "",
        "language": body.request.language or "",
        "user_id": (user.id or "") if user else "",
        "run": body.run or "",
        "batch": body.batch or "",
        "agent_version": body.agent_version or "",
        "callback_url": (body.resume.callback_url or "") if body.resume else "",
        "state": body.resume.state if body.resume else None,
    }


def _money(package: dict[str, Any], agent: Agent) -> dict[str, Any]:
    """Return what the proposal moves: the declared amount, and every one that is found in it."""
    reader = Reader.of(package, agent.registration)
    moved = reader.proposed()
    shown = reader.declared or next(iter(moved.largest.values()), None)
    if shown is None or not fits(shown.amount) or len(shown.currency) > LONGEST_CODE:
        amount, currency = None, ""
    elif reader.declared:  # with its sign
        amount, currency = Decimal(package["proposal"]["amount"]["amount"]), shown.currency
    else:
        amount, currency = shown.amount, shown.currency
    return {
        "amount": amount,
        "currency": currency,
        "moves": moved.as_json(),
        "moves_money": reader.moves_money,
    }


@transaction.atomic
def add_steps(case: Case, body: Any, *, by: Agent, at: datetime) -> Case:
    """Add evidence to a case that is not ended; its package gets a new version and digest.

    Raises CaseClosed once it is decided or withdrawn, PackageRejected and CaseTooLarge.
    """
    case = Case.objects.locked(case.pk)
    check_open(case)
    add_to(case, body, by=by, at=at)
    return case


def check_open(case: Case) -> None:
    if case.is_ended:
        raise CaseClosed(
            _("%(reference)s is %(status)s; evidence can no longer be added."),
            reference=case.reference,
            status=case.status,
        )


def add_to(
    case: Case, body: Any, *, shape: type[StepsBody] = StepsBody, by: Agent, at: datetime
) -> None:
    """Add the steps of a body to a locked case; raises PackageRejected and CaseTooLarge.

    A signed answer that is on its way out was to less than that: it does not go out.
    """
    taken = dict(case.evidence.values_list("key", "position"))
    steps = read_steps(body, taken=set(taken), shape=shape).steps
    added = canonical.encode(body)
    whole = canonical.encode(canonical.fold([*package_bodies(case), added]))
    check_size(whole)
    if len(taken) + len(steps) > MOST_EVIDENCE:
        raise CaseTooLarge(f"A case holds at most {MOST_EVIDENCE} steps.")
    case.version += 1
    case.digest = canonical.digest(whole)
    case.save(update_fields=["version", "digest"])
    Package.objects.create(
        case=case, version=case.version, body=added, digest=case.digest, received_at=at
    )
    Evidence.objects.bulk_create(
        _evidence(case, steps, body["steps"], first=len(taken) + 1, version=case.version)
    )
    ledger.append(
        "case.evidence_added",
        subject=case,
        by=by,
        at=at,
        digest=case.digest,
        steps=[step.key for step in steps],
    )
    search.write([case.pk])
    if overtaken := signing.end(case, ReleaseEnd.OVERTAKEN, at=at):
        ledger.append(
            "case.overtaken",
            subject=case,
            by=by,
            at=at,
            release=str(overtaken.pk),
            digest=case.digest,
        )


def _evidence(
    case: Case, steps: list[Step], sent: list[dict[str, Any]], *, first: int, version: int
) -> list[Evidence]:
    return [
        Evidence(
            case=case,
            position=position,
            version=version,
            key=step.key or "",  # there is one by now: its position gave it
            kind=step.kind,
            name=step.name or "",
            at=step.at,
            duration_ms=step.duration_ms,
            must_read=step.must_read,
            body=as_sent,
        )
        for position, (step, as_sent) in enumerate(zip(steps, sent, strict=True), first)
    ]


def package_bodies(case: Case) -> list[bytes]:
    """Return the versions of the package as they were stored, the first being the whole."""
    return [bytes(body) for body in case.packages.values_list("body", flat=True)]


def proposal_of(case: Case) -> dict[str, Any] | None:
    """Return what a case's agent proposes: later evidence never changes it."""
    first = case.packages.values_list("body", flat=True)[0]
    found: dict[str, Any] | None = json.loads(bytes(first))["proposal"]
    return found


def whole_package(case: Case) -> dict[str, Any]:
    """Return the package as it stands, from the bytes that were stored."""
    return canonical.fold(package_bodies(case))
