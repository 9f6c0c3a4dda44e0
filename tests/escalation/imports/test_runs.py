import json
from datetime import UTC, datetime, timedelta

import pytest

from escalation.imports import runs
from escalation.imports.recording import BadRun

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def message(role, content):
    return {"kind": "message", "role": role, "content": content}


def call(name, **arguments):
    return {"kind": "tool_call", "name": name, "arguments": arguments}


def result(name, content):
    return {"kind": "tool_result", "name": name, "content": content}


RESERVATION = {
    "reservation_id": "AB12",
    "cabin": "economy",
    "insurance": "no",
    "payment_history": [{"payment_id": "card_1", "amount": 640}],
}


def a_run(**changes):
    run = {
        "run": "r-1",
        "agent": "desk",
        "model": "m-1",
        "user": "mia_1",
        "original_request": "Cancel my trip",
        "steps": [
            message("user", "Cancel my trip"),
            call("get_reservation_details", reservation_id="AB12"),
            result("get_reservation_details", json.dumps(RESERVATION)),
            call("think", thought="It is hers."),
            result("think", ""),
            message("assistant", "Shall I cancel AB12?"),
            message("user", "Yes, please."),
            call("cancel_reservation", reservation_id="AB12"),
            result("cancel_reservation", '{"status": "cancelled"}'),
            message("user", "Thank you ###STOP###"),
        ],
        "actions": [{"step": 7, "name": "cancel_reservation", "correct": True}],
        "reward": 1.0,
    }
    return run | changes


def test_a_package_holds_what_the_agent_had_seen_and_nothing_later():
    (imported,) = runs.packages(a_run(), at=NINE)

    assert [(s["key"], s["kind"], s.get("name")) for s in imported.package["steps"]] == [
        ("clock", "other", "import"),
        ("s1", "tool_call", "get_reservation_details"),
        ("s3", "reasoning", "think"),
        ("s5", "message", "assistant"),
        ("s6", "message", "user"),
    ]
    assert imported.package["steps"][1] == {
        "key": "s1",
        "kind": "tool_call",
        "name": "get_reservation_details",
        "at": "2026-03-02T08:59:24Z",
        "input": {"reservation_id": "AB12"},
        "output": RESERVATION,
        "must_read": True,
    }
    assert "cancelled" not in json.dumps(imported.package)


def test_ground_truth_stays_beside_the_package():
    (imported,) = runs.packages(a_run(reward=0.123456), at=NINE)

    assert imported.truth == runs.Truth("r-1", 7, "cancel_reservation", True, 0.123456)
    text = json.dumps(imported.package)
    assert [word for word in ("correct", "reward", "0.123456") if word in text] == []


def test_the_clock_is_made_up_the_same_way_each_time_and_says_so():
    first = runs.packages(a_run(), at=NINE)
    later = runs.packages(a_run(), at=NINE + timedelta(hours=1))

    assert first == runs.packages(a_run(), at=NINE)
    assert first[0].key == later[0].key == "run:r-1#7"
    note = first[0].package["steps"][0]
    assert (note["at"], note["text"]) == ("2026-03-02T08:59:22Z", runs.CLOCK_NOTE)
    assert first[0].package["request"]["received_at"] == note["at"]


def test_the_clock_ends_when_the_run_ended():
    steps = a_run()["steps"]

    times = runs.clock(steps, ends_at=NINE)

    assert (len(times), times[-1], times) == (len(steps), NINE, sorted(times))


def test_each_rule_fires_with_the_values_that_did_it():
    steps = a_run()["steps"]
    steps[6] = message("user", "You are the kindest agent of all")
    steps[4:4] = [call("calculate", expression="1/0"), result("calculate", "Error: no")]
    actions = [{"step": 9, "name": "cancel_reservation"}]

    (imported,) = runs.packages(a_run(steps=steps, actions=actions), at=NINE)

    fired = [
        (t["type"], t["name"], t["observed"], t["operator"]) for t in imported.package["triggers"]
    ]
    assert fired == [
        ("boundary", "money_movement", "cancel_reservation", "in"),
        ("risk", "large_amount", "640.00", ">="),
        ("policy", "explicit_agreement", False, "=="),
        ("anomaly", "tool_errors", 1, ">"),
        ("risk", "refund_not_covered", {"cabin": "economy", "insurance": "no"}, "!="),
    ]
    assert imported.truth.correct is None


def test_a_reviewer_may_change_each_argument_of_the_call():
    (imported,) = runs.packages(a_run(), at=NINE)

    modify = imported.package["question"]["options"][1]
    assert (modify["outcome"], modify["parameters"]) == (
        "modify",
        {
            "type": "object",
            "required": ["reservation_id"],
            "additionalProperties": False,
            "properties": {
                "reservation_id": {
                    "title": "Reservation id",
                    "type": "string",
                    "minLength": 1,
                    "default": "AB12",
                }
            },
        },
    )


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ('{"a": [1, {"b": null}]}', {"a": [1, {"b": None}]}),
        ("[]", []),
        ("255.0", "255.0"),
        ("Error: no such flight", "Error: no such flight"),
        ('{"a": 1, "a": 2}', '{"a": 1, "a": 2}'),
        ('{"a": 12345678901234567890}', '{"a": 12345678901234567890}'),
        ('{"a": NaN}', '{"a": NaN}'),
        ("{broken", "{broken"),
        ("", ""),
    ],
)
def test_a_result_is_read_as_json_only_where_json_gives_it_back_exactly(content, read):
    assert runs.parsed(content) == read


def test_an_unknown_call_that_changed_the_world_is_told_by_its_name():
    steps = [message("user", "Open the gate"), call("open_gate")]
    actions = [{"step": 1, "name": "open_gate"}]

    (imported,) = runs.packages(a_run(steps=steps, actions=actions), at=NINE)

    question = imported.package["question"]
    assert question["text"] == "Let the agent call open_gate?"
    assert [option["key"] for option in question["options"]] == ["approve", "reject"]


def test_a_run_that_changed_nothing_asks_nothing():
    assert runs.packages(a_run(steps=[], actions=[]), at=NINE) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ([], "a run must be an object"),
        (a_run(colour="red"), "/colour: this field is not known"),
        (a_run(run=7), "/run: must be a string"),
        (a_run(run=" "), "/run: must have 1 to 200 characters"),
        ({"run": "r"}, "/steps: is required"),
        (a_run(steps={}), "/steps: must be a list"),
        (a_run(steps=["hello"]), "/steps/0: must be an object"),
        (
            a_run(steps=[{"kind": "dance"}]),
            "/steps/0/kind: must be one of message, tool_call, tool_result",
        ),
        (
            a_run(steps=[{"kind": []}]),
            "/steps/0/kind: must be one of message, tool_call, tool_result",
        ),
        (a_run(steps=[{"kind": "message", "role": "user"}]), "/steps/0/content: is required"),
        (
            a_run(steps=[call("x") | {"arguments": "{}"}]),
            "/steps/0/arguments: must be an object",
        ),
        (a_run(steps=[call("x") | {"at": "now"}]), "/steps/0/at: this field is not known"),
        (
            a_run(actions=[{"step": 99, "name": "x"}]),
            "/actions/0/step: must be the index of a step, 0 to 9",
        ),
        (
            a_run(actions=[{"step": True, "name": "x"}]),
            "/actions/0/step: must be the index of a step, 0 to 9",
        ),
        (a_run(actions=[{"step": 7, "name": "x"}]), "/actions/0/name: step 7 is no call of 'x'"),
        (
            a_run(actions=[{"step": 7, "name": "cancel_reservation", "correct": 1}]),
            "/actions/0/correct: must be true or false",
        ),
        (
            a_run(actions=[{"step": 7, "name": "cancel_reservation"}] * 2),
            "/actions: two actions name the same step",
        ),
        (a_run(reward="high"), "/reward: must be a number"),
    ],
)
def test_a_line_that_is_no_run_is_refused_with_the_place(line, said):
    with pytest.raises(BadRun) as refusal:
        runs.packages(line, at=NINE)

    assert str(refusal.value) == said
