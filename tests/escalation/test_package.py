import pytest

from escalation.errors import Fault, PackageRejected
from escalation.package import read_package, read_steps
from tests.factories import ABSENT, PACKAGE, options, package, package_with, step

INSTANT = "must be an RFC 3339 instant with an offset, such as 2026-11-20T09:12:00Z"
NO_DATE = "is not a date that exists"
UNKNOWN = "this field is not known"
REQUIRED = "is required"
WEB = "a callback goes to an https:// or http:// address"


def faults_of(sent):
    with pytest.raises(PackageRejected) as refusal:
        read_package(sent)
    return list(refusal.value.faults)


def test_the_package_of_the_contract_is_taken():
    read = read_package(package())

    assert (read.question.recommended, read.proposal.amount.decimal, len(read.steps)) == (
        "approve",
        412.5,
        2,
    )


def test_the_least_that_is_a_package_is_taken():
    least = {
        "request": {"content": ""},
        "triggers": [{"type": "risk", "name": "r", "operator": "=="}],
        "proposal": None,
        "question": {
            "text": "Go on?",
            "options": [
                {"key": "a", "label": "A", "outcome": "other", "consequences": [{"text": "x"}]},
                {"key": "b", "label": "B", "outcome": "other", "consequences": [{"text": "y"}]},
            ],
        },
        "identity": {},
    }

    assert read_package(least).model_dump(exclude_unset=True) == least


@pytest.mark.parametrize(
    "pointer",
    [
        *("/urgent", "/request/subject", "/steps/1/took_ms", "/triggers/0/severity"),
        *("/proposal/impact", "/proposal/amount/unit", "/question/hint"),
        *("/question/options/0/colour", "/question/options/0/consequences/0/severity"),
        *("/identity/session", "/identity/user/email", "/resume/token"),
    ],
)
def test_an_unknown_field_is_refused_at_every_level(pointer):
    assert faults_of(package_with(pointer, "x")) == [Fault(pointer, UNKNOWN)]


@pytest.mark.parametrize(
    "pointer",
    [
        *("/request", "/triggers", "/proposal", "/question", "/identity", "/request/content"),
        *("/steps/0/kind", "/steps/0/at", "/triggers/0/type"),
        *("/triggers/0/name", "/triggers/0/operator", "/proposal/action", "/proposal/arguments"),
        *("/proposal/amount/amount", "/proposal/amount/currency", "/question/text"),
        *("/question/options", "/question/options/0/key", "/question/options/0/label"),
        *("/question/options/0/outcome", "/question/options/0/consequences"),
        "/question/options/0/consequences/0/text",
    ],
)
def test_what_is_required_may_not_be_missing(pointer):
    assert faults_of(package_with(pointer, ABSENT)) == [Fault(pointer, REQUIRED)]


@pytest.mark.parametrize(
    ("pointer", "value", "message"),
    [
        ("/run", 7, "must be a string"),
        ("/request", "My parcel never came", "must be an object"),
        ("/request/content", None, "must be a string"),
        ("/request/received_at", 1763629920, INSTANT),
        ("/steps", {}, "must be a list"),
        ("/steps/0", "s1", "must be an object"),
        ("/steps/0/duration_ms", "41", "must be a whole number"),
        ("/steps/0/duration_ms", 41.5, "must be a whole number"),
        ("/steps/0/must_read", "yes", "must be true or false"),
        ("/steps/0/must_read", 1, "must be true or false"),
        ("/proposal/arguments", [], "must be an object"),
        ("/proposal/confidence", "high", "must be a number"),
        ("/proposal/confidence", True, "must be a number"),
        ("/proposal/categories/0", None, "must be a string"),
        ("/question/options", {}, "must be a list"),
        ("/question/options/1/parameters", [], "must be an object"),
        ("/identity/user", "cus_19", "must be an object"),
        ("/role", ["refunds-compliance"], "must be a string"),
    ],
)
def test_a_wrong_type_is_refused_and_never_made_to_fit(pointer, value, message):
    assert faults_of(package_with(pointer, value)) == [Fault(pointer, message)]


@pytest.mark.parametrize(
    ("pointer", "value", "message"),
    [
        (
            "/stakes",
            "urgent",
            "must be one of low, medium, high, critical",
        ),
        (
            "/steps/0/kind",
            "thought",
            "must be one of message, tool_call, retrieval, reasoning, conclusion, error, other",
        ),
        (
            "/triggers/0/type",
            "hunch",
            "must be one of confidence, boundary, anomaly, risk, policy",
        ),
        (
            "/question/options/0/outcome",
            "no_answer",
            "must be one of approve, modify, reject, escalate, other",
        ),
        (
            "/triggers/0/operator",
            "~",
            "Input should be '<', '<=', '>', '>=', '==', '!=', 'in' or 'matches'",
        ),
    ],
)
def test_a_word_outside_a_closed_list_is_told_the_list(pointer, value, message):
    assert faults_of(package_with(pointer, value)) == [Fault(pointer, message)]


@pytest.mark.parametrize(
    "pointer", ["/question/text", "/question/options/0/label", "/triggers/0/name"]
)
@pytest.mark.parametrize("value", ["", " \n\t", "\u200b \ufeff\u2800"])
def test_what_a_reviewer_must_read_is_not_blank(pointer, value):
    assert faults_of(package_with(pointer, value)) == [Fault(pointer, "must not be blank")]


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ("2026-11-20T09:12:00", INSTANT),
        ("2026-11-20 09:12:00Z", INSTANT),
        ("2026-11-20", INSTANT),
        ("yesterday", INSTANT),
        ("٢٠٢٦-11-20T09:12:00Z", INSTANT),
        ("2026-02-30T09:12:00Z", NO_DATE),
        ("2026-11-20T24:01:00Z", NO_DATE),
        ("2026-11-20T09:12:61Z", NO_DATE),
        ("2026-11-20T09:12:00+99:00", NO_DATE),
        ("0000-12-31T23:59:59Z", NO_DATE),
        ("0001-01-01T00:00:00+14:00", "must lie in a year from 2 to 9998"),
        ("9999-12-31T23:59:59Z", "must lie in a year from 2 to 9998"),
    ],
)
def test_an_instant_has_an_offset_and_exists(at, message):
    assert faults_of(package_with("/steps/0/at", at)) == [Fault("/steps/0/at", message)]


@pytest.mark.parametrize(
    ("at", "written"),
    [
        ("2026-11-20T09:12:00Z", "2026-11-20T09:12:00+00:00"),
        ("2026-11-20t09:12:00.5z", "2026-11-20T09:12:00.500000+00:00"),
        ("2026-11-20T09:12:00.123456789+01:00", "2026-11-20T09:12:00.123456+01:00"),
        ("2026-11-20T09:12:00-05:30", "2026-11-20T09:12:00-05:30"),
    ],
)
def test_an_instant_is_read_with_its_offset(at, written):
    read = read_package(package_with("/steps/0/at", at))

    assert read.steps[0].at.isoformat() == written


@pytest.mark.parametrize("amount", ["412,50", "1e3", "NaN", "", "+5", " 5", "5.", "٤", "5.00\n"])
def test_an_amount_is_a_plain_decimal(amount):
    (fault,) = faults_of(package_with("/proposal/amount/amount", amount))

    assert fault.pointer == "/proposal/amount/amount"


@pytest.mark.parametrize("currency", ["usd", "US", "2USD", "U$D", "USD\n", "THIRTEENCHARS"])
def test_a_currency_is_a_code_in_capitals(currency):
    (fault,) = faults_of(package_with("/proposal/amount/currency", currency))

    assert fault.pointer == "/proposal/amount/currency"


@pytest.mark.parametrize("key", ["", "two words", "k\n", "x" * 65])
def test_a_key_is_one_short_word(key):
    (fault,) = faults_of(package_with("/steps/0/key", key))

    assert fault.pointer == "/steps/0/key"


@pytest.mark.parametrize("confidence", [-0.01, 1.01])
def test_a_confidence_lies_between_nought_and_one(confidence):
    (fault,) = faults_of(package_with("/proposal/confidence", confidence))

    assert fault.pointer == "/proposal/confidence"


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/triggers", []),
        ("/question/options", []),
        ("/question/options", PACKAGE["question"]["options"][:1]),
        ("/question/options/0/consequences", []),
    ],
)
def test_a_question_without_a_real_choice_is_refused(pointer, value):
    (fault,) = faults_of(package_with(pointer, value))

    assert fault.pointer == pointer


def test_a_key_that_stands_twice_is_pointed_at_where_it_stands_again():
    twice = package(steps=[step("a"), step("b"), step("a")])
    twice["question"]["options"][2]["key"] = "approve"

    assert faults_of(twice) == [
        Fault("/steps/2/key", "the key a stands twice"),
        Fault("/question/options/2/key", "the key approve stands twice"),
    ]


def test_only_an_option_that_is_offered_can_be_recommended():
    assert faults_of(package_with("/question/recommended", "wait")) == [
        Fault("/question/recommended", "must be one of approve, modify, reject, or null")
    ]


@pytest.mark.parametrize("recommended", [None, ABSENT, "reject"])
def test_an_agent_need_not_recommend_anything(recommended):
    assert read_package(package_with("/question/recommended", recommended))


def test_a_proposal_may_be_null_but_not_missing():
    assert read_package(package(proposal=None)).proposal is None
    assert faults_of(package(proposal=ABSENT)) == [Fault("/proposal", REQUIRED)]


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"type": "objekt"}, "/type"),
        ({"properties": {"amount": {"minLength": -1}}}, "/properties/amount/minLength"),
        ({"properties": {"a": {"$ref": "https://schemas.example/a.json"}}}, ""),
        ({"properties": {"a": {"pattern": "(?=a)"}}}, "/properties/a/pattern"),
    ],
)
def test_a_schema_that_cannot_be_used_is_pointed_into(schema, pointer):
    faults = faults_of(package_with("/question/options/1/parameters", schema))

    assert [fault.pointer for fault in faults] == [f"/question/options/1/parameters{pointer}"]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("javascript:alert(1)", WEB),
        ("file:///etc/passwd", WEB),
        ("ftp://agent.example/", WEB),
        ("//agent.example/", WEB),
        ("agent.example", WEB),
        ("", WEB),
        ("https:///hooks", WEB),
        (
            "https://user:secret@agent.example/",
            "a callback address carries no user name or password",
        ),
        ("https://user@agent.example/", "a callback address carries no user name or password"),
        ("https://agent.example:99999/", "this is not a web address"),
        ("https://[::1/", "this is not a web address"),
        ("https://localhost/", "localhost is this machine itself"),
        ("https://LOCALHOST./", "localhost. is this machine itself"),
        ("https://agent.localhost/", "agent.localhost is this machine itself"),
        ("https://127.0.0.1/", "127.0.0.1 is a private or reserved address"),
        ("http://10.0.0.8:8080/", "10.0.0.8 is a private or reserved address"),
        ("http://169.254.169.254/latest/", "169.254.169.254 is a private or reserved address"),
        ("http://[::1]/", "::1 is a private or reserved address"),
        ("http://[::ffff:10.0.0.1]/", "::ffff:10.0.0.1 is a private or reserved address"),
        ("https://agent.example/a b", "a callback address has no spaces or control characters"),
    ],
)
def test_a_callback_goes_to_a_public_web_address(url, message):
    assert faults_of(package_with("/resume/callback_url", url)) == [
        Fault("/resume/callback_url", message)
    ]


def test_a_callback_address_is_at_most_2000_characters():
    (fault,) = faults_of(package_with("/resume/callback_url", f"https://a.example/{'x' * 2000}"))

    assert fault.pointer == "/resume/callback_url"


def test_a_private_callback_is_taken_where_a_setting_allows_it(settings):
    settings.CALLBACK_ALLOW = ["10.0.0.0/8", "127.0.0.0/8"]

    for url in ("http://10.2.3.4/", "http://localhost:9/", "http://[::ffff:127.0.0.1]/"):
        assert read_package(package_with("/resume/callback_url", url)).resume.callback_url == url


@pytest.mark.parametrize(("size", "faults"), [
    (256 * 1024 - 2, []),
    (256 * 1024 - 1, [Fault("/resume/state", "is larger than 256 KiB")]),
])  # fmt: skip
def test_a_state_is_at_most_256_kib_as_it_is_stored(size, faults):
    sent = package_with("/resume/state", "x" * size)  # and two quotes

    assert (faults_of(sent) if faults else read_package(sent) and []) == faults


@pytest.mark.parametrize("value", [None, 7, "package", [], [PACKAGE]])
def test_a_package_is_an_object(value):
    assert faults_of(value) == [Fault("", "must be an object")]


def test_at_most_twenty_faults_are_named():
    assert len(faults_of(package(**{f"field-{n}": n for n in range(50)}))) == 20


def test_an_option_may_pass_the_case_up():
    up = {
        "key": "up",
        "label": "Up",
        "outcome": "escalate",
        "consequences": [{"text": "They decide"}],
    }

    assert read_package(package(question=options(up))).question.options[3].outcome == "escalate"


# Later evidence ----------------------------------------------------------------------------------


def test_steps_may_follow():
    assert [s.key for s in read_steps({"steps": [step("s3"), step("s4")]}, taken={"s1"}).steps] == [
        "s3",
        "s4",
    ]


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, [Fault("/steps", REQUIRED)]),
        ({"steps": [step("s3")], "run": "r"}, [Fault("/run", UNKNOWN)]),
        ({"steps": [step("s1")]}, [Fault("/steps/0/key", "the case already has a step s1")]),
        ({"steps": [step("s3"), step("s3")]}, [Fault("/steps/1/key", "the key s3 stands twice")]),
    ],
)
def test_steps_that_do_not_follow_are_refused(body, faults):
    with pytest.raises(PackageRejected) as refusal:
        read_steps(body, taken={"s1", "s2"})

    assert list(refusal.value.faults) == faults


def test_no_steps_at_all_are_refused():
    with pytest.raises(PackageRejected) as refusal:
        read_steps({"steps": []}, taken=set())

    assert [fault.pointer for fault in refusal.value.faults] == ["/steps"]


# Steps without a key -------------------------------------------------------------------------------


def test_a_step_without_a_key_is_known_by_its_position():
    keyless = {name: value for name, value in step("a").items() if name != "key"}
    sent = package_with("/steps", [keyless, step("s2"), {**keyless, "key": None}])

    assert [one.key for one in read_package(sent).steps] == ["#1", "s2", "#3"]
    assert [one.key for one in read_steps({"steps": [keyless]}, taken={"a", "#2"}).steps] == ["#3"]


def test_a_key_that_is_the_position_of_another_stands_twice():
    keyless = {name: value for name, value in step("a").items() if name != "key"}

    (fault,) = faults_of(package_with("/steps", [step("#2"), keyless]))

    assert fault == Fault("/steps/1/key", "the key #2 stands twice")
