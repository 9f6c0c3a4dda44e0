"""A recorded run, read strictly: one line of a JSON Lines file, as ``docs/import-format.md`` has it."""

from dataclasses import dataclass
from typing import Any

STEP_FIELDS: dict[str, dict[str, type]] = {
    "message": {"role": str, "content": str},
    "tool_call": {"name": str, "arguments": dict},
    "tool_result": {"name": str, "content": str},
}
SAID: dict[type, str] = {str: "a string", dict: "an object", list: "a list", bool: "true or false"}
LONGEST_NAME = 200


class BadRun(ValueError):
    """A line that is no run; the message says where in it and what is wrong."""


@dataclass(frozen=True)
class Act:
    """A call that changed the world. ``correct`` is known afterwards and never shown to a reviewer."""

    step: int
    name: str
    correct: bool | None


@dataclass(frozen=True)
class Run:
    name: str
    agent: str
    model: str
    user: str
    original_request: str
    steps: list[dict[str, Any]]
    acts: list[Act]
    reward: float | None  # of the whole run, known afterwards


def read(line: Any) -> Run:
    """Return one parsed line as a run; raises BadRun. A field that is not known is refused."""
    if not isinstance(line, dict):
        raise BadRun("a run must be an object")
    known = {"run", "agent", "model", "user", "original_request", "steps", "actions", "reward"}
    if strange := sorted(set(line) - known):
        raise BadRun(f"/{strange[0]}: this field is not known")
    steps = [_step(step, f"/steps/{index}") for index, step in enumerate(_list(line, "steps"))]
    acts = [_act(act, f"/actions/{i}", steps) for i, act in enumerate(_list(line, "actions"))]
    name = _text(line, "run")
    if not name.strip() or len(name) > LONGEST_NAME:
        raise BadRun(f"/run: must have 1 to {LONGEST_NAME} characters")
    if len({act.step for act in acts}) < len(acts):
        raise BadRun("/actions: two actions name the same step")
    return Run(
        name=name,
        agent=_text(line, "agent", ""),
        model=_text(line, "model", ""),
        user=_text(line, "user", ""),
        original_request=_text(line, "original_request", "") or _first_message(steps),
        steps=steps,
        acts=acts,
        reward=_reward(line.get("reward")),
    )


def _text(line: dict[str, Any], field: str, default: str | None = None) -> str:
    value = line.get(field, default)
    if not isinstance(value, str):
        raise BadRun(f"/{field}: must be a string" if field in line else f"/{field}: is required")
    return value


def _list(line: dict[str, Any], field: str) -> list[Any]:
    if not isinstance(value := line.get(field), list):
        raise BadRun(f"/{field}: must be a list" if field in line else f"/{field}: is required")
    return value


def _step(step: Any, where: str) -> dict[str, Any]:
    if not isinstance(step, dict):
        raise BadRun(f"{where}: must be an object")
    fields = STEP_FIELDS.get(step["kind"]) if isinstance(step.get("kind"), str) else None
    if fields is None:
        raise BadRun(f"{where}/kind: must be one of {', '.join(STEP_FIELDS)}")
    if strange := sorted(set(step) - set(fields) - {"kind"}):
        raise BadRun(f"{where}/{strange[0]}: this field is not known")
    for field, kind in fields.items():
        if field not in step:
            raise BadRun(f"{where}/{field}: is required")
        if not isinstance(step[field], kind):
            raise BadRun(f"{where}/{field}: must be {SAID[kind]}")
    return step


def _act(act: Any, where: str, steps: list[dict[str, Any]]) -> Act:
    if not isinstance(act, dict):
        raise BadRun(f"{where}: must be an object")
    if strange := sorted(set(act) - {"step", "name", "correct"}):
        raise BadRun(f"{where}/{strange[0]}: this field is not known")
    index, correct = act.get("step"), act.get("correct")
    if type(index) is not int or not 0 <= index < len(steps):
        raise BadRun(f"{where}/step: must be the index of a step, 0 to {len(steps) - 1}")
    if not isinstance(correct, bool | None):
        raise BadRun(f"{where}/correct: must be true or false")
    called = steps[index]
    if called["kind"] != "tool_call" or called["name"] != act.get("name"):
        raise BadRun(f"{where}/name: step {index} is no call of {act.get('name')!r}")
    return Act(index, called["name"], correct)


def _reward(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRun("/reward: must be a number")
    return float(value)


def _first_message(steps: list[dict[str, Any]]) -> str:
    said = (step["content"] for step in steps if step.get("role") == "user")
    return next(said, "")
