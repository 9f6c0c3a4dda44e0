"""A package put together step by step, as an agent goes along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _instant(at: datetime | None) -> str:
    if at is None:
        return _now()
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone: datetime.now(UTC)")
    return at.isoformat()


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


class Package:
    """What an agent hands over when it stops: what was asked, what it saw, why it stopped, what it
    would do, and what a person may answer.

    ``amount`` is always ``("412.50", "USD")``: decimal text, so that no cent is lost. Whatever the
    contract knows and this class does not goes into ``extra``.
    """

    def __init__(
        self,
        request: str,
        *,
        tenant: str | None = None,
        user: tuple[str, str] | None = None,
        authority: str | None = None,
        credentials: Iterable[str] = (),
        channel: str | None = None,
        language: str | None = None,
        received_at: datetime | None = None,
        run: str | None = None,
        batch: str | None = None,
        agent_version: str | None = None,
        stakes: str | None = None,
        role: str | None = None,
        callback_url: str | None = None,
        state: Any = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self._request = _given(
            content=request,
            media_type="text/plain",
            channel=channel,
            language=language,
            received_at=_instant(received_at) if received_at else None,
        )
        self._identity = _given(
            user={"id": user[0], "name": user[1]} if user else None,
            tenant=tenant,
            credentials=list(credentials),
            authority=authority,
        )
        self._rest = _given(
            run=run, batch=batch, agent_version=agent_version, stakes=stakes, role=role
        )
        self._resume = _given(callback_url=callback_url, state=state)
        self._extra = dict(extra or {})
        self._steps: list[dict[str, Any]] = []
        self._triggers: list[dict[str, Any]] = []
        self._options: list[dict[str, Any]] = []
        self._proposal: dict[str, Any] | None = None
        self._question: dict[str, Any] = {}

    # What the agent saw and thought

    def step(
        self,
        kind: str,
        name: str | None = None,
        *,
        input: Any = None,
        output: Any = None,
        text: str | None = None,
        at: datetime | None = None,
        duration_ms: int | None = None,
        must_read: bool = False,
        key: str | None = None,
    ) -> Package:
        """Add one step; without ``at`` it happened now, without ``key`` it is numbered."""
        found = _given(
            key=key or f"s{len(self._steps) + 1}", kind=kind, name=name, at=_instant(at),
            duration_ms=duration_ms, input=input, output=output, text=text,
        )  # fmt: skip
        if must_read:
            found["must_read"] = True
        self._steps.append(found)
        return self

    def tool_call(self, name: str, input: Any, output: Any, **more: Any) -> Package:
        return self.step("tool_call", name, input=input, output=output, **more)

    def reasoning(self, text: str, **more: Any) -> Package:
        return self.step("reasoning", text=text, **more)

    def conclusion(self, text: str, **more: Any) -> Package:
        return self.step("conclusion", text=text, **more)

    # Why it stopped and what it would do

    def trigger(
        self,
        type: str,
        name: str,
        observed: Any,
        operator: str,
        threshold: Any,
        detail: str | None = None,
    ) -> Package:
        """Say which rule made the agent stop, with the value it saw and the one it was held against."""
        fired = {
            "type": type, "name": name, "observed": observed, "operator": operator,
            "threshold": threshold,
        }  # fmt: skip
        self._triggers.append(fired | _given(detail=detail))
        return self

    def propose(
        self,
        action: str,
        arguments: Mapping[str, Any],
        *,
        reasoning: str | None = None,
        confidence: float | None = None,
        reversible: bool | None = None,
        amount: tuple[str, str] | None = None,
        categories: Iterable[str] = (),
    ) -> Package:
        self._proposal = {
            "action": action,
            "arguments": dict(arguments),
            **_given(
                reasoning=reasoning,
                confidence=confidence,
                reversible=reversible,
                amount={"amount": amount[0], "currency": amount[1]} if amount else None,
                categories=list(categories),
            ),
        }
        return self

    # What a person may answer

    def option(
        self,
        key: str,
        label: str,
        outcome: str,
        *consequences: str | tuple[str, bool],
        parameters: Mapping[str, Any] | None = None,
    ) -> Package:
        """Offer one answer. A consequence is a sentence, or a sentence and whether it can be undone."""
        said = [
            {"text": one} if isinstance(one, str) else {"text": one[0], "reversible": one[1]}
            for one in consequences
        ]
        self._options.append(
            {"key": key, "label": label, "outcome": outcome, "consequences": said}
            | _given(parameters=dict(parameters) if parameters is not None else None)
        )
        return self

    def approve(self, label: str, *consequences: str | tuple[str, bool]) -> Package:
        return self.option("approve", label, "approve", *consequences)

    def modify(
        self, label: str, parameters: Mapping[str, Any], *consequences: str | tuple[str, bool]
    ) -> Package:
        return self.option("modify", label, "modify", *consequences, parameters=parameters)

    def reject(self, label: str, *consequences: str | tuple[str, bool]) -> Package:
        return self.option("reject", label, "reject", *consequences)

    def ask(self, question: str, *, recommended: str | None = None) -> Package:
        self._question = {"text": question, "recommended": recommended}
        return self

    def body(self) -> dict[str, Any]:
        """Return the package as it is sent. The desk checks it; nothing is checked here."""
        body = {
            **self._rest,
            "request": self._request,
            "steps": list(self._steps),
            "triggers": list(self._triggers),
            "proposal": self._proposal,
            "question": {**self._question, "options": list(self._options)},
            "identity": self._identity,
        }
        if self._resume:
            body["resume"] = self._resume
        return body | self._extra
