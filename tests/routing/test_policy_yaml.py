"""A version as YAML: what goes out comes back, and what is wrong is told with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import policies
from routing.errors import PolicyRejected
from routing.models import PolicyVersion
from routing.policies import yamltext
from routing.sla import STANDARD
from tests.factories import NINE, make_policy_maker, make_role
from tests.laws import law
from tests.routing.test_policies import ACME, BIG, seen

ROLES = ["operations", "refunds"]
DEFAULT = {"name": "The rest", "role": "operations", "sla": "standard"}


def content(*routes, **changes):
    data = {"sla_policies": [STANDARD], "routes": list(routes), "default": DEFAULT, **changes}
    return policies.read(data, ROLES)


def refused(text):
    with pytest.raises(PolicyRejected) as refusal:
        yamltext.read(text, ROLES)
    return [(fault.pointer, fault.message) for fault in refusal.value.faults]


def test_a_version_is_read_as_it_was_written():
    hard = {"name": "yes: no", "when": {"none": [
        {"field": "tenant", "operator": "in", "value": ["no", "12", "null", "&a *b", "!x", "~", "ø # 5"]},
        {"field": "amount", "operator": ">=", "value": "-5.50 USD"},
        {"field": "tenant", "operator": "given", "value": True},
    ]}, "sla": "standard"}  # fmt: skip
    version = content(hard, ACME, BIG)

    assert yamltext.read(policies.written(version), ROLES) == version


def test_it_is_written_for_people():
    text = policies.written(content(BIG))

    assert text.partition("routes:\n")[2] == (
        "  - name: Large refunds\n"
        "    when: {field: amount, operator: '>', value: 500 USD}\n"
        "    role: refunds\n"
        "    sla: standard\n"
        "    stakes_floor: high\n"
        "    approvals: 2\n"
        "default: {name: The rest, role: operations, sla: standard}\n"
    )


def test_words_stay_words():
    data, _ = yamltext.load("{a: no, b: on, c: 2026-11-21, d: 1e3, e: 0x1F, f: true, g: 5, h: }")

    assert data == {
        "a": "no", "b": "on", "c": "2026-11-21", "d": "1e3", "e": "0x1F", "f": True, "g": 5,
        "h": None,
    }  # fmt: skip


def test_a_fault_names_the_line_it_stands_on():
    text = policies.written(content(BIG)).replace("field: amount", "field: amonut")
    lines = text.splitlines()
    at = 1 + next(n for n, line in enumerate(lines) if "amonut" in line)

    assert refused(text) == [
        ("/routes/0/when/field", f"Line {at}: There is no field 'amonut'; did you mean amount?")
    ]


def test_what_is_missing_is_told_where_it_should_stand():
    assert refused("sla_policies: []\nroutes: []\ndefault:\n  name: The rest\n") == [
        ("/sla_policies", "Line 1: There must be one at least, for the default route."),
        ("/default/role", "Line 4: This is required."),
        ("/default/sla", "Line 4: This is required."),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "There is nothing here."),
        ("- a\n- b", "Line 1: This must be an object: names and their values."),
        ("a: 1\nb: 2\na: 3", "Line 3: The key a stands twice."),
        ("a: &x 1\nb: *x", "Line 1: Anchors and aliases (&name, *name) are not taken; write it out."),
        ("a: 1\nb: *x", "Line 2: Anchors and aliases (&name, *name) are not taken; write it out."),
        (
            "a: !!python/object:os.system x",
            "Line 1: Tags (!name) are not taken; put a text that begins so in quotes.",
        ),
        (
            "operator: !=",
            "Line 1: Tags (!name) are not taken; put a text that begins so in quotes.",
        ),
        ("? [a]\n: b", "Line 1: A key must be a word."),
        ("a: 1\n---\nb: 2", "Line 2: But found another document."),
        ("a: [1, 2", "Line 1: Expected ',' or ']', but got '<stream end>'."),
        ("a: b: c", "Line 1: Mapping values are not allowed here."),
        ("\ta: 1", "Line 1: Found character '\\t' that cannot start any token."),
        ("a: \x00", "This holds characters that no text has."),
        (
            "a:\n  operator: >=\n  value: 5",
            "Line 2: Expected chomping or indentation indicators, but found '='; "
            "put an operator such as > in quotes.",
        ),
    ],
)  # fmt: skip
def test_what_is_no_plain_yaml_is_told_in_a_sentence(text, message):
    assert refused(text)[0] == ("", message)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: "x" * 200_001, "A policy has 200,000 characters at most."),
        (lambda: "[" * 100_000, "Line 1: This is nested deeper than 20 levels."),
        (lambda: "- " * 90_000 + "x", "Line 1: This is nested deeper than 20 levels."),
        (lambda: "[" + "1," * 25_000 + "]", "Line 1: This is more than 20,000 values."),
        (lambda: "a: " + "[x," * 19 + "x" + "]" * 19, "There is no such field"),
    ],
)
def test_what_is_too_large_or_too_deep_is_refused_before_it_is_unfolded(make, message):
    assert message in refused(make())[0][1]  # a bomb would take hours: it would hang here


@pytest.mark.django_db
def test_the_yaml_of_a_whole_version_takes_the_place_of_the_draft():
    make_role("refunds")
    ida = make_policy_maker("ida")
    version = policies.draft(by=ida, at=NINE)
    text = policies.written(content(BIG, ACME))

    version = policies.replace_with(text, seen=seen(version), by=ida, at=NINE)

    assert policies.of(version) == content(BIG, ACME)
    assert (version.revision, version.editors) == (1, [ida.pk])
    with pytest.raises(PolicyRejected):
        policies.replace_with("routes: 5", seen=seen(version), by=ida, at=NINE)
    assert policies.of(PolicyVersion.objects.open_draft()) == content(BIG, ACME)


# Whatever is written --------------------------------------------------------------------------------

keys = st.sampled_from(
    [*("sla_policies", "routes", "default", "name", "when", "role", "sla", "stakes_floor"),
     *("approvals", "slug", "targets", "chain", "steps", "do", "wait", "all", "field", "within"),
     *("warnings", "pauses", "longest_pause", "low", "decision", "time", "starts_at", "x")]
)  # fmt: skip
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
    | st.sampled_from(["standard", "refunds", "operations", "hold", "4h", "wall", "low", "amount"])
)  # fmt: skip
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=20,
)
GOOD = content(BIG).as_facts()


def places(data, path=()):
    """Yield the path to everything within, the whole first."""
    yield path
    inner = (
        data.items()
        if isinstance(data, dict)
        else enumerate(data)
        if isinstance(data, list)
        else ()
    )
    for key, value in inner:
        yield from places(value, (*path, key))


def put(data, path, value):
    if not path:
        return value
    copied = data.copy()
    copied[path[0]] = put(data[path[0]], path[1:], value)
    return copied


@given(st.sampled_from(list(places(GOOD))), anything)
@law(200)
def test_whatever_stands_anywhere_in_a_policy_is_taken_or_refused_with_faults(path, value):
    try:
        found = policies.read(put(GOOD, path, value), ROLES)
    except PolicyRejected as refusal:
        assert 1 <= len(refusal.faults) <= 20
        str(refusal).encode(errors="surrogatepass")
    else:
        assert policies.read(found.as_facts(), ROLES) == found
        assert yamltext.read(policies.written(found), ROLES) == found


@given(st.text(st.sampled_from("ab: -[]{}&*!|>'\"#%@,?\n\t~0.1")) | st.text())
@law(200)
def test_whatever_text_is_typed_is_refused_with_faults(text):
    with pytest.raises(PolicyRejected):
        yamltext.read(text, ROLES)
