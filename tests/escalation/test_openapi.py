import pytest
from django.test import Client

from escalation.package import NOT_BLANK

pytestmark = pytest.mark.django_db
CALLS = {
    "/api/v1/cases": {"get", "post"},
    "/api/v1/cases/{case}": {"get"},
    "/api/v1/cases/{case}/decision": {"get"},
    "/api/v1/cases/{case}/steps": {"post"},
    "/api/v1/cases/{case}/attachments": {"post"},
    "/api/v1/cases/{case}/answers": {"post"},
    "/api/v1/cases/{case}/withdrawal": {"post"},
    "/api/v1/cases/{case}/resumption": {"post"},
}
PACKAGE_PARTS = {
    *("PackageBody", "Request", "Step", "Trigger", "Proposal", "Money", "Question", "OptionBody"),
    *("Consequence", "Identity", "AgentUser", "Resume"),
}


@pytest.fixture
def document():
    answer = Client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def refs(value):
    """Yield the name of every schema that a part of the document leads to."""
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"].removeprefix("#/components/schemas/")
        for inner in value.values():
            yield from refs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from refs(inner)


def reachable(document, names):
    schemas, found = document["components"]["schemas"], set()
    while names := set(names) - found:
        found |= names
        names = {name for seen in names for name in refs(schemas[seen])}
    return found


def test_the_document_is_openapi_31_and_names_every_call(document):
    assert document["openapi"].startswith("3.1.")
    assert {path: set(calls) for path, calls in document["paths"].items()} == CALLS


def test_every_reference_leads_somewhere(document):
    assert set(refs(document)) <= set(document["components"]["schemas"])


def test_every_call_names_its_key_and_its_refusals(document):
    for calls in document["paths"].values():
        for call in calls.values():
            assert call["security"], call["summary"]
            assert {"401", "403", "422"} <= set(call["responses"])


def test_a_body_says_that_it_takes_no_field_it_does_not_name(document):
    sent = {
        path.rsplit("/", 1)[1]: calls["post"]["requestBody"]["content"]
        for path, calls in document["paths"].items()
        if "post" in calls
    }
    form = sent.pop("attachments")["multipart/form-data"]["schema"]
    bodies = {name: content["application/json"]["schema"] for name, content in sent.items()}
    schemas = document["components"]["schemas"]
    assert (form["required"], form["additionalProperties"]) == (["file", "title"], False)

    assert {name: list(refs(body)) for name, body in bodies.items()} == {
        "cases": ["PackageBody"],
        "steps": ["StepsBody"],
        "answers": ["AnswerBody"],
        "withdrawal": ["WithdrawalBody"],
        "resumption": ["ResumptionBody"],
    }
    sent = reachable(document, [name for body in bodies.values() for name in refs(body)])
    assert sent >= PACKAGE_PARTS
    assert {
        name for name in sent if schemas[name].get("additionalProperties") is not False
    } == set()


def test_the_package_says_what_it_requires(document):
    package = document["components"]["schemas"]["PackageBody"]

    assert set(package["required"]) == {"request", "triggers", "proposal", "question", "identity"}


def test_opening_a_case_names_the_header_that_it_needs(document):
    (header,) = document["paths"]["/api/v1/cases"]["post"]["parameters"]

    assert (header["name"], header["in"], header["required"]) == ("Idempotency-Key", "header", True)


def test_the_document_can_be_browsed_without_signing_in():
    answer = Client().get("/api/v1/docs")

    page = answer.content.decode()
    assert b'<html lang="en"' in answer.content  # of the agents' one language
    assert answer.status_code == 200
    assert [path for path in CALLS if path not in page] == []


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_method_that_no_call_takes_is_a_problem(method):
    answer = getattr(Client(), method)("/api/v1/cases")

    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")


# What is refused -----------------------------------------------------------------------------------


def test_refusals_are_problem_documents(document):
    for calls in document["paths"].values():
        for call in calls.values():
            told = {
                status: answer.get("content", {}) for status, answer in call["responses"].items()
            }
            refused = {status for status in told if int(status) >= 400 and told[status]}
            assert {frozenset(told[status]) for status in refused} == {
                frozenset({"application/problem+json"})
            }
            assert {"401", "403", "404", "413", "414", "415", "422", "429", "503"} <= told.keys()


def test_blank_text_keys_that_stand_twice_and_the_range_of_wait_are_said(document):
    schemas = document["components"]["schemas"]
    call = document["paths"]["/api/v1/cases/{case}/decision"]["get"]
    (wait,) = [one["schema"] for one in call["parameters"] if one["name"] == "wait"]

    assert schemas["Question"]["properties"]["text"]["pattern"] == NOT_BLANK
    assert schemas["Trigger"]["properties"]["name"]["pattern"] == NOT_BLANK
    assert (wait["minimum"], wait["maximum"]) == (0, 60)
    assert "once" in schemas["PackageBody"]["properties"]["steps"]["description"]
    assert "once" in schemas["Question"]["properties"]["options"]["description"]
    assert "key" not in schemas["Step"].get("required", [])
