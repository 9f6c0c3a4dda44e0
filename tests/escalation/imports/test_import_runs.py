import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from escalation.imports import progress
from escalation.models import Agent, Case, Effect, Event

pytestmark = pytest.mark.django_db


def a_run(name="r-1", calls=1, **changes):
    steps = [{"kind": "message", "role": "user", "content": "Cancel them"}]
    for number in range(calls):
        arguments = {"reservation_id": f"AB{number}"}
        steps.append({"kind": "tool_call", "name": "cancel_reservation", "arguments": arguments})
        steps.append({"kind": "tool_result", "name": "cancel_reservation", "content": "{}"})
    actions = [
        {"step": 1 + 2 * number, "name": "cancel_reservation", "correct": number == 0}
        for number in range(calls)
    ]
    run = {"run": name, "agent": "travel-desk", "user": "mia_1", "steps": steps}
    return run | {"actions": actions, "reward": 0.5} | changes


def a_file(folder: Path, *lines):
    path = folder / "runs.jsonl"
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text(text, encoding="utf-8")
    return path


def import_runs(*arguments):
    said = io.StringIO()
    call_command("import_runs", *map(str, arguments), stdout=said, stderr=io.StringIO())
    return said.getvalue()


def test_each_call_that_changed_the_world_becomes_a_case(tmp_path):
    path = a_file(tmp_path, a_run("r-1", calls=2), "", a_run("r-2"), a_run("r-3", calls=0))

    said = import_runs(path)

    assert said == "Opened 3 cases for 3 calls in runs.jsonl.\n"
    cases = Case.objects.order_by("number")
    assert [(c.idempotency_key, c.agent.name, c.run, c.status) for c in cases] == [
        ("run:r-1#1", "travel-desk", "r-1", "open"),
        ("run:r-1#3", "travel-desk", "r-1", "open"),
        ("run:r-2#1", "travel-desk", "r-2", "open"),
    ]
    assert Effect.objects.filter(kind="dispatch", target__in=cases).count() == 3


def test_importing_again_opens_nothing_twice(tmp_path):
    import_runs(a_file(tmp_path, a_run("r-1", calls=2)))

    said = import_runs(a_file(tmp_path, a_run("r-1", calls=2), a_run("r-2")), "--json")

    assert json.loads(said) | {"file": ""} == {"file": "", "calls": 3, "opened": 1, "already": 2}
    assert Case.objects.count() == 3


def test_ground_truth_is_written_beside_and_nowhere_on_the_desk(tmp_path):
    path, truth = a_file(tmp_path, a_run(reward=0.8125)), tmp_path / "truth.jsonl"

    import_runs(path, "--truth", truth)

    case = Case.objects.get()
    assert json.loads(truth.read_text()) == {
        "reference": case.reference,
        "key": "run:r-1#1",
        "run": "r-1",
        "step": 1,
        "action": "cancel_reservation",
        "correct": True,
        "reward": 0.8125,
    }
    kept = [
        bytes(case.packages.get().body),
        *map(bytes, Event.objects.values_list("body", flat=True)),
    ]
    assert [body for body in kept if b"correct" in body or b"0.8125" in body] == []


def test_limit_and_agent_are_as_asked(tmp_path):
    path = a_file(tmp_path, a_run("r-1", calls=3), a_run("r-2"))

    import_runs(path, "--limit", 2, "--agent", "other")

    assert [case.agent.name for case in Case.objects.all()] == ["other", "other"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2: this line is not JSON. Nothing was imported."),
        ('{"run": "a", "run": "b"}', "line 2: /run: this key stands twice in one object"),
        ("[]", "line 2: a run must be an object"),
        (a_run("r-1"), "line 2: /run: line 1 is the run 'r-1' already"),
        (a_run("r-2", colour="red"), "line 2: /colour: this field is not known"),
        (a_run("r-2", user="x" * 300), "line 2: /identity/user/id:"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_imported(tmp_path, line, said):
    path = a_file(tmp_path, a_run("r-1"), line, a_run("r-9"))

    with pytest.raises(CommandError) as refusal:
        import_runs(path)

    assert said in str(refusal.value)
    assert (Case.objects.count(), Agent.objects.count()) == (0, 0)


def test_a_file_that_is_not_there_is_said_in_a_sentence(tmp_path):
    with pytest.raises(CommandError, match=r"none\.jsonl: No such file"):
        import_runs(tmp_path / "none.jsonl")


@pytest.mark.parametrize("name", ["Travel desk", "x" * 65])
def test_a_name_no_agent_can_have_is_refused(tmp_path, name):
    with pytest.raises(CommandError, match="cannot be an agent"):
        import_runs(a_file(tmp_path, a_run(agent=name)))


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_drawn_for_a_terminal_and_gone_at_the_end():
    terminal, pipe = Terminal(), io.StringIO()

    assert list(progress.shown("abcd", 4, terminal, "calls")) == list("abcd")
    assert list(progress.shown("abcd", 4, pipe, "calls")) == list("abcd")

    assert "0 of 4 calls" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")
    assert pipe.getvalue() == ""
