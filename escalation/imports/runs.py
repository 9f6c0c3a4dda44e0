"""Recorded agent runs become packages: one for each call that changed the world.

A recording says what an agent did, in order, and what was right, known afterwards. From it comes
the package the agent would have sent had it stopped before the call: every step up to it and
nothing of what came later. When things happened is not recorded, so a plausible clock is made, and
the package says so. Pure: no database, no settings, no present time.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from escalation import canonical
from escalation.errors import NotJson, PackageRejected
from escalation.imports import rules
from escalation.imports.acts import Scene, tell
from escalation.imports.recording import Act, Run, read

CLOCK_NOTE = (
    "Imported from a recording. The order of the steps is as recorded; "
    "their times are not in the recording and were made up by the importer."
)
AUTHORITY = (
    "The recording names no authority: the importer stops every call that changes the world "
    "and asks a person."
)


@dataclass(frozen=True)
class Truth:
    """What became known after the run; to be told as an observation once the case is decided."""

    run: str
    step: int
    action: str
    correct: bool | None
    reward: float | None


@dataclass(frozen=True)
class Imported:
    """A package to open under ``key``, the same on every import; ``truth`` stays outside it."""

    key: str
    package: dict[str, Any]
    truth: Truth


def packages(line: Any, *, at: datetime) -> list[Imported]:
    """Return what one parsed line of a recording asks, in order; a run may hold no such call.

    ``at`` is the aware instant at which the run is taken to have ended. Raises BadRun.
    """
    run = read(line)
    times = clock(run.steps, ends_at=at)
    return [
        Imported(
            key=f"run:{run.name}#{act.step}",
            package=_package(run, act, times),
            truth=Truth(run.name, act.step, act.name, act.correct, run.reward),
        )
        for act in run.acts
    ]


def clock(steps: list[dict[str, Any]], *, ends_at: datetime) -> list[datetime]:
    """Return a plausible instant for each step, the last one ``ends_at``.

    People take longer for a long message than machines do; the same recording always gets the same
    gaps.
    """
    instants = [ends_at]
    for step in reversed(steps[1:]):
        instants.append(instants[-1] - _pause_before(step))
    return instants[::-1]


def _pause_before(step: dict[str, Any]) -> timedelta:
    if step["kind"] == "tool_call":
        return timedelta(seconds=2)
    if step["kind"] == "tool_result":
        return timedelta(seconds=1)
    length = len(step["content"])
    if step["role"] == "user":
        return timedelta(seconds=12 + min(length // 8, 120))
    return timedelta(seconds=2 + min(length // 100, 10))


def _package(run: Run, act: Act, times: list[datetime]) -> dict[str, Any]:
    call = run.steps[act.step]
    steps = _steps(run, act.step, times)
    scene = Scene(act.name, call["arguments"], steps, run.user)
    told = tell(scene)
    _mark_must_read(steps, scene)
    proposal: dict[str, Any] = {"action": act.name, "arguments": call["arguments"]}
    if reasoning := _reasoning(steps):
        proposal["reasoning"] = reasoning
    if told.amount:
        proposal["amount"] = {"amount": f"{told.amount:.2f}", "currency": "USD"}
    proposal["categories"] = told.categories
    return {
        "run": run.name,
        "batch": None,
        **({"agent_version": run.model} if run.model else {}),
        "request": {
            "content": run.original_request,
            "media_type": "text/plain",
            "channel": "chat",
            "received_at": instant(times[0]),
        },
        "steps": steps,
        "triggers": rules.triggers(scene, told),
        "proposal": proposal,
        "question": {"text": told.question, "recommended": "approve", "options": told.options},
        "identity": {
            "user": {"id": run.user or None, "name": scene.name or None},
            "tenant": "airline",
            "credentials": [f"tool:{act.name}"],
            "authority": AUTHORITY,
        },
        "resume": {"state": {"imported": True, "run": run.name, "step": act.step}},
        "stakes": told.stakes,
        "role": told.role,
    }


def instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


# Steps -------------------------------------------------------------------------------------------


def _steps(run: Run, until: int, times: list[datetime]) -> list[dict[str, Any]]:
    """Return the evidence before step ``until``: a call joined with its result, the request left out."""
    told = [
        {
            "key": "clock",
            "kind": "other",
            "name": "import",
            "at": instant(times[0]),
            "text": CLOCK_NOTE,
        }
    ]
    index = 1 if _is_request(run) else 0
    while index < until:
        step, result = run.steps[index], None
        if step["kind"] == "tool_call" and index + 1 < until:
            following = run.steps[index + 1]
            if following["kind"] == "tool_result" and following["name"] == step["name"]:
                result = following["content"]
        told.append({"key": f"s{index}", "at": instant(times[index])} | _told(step, result))
        index += 1 if result is None else 2
    return told


def _is_request(run: Run) -> bool:
    first = run.steps[0]
    return first.get("role") == "user" and first["content"] == run.original_request


def _told(step: dict[str, Any], result: str | None) -> dict[str, Any]:
    if step["kind"] == "message":
        return {"kind": "message", "name": step["role"], "text": step["content"]}
    if step["kind"] == "tool_result":  # of a call that stands elsewhere, or nowhere
        return {"kind": "other", "name": step["name"], "output": parsed(step["content"])}
    if step["name"] == "think" and isinstance(step["arguments"].get("thought"), str):
        return {"kind": "reasoning", "name": "think", "text": step["arguments"]["thought"]}
    call = {"kind": "tool_call", "name": step["name"], "input": step["arguments"]}
    if result is None:
        return call
    failed = result.lower().startswith("error")
    return call | {"kind": "error" if failed else "tool_call", "output": parsed(result)}


def parsed(content: str) -> Any:
    """Return an object or a list that stands in ``content`` as JSON text, else the text itself.

    Text that JSON could not give back exactly (a key twice, a number too long) stays text.
    """
    if not content.lstrip().startswith(("{", "[")):
        return content
    try:
        return canonical.parse(content.encode())
    except (NotJson, PackageRejected, UnicodeEncodeError):
        return content


def _mark_must_read(steps: list[dict[str, Any]], scene: Scene) -> None:
    """Mark what nobody should decide without: the customer's last word, the record at stake, errors."""
    for step in (scene.last_word, scene.record):
        if step is not None:
            step["must_read"] = True
    for step in steps:
        if step["kind"] == "error":
            step["must_read"] = True


def _reasoning(steps: list[dict[str, Any]]) -> str:
    """Return the agent's last thought, or what it last told the customer."""
    for step in reversed(steps):
        if step["kind"] == "reasoning" or step.get("name") == "assistant":
            return str(step["text"])
    return ""
