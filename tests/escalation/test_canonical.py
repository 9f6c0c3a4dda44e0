import hashlib
import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from escalation import canonical
from escalation.errors import Fault, NotJson, PackageRejected
from escalation.package import SCORES
from tests.factories import PACKAGE, as_json

INEXACT = "is a number that JSON cannot carry exactly; send it as a string"
NUL = "holds a NUL character, which no record can keep"
SURROGATE = "holds half of a surrogate pair, which is no character"
DEEP = "nested deeper than 64 levels"

numbers = st.integers(-canonical.MAX_INTEGER, canonical.MAX_INTEGER) | st.floats(
    allow_nan=False, allow_infinity=False
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=20,
)


def nested(depth, inside=b"1"):
    return b"[" * depth + inside + b"]" * depth


def faults_of(body):
    with pytest.raises(PackageRejected) as refusal:
        canonical.parse(body)
    return list(refusal.value.faults)


@given(values)
def test_encode_writes_what_rfc_8785_writes(value):
    assert canonical.encode(value) == rfc8785.dumps(value)


@given(values)
def test_what_is_encoded_is_encoded_alike_when_it_is_read_back(value):
    encoded = canonical.encode(value)

    assert canonical.encode(json.loads(encoded)) == encoded


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_double_is_read_back_from_its_shortest_form(number):
    assert canonical.parse(repr(number).encode()) == number


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"9007199254740991", 9007199254740991),
        (b"-9007199254740991", -9007199254740991),
        (b"0.1", 0.1),
        (b"1E2", 100.0),
        (b"1.50", 1.5),
        (b"5e-324", 5e-324),
        (b"-0.0", -0.0),
        (b"0e999999999999999999", 0.0),
        (b'"\\ud83d\\ude00"', "😀"),
        (b"\xef\xbb\xbf{}", {}),
        (b" [1, 2]\n", [1, 2]),
    ],
)
def test_json_is_read_as_it_stands(body, value):
    assert canonical.parse(body) == value


@pytest.mark.parametrize(
    "number",
    [
        *("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e-400"),
        *("9007199254740992", "-9007199254740992", "100000000000000000000"),
        *("0.1234567890123456789", "9007199254740993.0", "1e999999999999999999"),
    ],
)
def test_a_number_that_no_double_holds_is_refused_where_it_stands(number):
    body = f'{{"a": [1, {number}]}}'.encode()

    assert faults_of(body) == [Fault("/a/1", f"{number} {INEXACT}")]


def test_a_number_of_a_hundred_thousand_digits_is_refused_without_being_computed():
    assert faults_of(b"1" * 100_000) == [Fault("", f"{'1' * 40} {INEXACT}")]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b'{"a": 1, "a": 2}', Fault("/a", "this key stands twice in one object")),
        (b'{"x/y~": {"a": 1, "a": 1}}', Fault("/x~1y~0/a", "this key stands twice in one object")),
        (b'["a\\u0000"]', Fault("/0", NUL)),
        (b'{"a": {"\\u0000": 1}}', Fault("/a", f"a key {NUL}")),
        (b'{"a": "\\ud800"}', Fault("/a", SURROGATE)),
        (b'{"a": "\\udc00\\ud800"}', Fault("/a", SURROGATE)),
        (b'[{"\\ud800": 1}]', Fault("/0", f"a key {SURROGATE}")),
    ],
)
def test_what_could_not_be_given_back_exactly_is_refused_where_it_stands(body, fault):
    assert faults_of(body) == [fault]


@pytest.mark.parametrize(
    "odd", [b"0.1234567890123456789", b'{"k": 1, "k": 1}', b'"\\ud800"', b"1e400"]
)
@pytest.mark.parametrize(
    "around", [b'{"a": [7, "\\ud83d\\ude00", %s]}', b'[[[], {"b": %s}], 2.5, null]']
)
def test_one_odd_value_is_found_among_any_others(around, odd):
    assert len(faults_of(around % odd)) == 1
    assert canonical.parse(around % b"true") is not None


def test_every_fault_is_named_and_no_more_than_twenty():
    assert faults_of(b'{"a": NaN, "b": ["\\u0000"]}') == [
        Fault("/a", f"NaN {INEXACT}"),
        Fault("/b/0", NUL),
    ]
    assert len(faults_of(b"[" + b",".join([b"NaN"] * 1000) + b"]")) == 20


@pytest.mark.parametrize("body", [nested(64), b'{"a":' * 64 + b"1" + b"}" * 64])
def test_sixty_four_levels_are_taken(body):
    assert canonical.encode(canonical.parse(body)) == body


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (nested(65), "/0" * 64),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "/a" * 64),
        (nested(100_000), ""),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, ""),
        (b"[" * 100_000, ""),
    ],
)
def test_deeper_nesting_is_refused_however_deep(body, pointer):
    assert faults_of(body) == [Fault(pointer, DEEP)]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "The body is not JSON: expecting value at line 1, column 1."),
        (b"{} {}", "The body is not JSON: extra data at line 1, column 4."),
        (b"[1,]", "The body is not JSON: expecting value at line 1, column 4."),
        (b'"\xff"', "The body is not UTF-8: byte 1 is 0xff."),
        (b'"\xed\xa0\x80"', "The body is not UTF-8: byte 1 is 0xed."),
        ('"é"'.encode("utf-16"), "The body is not UTF-8: byte 0 is 0xff."),
    ],
)
def test_what_is_no_json_says_where_it_stops_being_json(body, said):
    with pytest.raises(NotJson) as refusal:
        canonical.parse(body)

    assert str(refusal.value) == said


@pytest.mark.parametrize(
    ("parts", "pointer"),
    [
        ((), ""),
        (("steps", 0, "key"), "/steps/0/key"),
        (("a/b", "m~n", "", "~1"), "/a~1b/m~0n//~01"),
    ],
)
def test_a_pointer_is_written_as_rfc_6901_has_it(parts, pointer):
    assert canonical.pointer(*parts) == pointer


def test_a_number_that_came_back_from_the_database_as_an_integer_is_still_a_double():
    assert canonical.encode({"😀": 10**22}) == '{"😀":1e+22}'.encode()
    assert canonical.encode([10**22]) == b"[1e+22]"


def test_an_integer_that_no_double_holds_is_never_written():
    with pytest.raises(ValueError, match="9007199254740993"):
        canonical.encode([2**53 + 1])


def test_the_digest_of_a_package_is_that_of_its_rfc_8785_form():
    posted = as_json(PACKAGE)

    digest = canonical.digest(canonical.encode(canonical.parse(posted)))

    expected = hashlib.sha256(rfc8785.dumps(json.loads(posted))).hexdigest()
    assert digest == f"sha256:{expected}"


@pytest.mark.parametrize(
    ("bodies", "whole"),
    [
        ([b'{"run":"r"}'], {"run": "r"}),
        ([b'{"run":"r"}', b'{"steps":[1]}'], {"run": "r", "steps": [1]}),
        ([b'{"steps":[1]}', b'{"steps":[2,3]}', b'{"steps":[4]}'], {"steps": [1, 2, 3, 4]}),
        ([b'{"steps":[]}'], {"steps": []}),
    ],
)
def test_later_steps_are_folded_into_the_package_in_order(bodies, whole):
    assert canonical.fold(bodies) == whole


# Scores --------------------------------------------------------------------------------------------

FINE = "0.87000000000000002"


@pytest.mark.parametrize(
    "body",
    [
        f'{{"proposal": {{"confidence": {FINE}}}}}',
        f'{{"triggers": [{{}}, {{"observed": {FINE}}}]}}',
        f'{{"triggers": [{{"threshold": {FINE}}}]}}',
        f'{{"triggers": [{{"observed": {{"a": [{FINE}, {{"b": {FINE}}}]}}}}]}}',
        f'{{"steps": [{{"duration_ms": {FINE}}}]}}',
        '{"triggers": [{"observed": 0.1000000000000000055511151231257827021181583404541015625}]}',
        '{"triggers": [{"observed": 8.7000000000000002e-1}]}',
    ],
)
def test_a_measure_finer_than_a_double_is_the_nearest_one(body):
    assert canonical.parse(body.encode(), scores=SCORES) == json.loads(body)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (
            f'{{"proposal": {{"arguments": {{"confidence": {FINE}}}}}}}',
            "/proposal/arguments/confidence",
        ),
        (f'{{"steps": [{{"output": {{"duration_ms": {FINE}}}}}]}}', "/steps/0/output/duration_ms"),
        (f'{{"resume": {{"state": {FINE}}}}}', "/resume/state"),
        (f'{{"confidence": {FINE}}}', "/confidence"),
        ('{"triggers": [{"observed": 12345678901234567890}]}', "/triggers/0/observed"),
        ('{"triggers": [{"observed": 1e999}]}', "/triggers/0/observed"),
        ('{"triggers": [{"observed": NaN}]}', "/triggers/0/observed"),
        ('{"triggers": {"observed": 0.87000000000000002}}', "/triggers/observed"),
    ],
)
def test_what_is_no_measure_is_refused_with_a_sentence(body, pointer):
    with pytest.raises(PackageRejected) as refused:
        canonical.parse(body.encode(), scores=SCORES)

    (fault,) = refused.value.faults
    assert fault.pointer == pointer
    assert fault.message.endswith("cannot carry exactly; send it as a string")
