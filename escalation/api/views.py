"""The agent API. Each call reads top to bottom: who, what, one door, the answer."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from ninja import Router, Status

from escalation import access, answers, attachments, canonical, cursors, intake, lifecycle, resume
from escalation.api.auth import READS, REPORTS, WRITES, agent_of
from escalation.api.bodies import idempotency_key, read_document, read_json
from escalation.api.schema import (
    AnswerBody,
    AttachedAnswer,
    CaseAnswer,
    CasesAnswer,
    DecisionAnswer,
    Problem,
    ResumptionBody,
    WithdrawalBody,
)
from escalation.enums import CaseStatus
from escalation.errors import CaseWithdrawn, Fault, PackageRejected
from escalation.models import Case
from escalation.package import PackageBody, StepsBody, validate

router = Router()
PAGE = 50
RETRY_SECONDS = 1
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 413, 415, 422, 429), Problem)


class WithdrawnForGood(CaseWithdrawn):
    status = 410


def takes(body: type) -> dict[str, Any]:
    """Return the OpenAPI part that names the body of a call."""
    schema = {"$ref": f"#/components/schemas/{body.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


IDEMPOTENCY = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "description": "The same key and body answers the same case.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        }
    ]
}


FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "title"],
                    "additionalProperties": False,
                    "properties": {
                        "file": {"type": "string", "contentMediaType": "application/octet-stream"},
                        "title": {"type": "string", "minLength": 1, "maxLength": 255},
                        "must_read": {"type": "string", "enum": ["true", "false"]},
                    },
                }
            }
        },
    }
}


@router.post(
    "/cases",
    auth=WRITES,
    response={201: CaseAnswer, 200: CaseAnswer, **REFUSALS},
    openapi_extra=takes(PackageBody) | IDEMPOTENCY,
    summary="Open a case",
)
def open_case(request: HttpRequest, response: HttpResponse) -> Any:
    key, package = idempotency_key(request), read_json(request)
    opened = intake.open_case(package, key=key, by=agent_of(request), at=now())
    if not opened.replayed:
        return Status(201, answers.opened_answer(opened.case, package))
    response["Idempotency-Replayed"] = "true"
    return Status(200, answers.case_answer(opened.case))


@router.get(
    "/cases",
    auth=READS,
    response={200: CasesAnswer, **REFUSALS},
    summary="List own cases, newest first",
)
def list_cases(
    request: HttpRequest, status: str = "", run: str = "", cursor: str = ""
) -> dict[str, Any]:
    cases = Case.objects.filter(agent=agent_of(request)).select_related("role")
    if status:
        if status not in CaseStatus.values:
            known = ", ".join(CaseStatus.values)
            raise PackageRejected(Fault("/status", f"must be one of {known}"))
        cases = cases.filter(status=status)
    if problem := canonical.text_problem(run):
        raise PackageRejected(Fault("/run", problem))
    if run:
        cases = cases.filter(run=run)
    page = cursors.page(cases.prefetch_related("firings"), cursor, size=PAGE)
    return {"items": answers.case_answers(page.items), "next": page.next}


@router.get(
    "/cases/{case}",
    auth=READS,
    response={200: CaseAnswer, **REFUSALS},
    summary="The case as it stands",
)
def show_case(request: HttpRequest, case: str) -> dict[str, Any]:
    return answers.case_answer(access.case_for_agent(agent_of(request), case))


@router.get(
    "/cases/{case}/decision",
    auth=READS,
    response={200: DecisionAnswer, 204: None, 410: Problem, **REFUSALS},
    summary="The decision, waited for up to `wait` seconds",
)
def show_decision(request: HttpRequest, case: str, wait: int = 0) -> Any:
    """Answer at once; ``longpoll`` around the application does the waiting."""
    if not 0 <= wait <= 60:
        raise PackageRejected(Fault("/wait", "must be a whole number of seconds from 0 to 60"))
    agent = agent_of(request)
    found = access.case_for_agent(agent, case)
    if found.status == CaseStatus.WITHDRAWN:
        raise WithdrawnForGood(f"{found.reference} was withdrawn; it will never be decided.")
    decision = answers.standing_decision(found)
    if decision is None:
        return HttpResponse(
            status=204, headers={"Retry-After": str(RETRY_SECONDS), "X-Case": str(found.pk)}
        )
    resume.collect(found, by=agent, at=now())
    return Status(200, answers.decision_answer(decision))


@router.post(
    "/cases/{case}/steps",
    auth=WRITES,
    response={201: CaseAnswer, **REFUSALS},
    openapi_extra=takes(StepsBody),
    summary="Add evidence, until it is decided",
)
def add_steps(request: HttpRequest, case: str) -> Any:
    agent = agent_of(request)
    found = access.case_for_agent(agent, case)
    changed = intake.add_steps(found, read_json(request), by=agent, at=now())
    return Status(201, answers.case_answer(changed))


@router.post(
    "/cases/{case}/attachments",
    auth=WRITES,
    response={201: AttachedAnswer, 200: AttachedAnswer, **REFUSALS},
    openapi_extra=FORM,
    summary="Add a document as evidence, until it is decided",
)
def attach(request: HttpRequest, response: HttpResponse, case: str) -> Any:
    agent = agent_of(request)
    found = access.case_for_agent(agent, case)
    sent = read_document(request)
    attached = attachments.attach(
        found,
        sent.file,
        sent.title,
        media_type=sent.file.content_type or "",
        must_read=sent.must_read,
        by=agent,
        at=now(),
    )
    answer = answers.case_answer(attached.case) | {"step": attached.step}
    if not attached.replayed:
        return Status(201, answer)
    response["Idempotency-Replayed"] = "true"
    return Status(200, answer)


@router.post(
    "/cases/{case}/answers",
    auth=WRITES,
    response={201: CaseAnswer, **REFUSALS},
    openapi_extra=takes(AnswerBody),
    summary="Answer what a reviewer asked for",
)
def answer(request: HttpRequest, case: str) -> Any:
    agent = agent_of(request)
    found = access.case_for_agent(agent, case)
    sent = read_json(request)
    body = validate(AnswerBody, sent)
    answered = lifecycle.answer(found.pk, body.text, sent.get("steps", []), by=agent, at=now())
    return Status(201, answers.case_answer(answered))


@router.post(
    "/cases/{case}/withdrawal",
    auth=WRITES,
    response={200: CaseAnswer, **REFUSALS},
    openapi_extra=takes(WithdrawalBody),
    summary="The agent no longer needs it",
)
def withdraw(request: HttpRequest, case: str) -> dict[str, Any]:
    agent = agent_of(request)
    found = access.case_for_agent(agent, case)
    body = validate(WithdrawalBody, read_json(request))
    return answers.case_answer(lifecycle.withdraw(found.pk, body.reason, by=agent, at=now()))


@router.post(
    "/cases/{case}/resumption",
    auth=REPORTS,
    response={200: CaseAnswer, **REFUSALS},
    openapi_extra=takes(ResumptionBody),
    summary="The agent has gone on",
)
def resumption(request: HttpRequest, case: str) -> dict[str, Any]:
    agent = agent_of(request)
    found = access.case_for_agent(agent, case)
    body = validate(ResumptionBody, read_json(request))
    resumed = lifecycle.mark_resumed(
        found.pk,
        body.result,
        decision_id=_decision_of(found, body.decision),
        detail=body.detail or "",
        said_at=body.at,
        by=agent,
        at=now(),
    )
    return answers.case_answer(resumed)


def _decision_of(case: Case, named: str | None) -> UUID | None:
    """Return the id of the decision that an agent names, if it names one."""
    if named is None:
        return None
    for decision_id in case.decisions.values_list("pk", flat=True):
        if str(decision_id) == named.lower():
            return decision_id
    raise PackageRejected(Fault("/decision", f"is no decision of {case.reference}"))
