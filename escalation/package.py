"""The package: what an agent sends with its question, read strictly.

A field that is not known is refused, never dropped: an evidence system must not lose what it was
sent. ``read_package`` and ``read_steps`` say what is wrong with a pointer to each place.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import MAXYEAR, MINYEAR, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from django.conf import settings
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from escalation import addresses, canonical, parameters
from escalation.enums import Outcome, Stakes, StepKind, TriggerType
from escalation.errors import AddressRefused, Fault, PackageRejected, ParametersRejected
from escalation.money.currencies import CODE, MONEY, MOST_DECIMALS, MOST_DIGITS

# Where a number is a measure and not a value to act on: of one that no double holds exactly, the nearest
# is taken. ``*`` is each item of a list; whatever lies within the last is meant as well.
SCORES = (
    ("proposal", "confidence"),
    ("triggers", "*", "observed"),
    ("triggers", "*", "threshold"),
    ("steps", "*", "duration_ms"),
)
RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def read_instant(value: Any) -> datetime:
    """Return an RFC 3339 instant as an aware datetime; a time without an offset is no instant."""
    if not isinstance(value, str) or not RFC3339.fullmatch(value):
        raise PydanticCustomError(
            "instant", "must be an RFC 3339 instant with an offset, such as 2026-11-20T09:12:00Z"
        )
    try:
        # Python reads up to six digits of a second; what is finer stays in the package's bytes
        found = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value.upper()))
    except ValueError:
        raise PydanticCustomError("instant", "is not a date that exists") from None
    if not MINYEAR < found.year < MAXYEAR:  # in some zones it could be neither stored nor shown
        raise PydanticCustomError("instant", "must lie in a year from 2 to 9998")
    return found


def known(values: list[str]) -> Any:
    """Return a string type that takes only ``values`` and says which those are."""

    def check(value: str) -> str:
        if value not in values:
            raise PydanticCustomError("choice", f"must be one of {', '.join(values)}")
        return value

    return Annotated[str, AfterValidator(check), WithJsonSchema({"type": "string", "enum": values})]


# As the document says it too: one character that can be seen, and no space or sign without a shape.
NOT_BLANK = (
    r"[^\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)


def is_blank(value: str) -> bool:
    return re.search(NOT_BLANK, value) is None


def check_not_blank(value: str) -> str:
    if is_blank(value):
        raise PydanticCustomError("blank", "must not be blank")
    return value


def check_address(value: str) -> str:
    try:
        addresses.check_url(value)
    except AddressRefused as refusal:
        raise PydanticCustomError("address", str(refusal)) from None
    return value


def check_money(value: str) -> str:
    if not MONEY.fullmatch(value):
        raise PydanticCustomError(
            "money",
            "must be a decimal string such as 412.50, of at most {digits} digits before the point "
            "and {decimals} after it",
            {"digits": MOST_DIGITS, "decimals": MOST_DECIMALS},
        )
    return value


def check_currency(value: str) -> str:
    if not CODE.fullmatch(value):
        raise PydanticCustomError(
            "currency", "must be the code of a currency in capitals, such as USD, JPY or BTC"
        )
    return value


Instant = Annotated[
    datetime,
    BeforeValidator(read_instant),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Text = Annotated[
    str, AfterValidator(check_not_blank), WithJsonSchema({"type": "string", "pattern": NOT_BLANK})
]
Name = Annotated[
    str,
    StringConstraints(max_length=255),
    AfterValidator(check_not_blank),
    WithJsonSchema({"type": "string", "maxLength": 255, "pattern": NOT_BLANK}),
]
Label = Annotated[str, StringConstraints(max_length=255)]
Language = Annotated[  # BCP 47, such as nb or pt-BR
    str, StringConstraints(max_length=35, pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")
]
Key = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^\S+$")]
MoneyText = Annotated[
    str,
    AfterValidator(check_money),
    WithJsonSchema({"type": "string", "pattern": f"^{MONEY.pattern}$"}),
]
Currency = Annotated[
    str,
    AfterValidator(check_currency),
    WithJsonSchema({"type": "string", "pattern": f"^{CODE.pattern}$"}),
]


class Body(BaseModel):
    """A body from outside: types are meant, and a field that is not known is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


Shape = TypeVar("Shape", bound=Body)


class Money(Body):
    amount: MoneyText
    currency: Currency

    @property
    def decimal(self) -> Decimal:
        return Decimal(self.amount)


class Request(Body):
    content: str
    media_type: Label = "text/plain"
    channel: Label | None = None
    language: Language | None = None
    received_at: Instant | None = None


class Step(Body):
    key: Key | None = None  # without one it is known by its position: ``known_by_position``
    kind: known(StepKind.values)  # type: ignore[valid-type]
    name: str | None = None
    at: Instant
    duration_ms: Annotated[int, Field(ge=0)] | None = None
    input: Any = None
    output: Any = None
    text: str | None = None
    must_read: bool = False


class Trigger(Body):
    type: known(TriggerType.values)  # type: ignore[valid-type]
    name: Name
    observed: Any = None
    operator: Literal["<", "<=", ">", ">=", "==", "!=", "in", "matches"]
    threshold: Any = None
    detail: str | None = None


class Proposal(Body):
    action: Name
    arguments: dict[str, Any]
    reasoning: str | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    reversible: bool | None = None
    amount: Money | None = None
    categories: list[Name] = []


class Consequence(Body):
    text: Text
    reversible: bool | None = None


class OptionBody(Body):
    key: Key
    label: Text
    outcome: known(Outcome.values)  # type: ignore[valid-type]
    parameters: dict[str, Any] | None = None
    consequences: Annotated[list[Consequence], Field(min_length=1)]


class Question(Body):
    text: Text
    recommended: str | None = None
    options: Annotated[list[OptionBody], Field(min_length=2, max_length=20)]


class AgentUser(Body):
    id: Label | None = None
    name: Label | None = None


class Identity(Body):
    user: AgentUser | None = None
    tenant: Label | None = None
    credentials: list[Label] = []
    authority: str | None = None


class Resume(Body):
    callback_url: (
        Annotated[str, StringConstraints(max_length=2000), AfterValidator(check_address)] | None
    ) = None
    state: Any = None


class PackageBody(Body):
    """The seven parts of the package, then how to resume."""

    run: Label | None = None
    batch: Label | None = None
    agent_version: Label | None = None
    request: Request
    steps: Annotated[list[Step], Field(max_length=2000)] = []
    triggers: Annotated[list[Trigger], Field(min_length=1, max_length=100)]
    proposal: Proposal | None
    question: Question
    identity: Identity
    resume: Resume | None = None
    stakes: known(Stakes.values) | None = None  # type: ignore[valid-type]
    role: Annotated[str, StringConstraints(max_length=64)] | None = None


class StepsBody(Body):
    steps: Annotated[list[Step], Field(min_length=1, max_length=2000)]


# Reading -------------------------------------------------------------------------------------------


def validate(shape: type[Shape], value: Any) -> Shape:
    """Return ``value`` as ``shape``; raises PackageRejected with a Fault for each field."""
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        raise PackageRejected(
            *(_fault(found) for found in error.errors(include_url=False)[:20])
        ) from None


SAID = {
    "extra_forbidden": "this field is not known",
    "missing": "is required",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be a list",
    "string_type": "must be a string",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
}


def _fault(error: ErrorDetails) -> Fault:
    return Fault(canonical.pointer(*error["loc"]), SAID.get(error["type"], error["msg"]))


def read_package(value: Any) -> PackageBody:
    """Return a package whose parts also fit together.

    Raises PackageRejected: a wrong type or an unknown field, a key that stands twice, a
    recommendation of an option that is not offered, a schema that cannot be used, a state beyond
    256 KiB.
    """
    package = validate(PackageBody, value)
    known_by_position(package.steps, first=1)
    faults = [*_twice(package.steps, "/steps"), *_question_faults(package.question)]
    if (
        package.resume
        and len(canonical.encode(value["resume"].get("state"))) > settings.STATE_BYTES
    ):
        faults.append(Fault("/resume/state", f"is larger than {settings.STATE_BYTES // 1024} KiB"))
    if faults:
        raise PackageRejected(*faults)
    return package


def read_steps(value: Any, *, taken: set[str], shape: type[StepsBody] = StepsBody) -> StepsBody:
    """Return steps to add to a case that has the step keys ``taken``; raises PackageRejected."""
    body = validate(shape, value)
    known_by_position(body.steps, first=len(taken) + 1)
    faults = [
        *_twice(body.steps, "/steps"),
        *(
            Fault(f"/steps/{index}/key", f"the case already has a step {step.key}")
            for index, step in enumerate(body.steps)
            if step.key in taken
        ),
    ]
    if faults:
        raise PackageRejected(*faults)
    return body


def known_by_position(steps: Sequence[Step], *, first: int) -> None:
    """Give each step without a key the one that its position in the case is: ``#3``."""
    for position, step in enumerate(steps, first):
        if step.key is None:
            step.key = f"#{position}"


def _twice(items: Sequence[Step | OptionBody], where: str) -> Iterator[Fault]:
    seen: set[str | None] = set()
    for index, item in enumerate(items):
        if item.key in seen:
            yield Fault(f"{where}/{index}/key", f"the key {item.key} stands twice")
        seen.add(item.key)


def _question_faults(question: Question) -> Iterator[Fault]:
    yield from _twice(question.options, "/question/options")
    offered = [option.key for option in question.options]
    if question.recommended is not None and question.recommended not in offered:
        yield Fault("/question/recommended", f"must be one of {', '.join(offered)}, or null")
    for index, option in enumerate(question.options):
        if option.parameters is None:
            continue
        try:
            parameters.check_schema(option.parameters)
        except ParametersRejected as refusal:
            for fault in refusal.faults:
                where = f"/question/options/{index}/parameters{fault.pointer}"
                yield Fault(where, fault.message)
