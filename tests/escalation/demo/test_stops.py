from datetime import UTC, datetime

import pytest

from escalation import canonical, parameters
from escalation.demo import sequels, shelf, stops, story
from escalation.package import read_package

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_stops_are_what_the_contract_takes_and_the_same_for_the_same_seed():
    for seed in range(60):
        stop = stops.stop(seed)
        package = shelf.shift(stop.package, NINE)
        read_package(package)
        assert canonical.parse(canonical.encode(package)) == package
        assert stop == stops.stop(seed)

    assert {stops.stop(seed).package["role"] for seed in range(5)} == {
        *("refunds-compliance", "payments-control", "access-review"),
        *("communications", "credit-review"),
    }


def test_what_a_form_offers_first_fits_its_own_schema():
    packages = [shelf.package(name, at=NINE) for name in shelf.names()]
    packages += [stops.stop(seed).package for seed in range(60)]
    offered = [option for package in packages for option in package["question"]["options"]]
    for schema in [option["parameters"] for option in offered if option.get("parameters")]:
        properties = schema["properties"].items()
        first = {name: field["default"] for name, field in properties if "default" in field}
        asked = set(schema.get("required", [])) - set(first)
        if not asked:
            parameters.check(schema, first)


def decision(option, outcome, filled=None, **state):
    known = {"kind": "invoice", "what": "NOK 3.00", "reference": "invoice 7", **state}
    return {
        "option": option,
        "outcome": outcome,
        "permitted": outcome in ("approve", "modify"),
        "arguments": filled or {},
        "state": known | {"done": "released", "told": "taken out"},
    }


@pytest.mark.parametrize(
    ("told", "result", "detail"),
    [
        (decision("approve", "approve"), "succeeded", "NOK 3.00 (invoice 7): released."),
        (
            decision("modify", "modify", {"days": 3, "pay_on": "Friday"}),
            "succeeded",
            "NOK 3.00 (invoice 7): done as changed, with days 3, pay on Friday.",
        ),
        (decision("reject", "reject"), "skipped", "NOK 3.00 (invoice 7): taken out."),
        (
            decision("call_back", "other"),
            "skipped",
            "NOK 3.00 (invoice 7): took the way that was chosen instead: call_back.",
        ),
        (
            decision(None, "no_answer"),
            "skipped",
            "NOK 3.00 (invoice 7): nobody said yes, so nothing was done.",
        ),
        (
            decision("approve", "approve") | {"state": {"invoice": "4471"}},
            "succeeded",
            "Done as approved.",
        ),
    ],
)
def test_the_agent_goes_on_as_the_decision_says(told, result, detail):
    found = sequels.sequel(told)

    assert (found.result, found.detail) == (result, detail)


def test_the_story_gives_every_package_of_the_shelf_its_place():
    assert sorted(story.OPENED) == shelf.names()
