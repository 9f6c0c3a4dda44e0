import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest
from recourse import Case, Decision, DeskError, Unauthorised, Withdrawn
from recourse.errors import refusal

from escalation.demo import agent
from escalation.machine.bootstrap import ROOT
from escalation.machine.programs import until
from tests.sdk.scripted import CASE, DECISION, Answer, problem, scripted

STATE = {"kind": "invoice", "what": "NOK 3.00", "reference": "invoice 7", "done": "released"}
APPROVED = DECISION | {
    "option": "approve",
    "outcome": "approve",
    "parameters": None,
    "arguments": {"invoice": "7"},
    "state": STATE,
}


class DeskOfOne:
    """Answers as a desk does, decides at once, and keeps what it was told."""

    def __init__(self, *, there=(), decision=APPROVED):
        self.there = list(there)
        self.decision = decision
        self.told = []
        self.heard = threading.Event()

    def cases(self, *, status=None, run=None):
        return [case for case in self.there if status in (None, case.status)]

    def open(self, package, *, idempotency_key):
        self.told.append(("open", package["run"], idempotency_key.partition("-")[0]))
        self.there.append(Case.of(CASE))
        return self.there[-1]

    def wait(self, reference):
        if isinstance(self.decision, Exception):
            raise self.decision
        return Decision.of(self.decision)

    def resume(self, *said):
        self.told.append(("resume", *said))
        self.heard.set()


def at_work(desk, pauses):
    """Run the agent through ``pauses`` and then stop it."""
    stopping, left = threading.Event(), list(pauses)

    def pause():
        if not left:
            stopping.set()
        return left.pop() if left else 0

    agent.DemoAgent(desk, pause=pause, hurry=0).work(stopping)


def test_the_agent_asks_waits_and_goes_on(capsys):
    desk = DeskOfOne()

    at_work(desk, [])
    assert desk.heard.wait(60)
    assert until(lambda: len(desk.told) == 2, 60)

    assert desk.told == [
        ("open", "live-work", "live"),
        ("resume", "ESC-1042", "succeeded", "NOK 3.00 (invoice 7): released."),
    ]
    asked, decided, done = capsys.readouterr().out.splitlines()
    assert asked.endswith("I stop and ask: ESC-1042.")
    assert decided == "Nora Lind decided ESC-1042 with “approve”: The lamp only. I go on."
    assert done == "ESC-1042: NOK 3.00 (invoice 7): released."


def test_the_agent_takes_up_what_waits_from_before(capsys):
    desk = DeskOfOne(there=[Case.of(CASE)])

    agent.DemoAgent(desk, hurry=0).take_up()
    assert desk.heard.wait(60)

    assert desk.told == [("resume", "ESC-1042", "succeeded", "NOK 3.00 (invoice 7): released.")]
    assert capsys.readouterr().out.startswith("I wait for answers on 1 case from before.\n")


def test_the_agent_asks_nothing_more_while_five_of_its_own_wait():
    case = Case.of(CASE)
    waiting = [replace(case, reference=f"ESC-{number}") for number in range(5)]
    desk = DeskOfOne(there=waiting, decision=refusal(410, {}))

    at_work(desk, [0, 0])

    assert [told for told in desk.told if told[0] == "open"] == []


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (Withdrawn(410, {}), "ESC-1042 was withdrawn; nothing to do."),
        (DeskError("no"), "I cannot go on with ESC-1042: no."),
    ],
)
def test_the_agent_says_why_it_does_not_go_on(capsys, trouble, said):
    agent.DemoAgent(DeskOfOne(decision=trouble), hurry=0).see_through("ESC-1042")

    assert capsys.readouterr().out == f"{said}\n"


def test_the_agent_tries_later_when_the_desk_does_not_take_its_case(capsys):
    desk = DeskOfOne()
    desk.open = lambda *_, **__: (_ for _ in ()).throw(DeskError("busy"))

    at_work(desk, [0])

    assert capsys.readouterr().out == "I could not ask (busy); I try again later.\n" * 2


def test_the_agent_ends_when_its_key_is_refused():
    desk = DeskOfOne()
    desk.open = lambda *_, **__: (_ for _ in ()).throw(Unauthorised(401, {}))

    with pytest.raises(Unauthorised):
        at_work(desk, [0])


def test_what_people_wrote_cannot_break_a_line(capsys):
    agent.say("one\ntwo \x1b[31mred\u202e \u200b end")

    assert capsys.readouterr().out == "one two [31mred end\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_program_ends_at_once_when_told(tmp_path, number):
    key = tmp_path / "demo-agent.key"
    key.write_text("rk_1")
    empty = Answer(200, {"items": [], "next": None})
    slow = Answer(200, empty.body, after=600)
    with scripted(*[empty] * 4, slow) as desk:
        program = started(desk.url, key)
        while len(desk.calls) < 5:
            time.sleep(0.02)
        program.send_signal(number)
        program.communicate(timeout=120)  # long before the answer
        assert program.returncode == 0


def test_the_program_says_when_its_key_is_refused(tmp_path):
    key = tmp_path / "demo-agent.key"
    key.write_text("rk_1\n")
    with scripted(problem(401, "key-refused")) as desk:
        program = started(desk.url, key)
        _, said = program.communicate(timeout=60)

    assert (program.returncode, said.startswith("The desk does not take my key")) == (1, True)
    assert desk.calls[0].headers["authorization"] == "Bearer rk_1"


def started(url, key):
    path = os.pathsep.join([str(ROOT / "sdk/python"), str(ROOT)])
    return subprocess.Popen(
        [sys.executable, "-m", "escalation.demo.agent", url, str(key)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
