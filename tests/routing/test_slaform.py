from django.http import QueryDict

from escalation.errors import Fault
from routing import sla, slaform


def post(form, **changes):
    """Return what a browser sends when a form is shown and some of it is typed anew."""
    data = QueryDict(mutable=True)
    for bound in form:
        value = changes.get(bound.name, bound.value())
        if value is True:
            data[bound.name] = "on"
        elif isinstance(value, list | tuple):
            data.setlist(bound.name, value)
        elif value not in (None, False):
            data[bound.name] = value
    for name, value in changes.items():
        data[name] = value
    return data


def standard(**changes):
    return post(slaform.shown(sla.read(sla.STANDARD)), **changes)


def test_a_policy_comes_back_from_its_form_as_it_was():
    form = slaform.typed(standard())

    assert form.is_valid()
    assert sla.read(form.facts()) == sla.read(sla.STANDARD)


def test_a_policy_with_little_in_it_comes_back_as_it_was():
    least = {
        "slug": "least",
        "name": "Least",
        "targets": {"high": {"claim": {"within": "0s", "time": "wall"}}},
        "chain": {"starts_at": "claim", "steps": [{"do": "do_nothing"}], "time": "working"},
        "decide_in_chat": True,
    }
    form = slaform.typed(post(slaform.shown(sla.read(least))))

    assert form.is_valid()
    assert sla.read(form.facts()) == sla.read(least)


def test_a_new_policy_begins_with_the_standard_one_under_no_name():
    form = slaform.shown(None)

    assert (form["slug"].value(), form["name"].value(), form.count) == ("", "", 5)


def test_an_empty_target_is_no_target_and_an_end_waits_for_nothing():
    form = slaform.typed(
        standard(
            **{"targets/high/claim/within": " ", "chain/steps/4/wait": "1h", "warnings": "50%,80 %"}
        )
    )

    assert form.is_valid()
    found = sla.read(form.facts())
    assert found.target("high", "claim") is None
    assert (found.chain.steps[-1].wait.total_seconds(), found.warnings) == (0, (50, 80))


def test_no_reason_to_stop_leaves_no_longest_pause():
    data = standard()
    data.setlist("pauses", [])
    form = slaform.typed(data)

    assert form.is_valid()
    assert sla.read(form.facts()).longest_pause is None


def test_a_step_is_added_before_the_end_and_what_was_typed_is_kept():
    data = standard(act="add:4", name="Changed")
    data.setlist("pauses", ["held"])
    form = slaform.typed(data)

    assert [form.cell("chain/steps", n, "do").value() for n in range(form.count)] == [
        *("remind", "secondary", "backup_role", "higher_role", "remind", "hold")
    ]
    assert (form["name"].value(), form["pauses"].value(), form.is_bound) == (
        *("Changed", ["held"], False),
    )
    assert form.cell("chain/steps", 4, "do").field.widget.attrs["autofocus"]


def test_how_cases_are_reviewed_comes_back_as_it_was_typed():
    typed = {"review/low/protocol": "two_blind", "review/low/hold_window": "1m30s"}
    form = slaform.typed(standard(**typed, **{"review/low/step_up": "on"}))

    assert form.is_valid()
    low = sla.read(form.facts()).review["low"]
    assert (low.protocol, low.hold_window.total_seconds(), low.step_up) == ("two_blind", 90, True)


def test_no_window_is_left_empty():
    assert slaform.shown(None)["review/low/hold_window"].value() == ""


def test_a_reason_is_added_and_what_was_typed_is_kept():
    data = standard(act="reason-add:8", **{"review/critical/step_up": "on"})
    del data["review/high/protocol"]
    data["review/high/protocol"] = "open"
    form = slaform.typed(data)

    assert [field.value() for _, field, _ in form.reasons()][-2:] == ["Something else", ""]
    assert form["review/high/protocol"].value() == "open"
    assert form["review/critical/step_up"].value() is True
    assert form.count == 5
    assert form.cell("reasons", 8, "label").field.widget.attrs["autofocus"]


def test_a_reason_without_a_short_name_gets_one_from_its_words():
    form = slaform.typed(
        standard(**{"reasons/7/label": "It's a duplicate, again", "reasons/7/key": ""})
    )

    assert form.is_valid()
    assert form.facts()["reasons"][7] == {
        "key": "it_s_a_duplicate_again",
        "label": "It's a duplicate, again",
    }


def test_faults_stand_at_the_fields_they_speak_of():
    form = slaform.typed(standard())
    assert form.is_valid()

    form.point_out(
        [
            Fault("/targets/high/claim", "A case would be late."),
            Fault("/targets/low/decision/within", "Too long."),
            Fault("/warnings/1", "Rising."),
            Fault("/chain/steps/0/do", "No such step."),
            Fault("/chain/steps", "An end."),
        ]
    )
    assert {name: list(errors) for name, errors in form.errors.items()} == {
        "targets/high/claim/within": ["A case would be late."],
        "targets/low/decision/within": ["Too long."],
        "warnings": ["Rising."],
        "chain/steps/0/do": ["No such step."],
        "__all__": ["An end."],
    }
