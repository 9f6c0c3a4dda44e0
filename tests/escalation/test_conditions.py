"""Conditions: data that is refused with a pointer or matches in microseconds, and says why."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.conditions import (
    OPERATORS,
    Amounts,
    ConditionRefused,
    Field,
    Kind,
    Money,
    always,
    can_match,
    environment,
    judge,
    matches,
    parse,
    said,
    written,
)
from tests.laws import law

FIELDS = environment(
    Field("tenant", Kind.TEXT, "tenant"),
    Field("kind", Kind.TEXT, "kind", choices=("refund", "grant")),
    Field("categories", Kind.TEXTS, "categories"),
    Field("score", Kind.NUMBER, "score"),
    Field("amount", Kind.MONEY, "amount"),
    Field("stakes", Kind.CHOICE, "stakes", ("low", "medium", "high", "critical"), plural=True),
    Field("reversible", Kind.BOOLEAN, "reversible"),
)


def term(field, operator, value):
    return {"field": field, "operator": operator, "value": value}


def usd(amount):
    return Money(Decimal(amount), "USD")


def faults(data, pointer=""):
    with pytest.raises(ConditionRefused) as refused:
        parse(data, FIELDS, pointer)
    return [(fault.pointer, fault.message) for fault in refused.value.faults]


# What matches -------------------------------------------------------------------------------------

FACTS = {
    "tenant": "acme",
    "categories": ["money_movement", "pii"],
    "score": 0.62,
    "amount": usd("412.5000000000"),
    "stakes": "high",
    "reversible": False,
}


@pytest.mark.parametrize(
    ("data", "matched", "sentence"),
    [
        (term("tenant", "==", "acme"), True, "tenant is acme"),
        (term("tenant", "==", "Acme"), False, "tenant is acme, not Acme"),
        (term("tenant", "!=", "acme"), False, "tenant is acme"),
        (term("tenant", "!=", "beta"), True, "tenant is acme, not beta"),
        (term("tenant", "in", ["acme", "beta"]), True, "tenant is acme, one of acme, beta"),
        (term("tenant", "in", ["beta"]), False, "tenant is acme, not one of beta"),
        (term("tenant", "not in", ["beta"]), True, "tenant is acme, not one of beta"),
        (term("tenant", "not in", ["acme"]), False, "tenant is acme, one of acme"),
        (term("tenant", "starts with", "ac"), True, "tenant is acme, starting with ac"),
        (term("tenant", "starts with", "me"), False, "tenant is acme, not starting with me"),
        (term("tenant", "given", True), True, "tenant is acme"),
        (term("kind", "given", True), False, "kind is not given"),
        (term("kind", "given", False), True, "kind is not given"),
        (
            term("categories", "has", "pii"),
            True,
            "categories are money_movement, pii, including pii",
        ),
        (
            term("categories", "has any", ["pii", "x"]),
            True,
            "categories are money_movement, pii, including any of pii, x",
        ),
        (
            term("categories", "has all", ["pii", "x"]),
            False,
            "categories are money_movement, pii, not including all of pii, x",
        ),
        (term("score", "<", 0.8), True, "score is 0.62, below 0.8"),
        (term("score", ">=", 10000), False, "score is 0.62, not at least 10,000"),
        (term("score", "==", 0.62), True, "score is 0.62"),
        (term("amount", ">", "500 USD"), False, "amount is 412.50 USD, not above 500 USD"),
        (term("amount", "<=", "412.50 USD"), True, "amount is 412.50 USD, at most 412.50 USD"),
        (term("amount", "==", "412.5 USD"), True, "amount is 412.50 USD"),
        (
            term("amount", "<", "500 EUR"),
            False,
            "amount is 412.50 USD, which is not compared with 500 EUR",
        ),
        (term("stakes", ">", "medium"), True, "stakes are high, above medium"),
        (term("stakes", "<=", "medium"), False, "stakes are high, not at most medium"),
        (
            term("stakes", "in", ["high", "critical"]),
            True,
            "stakes are high, one of high, critical",
        ),
        (term("reversible", "==", False), True, "reversible is no"),
        (term("reversible", "!=", False), False, "reversible is no"),
    ],
)
def test_a_term_matches_and_says_what_it_saw(data, matched, sentence):
    condition = parse(data, FIELDS)

    assert matches(condition, FACTS) is matched
    assert judge(condition, FACTS).why == (sentence,)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        dict.fromkeys(FIELDS),
        dict.fromkeys(FIELDS, ""),
        dict.fromkeys(FIELDS, ()),
        {  # every one of another kind than its field
            "tenant": 5,
            "kind": ["refund"],
            "categories": "pii",
            "score": True,
            "amount": "500 USD",
            "stakes": "immense",
            "reversible": 1,
        },
        {"score": float("nan"), "amount": Money(Decimal("NaN"), "USD"), "categories": [[], {}]},
        {"score": Decimal("sNaN")},
    ],
)
def test_a_missing_fact_matches_only_what_says_what_it_is_not(facts):
    positive = [
        term("tenant", "==", "acme"),
        term("tenant", "in", ["acme"]),
        term("kind", "==", "refund"),
        term("tenant", "starts with", "a"),
        term("categories", "has", "pii"),
        term("categories", "has all", ["pii"]),
        term("score", "==", 1),
        term("score", ">", -1),
        term("amount", ">=", "0 USD"),
        term("stakes", ">=", "low"),
        term("reversible", "==", True),
        term("amount", "given", True),
    ]
    negative = [term("tenant", "!=", "acme"), term("stakes", "not in", ["low"])]

    assert not matches(parse({"any": positive}, FIELDS), facts)
    assert matches(parse({"none": positive}, FIELDS), facts)
    assert matches(parse({"all": negative}, FIELDS), facts)
    assert judge(parse(term("amount", ">", "1 USD"), FIELDS), facts).why == ("amount is not given",)


def test_a_group_names_only_what_decided_it():
    big, pii = term("amount", ">", "500 USD"), term("categories", "has", "pii")
    acme = term("tenant", "==", "acme")
    too_small = "amount is 412.50 USD, not above 500 USD"

    def judged(data):
        found = judge(parse(data, FIELDS), FACTS)
        return found.matched, found.why

    assert judged({"all": [big, pii, acme]}) == (False, (too_small,))
    assert judged({"any": [big, acme]}) == (True, ("tenant is acme",))
    assert judged({"any": [big, big]}) == (False, (too_small,))
    assert judged({"none": [big, acme]}) == (False, ("tenant is acme",))
    other = term("amount", ">", "1000000.5 EUR")
    assert judged({"any": [big, other]}) == (False, (too_small,))
    assert judged({"any": [other, other]}) == (
        False,
        ("amount is 412.50 USD, which is not compared with 1,000,000.50 EUR",),
    )
    assert judged({"none": [big]}) == (True, (too_small,))
    assert judged({"all": [acme, {"none": [{"any": [big]}]}]}) == (
        True,
        ("tenant is acme", too_small),
    )


def test_what_was_observed_is_cut_where_it_is_long():
    facts = {"tenant": "x" * 300, "categories": {f"c{n}" for n in range(9)}}
    condition = parse(
        {"all": [term("tenant", "==", "acme"), term("categories", "has", "a b, c")]}, FIELDS
    )

    assert judge(condition, facts).why == (
        f"tenant is “{'x' * 59}…”, not acme",
        "categories are c0, c1, c2, c3, c4 and 4 more, not including “a b, c”",
    )


# What is said -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            {
                "all": [
                    term("amount", ">", "500 USD"),
                    term("categories", "has", "money_movement"),
                    {"none": [term("tenant", "==", "acme")]},
                ]
            },
            "amount is above 500 USD and categories include money_movement, "
            "and none of: tenant is acme",
        ),
        (
            {
                "all": [
                    {"any": [term("tenant", "==", "acme"), term("stakes", ">=", "high")]},
                    term("reversible", "!=", True),
                ]
            },
            "any of (tenant is acme; stakes are at least high) and reversible is not yes",
        ),
        (
            {
                "any": [
                    {"all": [term("score", "<", 0.5), term("kind", "given", False)]},
                    {"none": [term("tenant", "starts with", "a b"), term("kind", "given", True)]},
                ]
            },
            "any of: (score is below 0.5 and kind is not given); "
            "none of (tenant starts with “a b”; kind is given)",
        ),
        (term("stakes", "not in", ["low", "medium"]), "stakes are none of low, medium"),
        (term("categories", "has all", ["a", "b"]), "categories include all of a, b"),
    ],
)
def test_a_condition_is_said_in_words(data, words):
    assert said(parse(data, FIELDS)) == words


# What is refused ----------------------------------------------------------------------------------

BEYOND = "This must lie between -1,000,000,000,000,000 and 1,000,000,000,000,000."
NO_MONEY = "This must be an amount and its currency, such as 500 USD, not"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, ("", "This must be a condition, not nothing.")),
        ("amount > 500", ("", "This must be a condition, not a text.")),
        ({}, ("", "A term has field, operator and value; field is missing.")),
        (
            {"field": "score", "operator": "<"},
            ("", "A term has field, operator and value; value is missing."),
        ),
        (
            term("score", "<", 1) | {"note": "x"},
            ("", "A term has field, operator and value; 'note' is not known."),
        ),
        (
            term("amonut", ">", "5 USD"),
            ("/field", "There is no field 'amonut'; did you mean amount?"),
        ),
        (term("zzz", ">", 5), ("/field", "There is no field 'zzz'.")),
        (term([], ">", 5), ("/field", "This must be the name of a field, not a list.")),
        (
            term("categories", "==", "pii"),
            ("/operator", "'==' is no operator for categories; use has, has any, has all, given."),
        ),
        (
            term("reversible", "~", True),
            ("/operator", "'~' is no operator for reversible; use ==, !=, given."),
        ),
        (term("score", "<", "0.8"), ("/value", "This must be a number, not '0.8'.")),
        (term("score", "<", True), ("/value", "This must be a number, not true.")),
        (term("score", "<", float("nan")), ("/value", BEYOND)),
        (term("score", "<", 10**400), ("/value", BEYOND)),
        (term("amount", ">", 500), ("/value", f"{NO_MONEY} a number.")),
        (term("amount", ">", "500 usd"), ("/value", f"{NO_MONEY} '500 usd'.")),
        (
            term("amount", "!=", "500 USD"),
            ("/operator", "'!=' is no operator for amount; use ==, <, <=, >, >=, given."),
        ),
        (
            term("stakes", ">", "hihg"),
            ("/value", "'hihg' is none of low, medium, high, critical; did you mean high?"),
        ),
        (term("reversible", "==", "yes"), ("/value", "This must be true or false, not 'yes'.")),
        (term("tenant", "given", None), ("/value", "This must be true or false, not nothing.")),
        (term("tenant", "in", "acme"), ("/value", "This must be a list, not a text.")),
        (term("tenant", "in", []), ("/value", "This must list 1 to 100 values.")),
        (term("tenant", "in", ["a", 5]), ("/value/1", "This must be a text, not a number.")),
        (term("tenant", "in", ["a", "a"]), ("/value/1", "'a' stands twice.")),
        (term("tenant", "==", "  "), ("/value", "This must not be blank.")),
        (term("tenant", "==", "x" * 256), ("/value", "This must have at most 255 characters.")),
        (term("tenant", "==", "a\nb"), ("/value", "This must not hold control characters.")),
        (
            term("tenant", "==", "\ud800"),
            ("/value", "This holds half of a surrogate pair, which is no character."),
        ),
        ({"all": []}, ("/all", "This must not be empty.")),
        ({"any": "x"}, ("/any", "This must be a list of conditions, not a text.")),
        (
            {"all": [term("score", "<", 1)], "any": [term("score", "<", 1)]},
            ("", "all, any and none stand alone, with no other key beside them."),
        ),
    ],
)
def test_what_is_wrong_is_named_where_it_stands(data, expected):
    assert faults(data) == [expected]


def test_each_wrong_term_has_its_own_fault_below_where_the_condition_stands():
    data = {"all": [term("tenant", "==", 5), {"none": [term("score", "<", 1), term("x", "<", 1)]}]}

    assert faults(data, "/routes/2/when") == [
        ("/routes/2/when/all/0/value", "This must be a text, not a number."),
        ("/routes/2/when/all/1/none/1/field", "There is no field 'x'."),
    ]


def nested(depth, inner):
    for _ in range(depth):
        inner = {"all": [inner]}
    return inner


def lots(of, times, name="any"):
    return {name: [of] * times}


ONE = term("score", "<", 1)
TOO_DEEP = "This is nested deeper than 5 groups."
TOO_MANY = "This has more than 100 terms."


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: nested(6, ONE), TOO_DEEP),
        (lambda: nested(50, ONE), TOO_DEEP),
        (lambda: nested(100_000, ONE), TOO_DEEP),
        (lambda: lots(ONE, 101), TOO_MANY),
        (lambda: lots(lots(ONE, 60), 2), TOO_MANY),
        (lambda: lots(ONE, 10_000), TOO_MANY),
        (lambda: lots(lots(lots(lots(ONE, 99), 99), 99), 99), TOO_MANY),
        (lambda: lots({"all": []}, 1_000_000), "This must not be empty"),
        (lambda: lots(term("kind", "in", ["zz"] * 100), 10_000), "'zz' is none of refund, grant"),
        (lambda: lots(term("tenantt" * 100_000, "in", []), 10_000), "There is no field"),
        (lambda: term("tenant", "in", nested(100_000, 5)), "This must be a list, not an object"),
        (lambda: term("tenant", "==", "x" * 10_000_000), "This must have at most 255 characters"),
    ],
)
def test_what_is_too_deep_or_too_much_is_refused_at_once(make, expected):
    data = make()
    found = faults(data)

    assert len(found) <= 20 and all(len(message) < 300 for _, message in found)
    assert expected in found[0][1]


def test_the_most_there_may_be_is_taken():
    data = nested(4, {"any": [term("score", "<", 1)] * 100})

    condition = parse(data, FIELDS)

    assert written(condition) == data


# Properties ---------------------------------------------------------------------------------------

texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), min_size=1).filter(
    lambda text: text.strip()
)
money = st.builds(
    lambda amount, currency: f"{amount:f} {currency}",
    st.decimals(-(10**12), 10**12, places=2),
    st.sampled_from(["USD", "EUR"]),
)
SCALARS = {
    Kind.TEXT: texts,
    Kind.TEXTS: texts,
    Kind.NUMBER: st.integers(-(10**15), 10**15) | st.floats(-1e15, 1e15),
    Kind.MONEY: money,
    Kind.BOOLEAN: st.booleans(),
}


@st.composite
def any_term(draw):
    field = draw(st.sampled_from(list(FIELDS.values())))
    operator = draw(st.sampled_from(OPERATORS[field.kind]))
    scalars = st.sampled_from(field.choices) if field.choices else SCALARS[field.kind]
    if operator == "given":
        scalars = st.booleans()
    elif operator in ("in", "not in", "has any", "has all"):
        scalars = st.lists(scalars, min_size=1, max_size=4, unique=True)
    return term(field.name, str(operator), draw(scalars))


def groups(inner):
    return st.builds(
        lambda name, items: {name: items},
        st.sampled_from(["all", "any", "none"]),
        st.lists(inner, min_size=1, max_size=3),
    )


conditions = any_term() | groups(any_term()) | groups(any_term() | groups(any_term()))
facts = st.fixed_dictionaries(
    {},
    optional={
        "tenant": texts | st.just("acme"),
        "kind": st.sampled_from(["refund", "grant", ""]),
        "categories": st.lists(texts, max_size=3),
        "score": st.integers() | st.floats() | st.decimals(),
        "amount": st.builds(Money, st.decimals(), st.sampled_from(["USD", "EUR"])),
        "stakes": st.sampled_from(["low", "medium", "high", "critical"]),
        "reversible": st.booleans() | st.none(),
    },
)
hostile = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from([*FIELDS, *("==", "<", "in", "has", "given"), "5 USD"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["all", "any", "none", "field", "operator", "value"]) | st.text(max_size=5)
        | st.integers(), inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(conditions)
@law(100)
def test_a_condition_is_written_as_it_was_read(data):
    condition = parse(data, FIELDS)

    assert parse(written(condition), FIELDS) == condition
    assert said(parse(written(condition), FIELDS)) == said(condition)


@given(conditions, facts)
@law(150)
def test_a_judgement_agrees_with_the_match_and_none_with_not_any(data, found):
    condition = parse(data, FIELDS)
    judged = judge(condition, found)

    assert judged.matched is matches(condition, found)
    assert judged.why and all(judged.why)
    assert matches(parse({"none": [data]}, FIELDS), found) is not judged.matched


@given(hostile)
@law(150)
def test_whatever_is_typed_is_taken_or_refused_with_faults(data):
    try:
        condition = parse(data, FIELDS)
    except ConditionRefused as refused:
        assert 1 <= len(refused.faults) <= 20
        assert all(fault.message for fault in refused.faults)
        str(refused).encode()  # an answer can carry it
    else:
        assert written(condition)


# What is left to match ------------------------------------------------------------------------------


def any_of(*items):
    return {"any": list(items)}


BIG, HUGE = term("amount", ">", "500 USD"), term("amount", ">=", "900 USD")


@pytest.mark.parametrize(
    ("data", "unless", "possible"),
    [
        (BIG, [], True),
        ({"all": [BIG, term("amount", "<", "500 USD")]}, [], False),
        ({"all": [BIG, term("amount", "<", "500 EUR")]}, [], True),  # both may move
        ({"all": [BIG, term("amount", "==", "500 USD")]}, [], False),
        ({"all": [term("tenant", "==", "a"), term("tenant", "starts with", "b")]}, [], False),
        ({"all": [term("tenant", "starts with", "a"), term("tenant", "!=", "a")]}, [], True),
        (HUGE, [BIG], False),
        (BIG, [HUGE], True),
        ({"all": [HUGE, term("tenant", "==", "a")]}, [BIG], False),
        (term("tenant", "in", ["a", "b"]), [term("tenant", "==", "a")], True),
        (term("tenant", "in", ["a", "b"]), [term("tenant", "==", each) for each in "ab"], False),
        (term("tenant", "starts with", "ab"), [term("tenant", "starts with", "a")], False),
        (term("tenant", "given", False), [term("tenant", "!=", "a")], False),
        (term("categories", "has all", ["a", "b"]), [term("categories", "has", "b")], False),
        (term("categories", "has any", ["a", "b"]), [term("categories", "has", "b")], True),
        (term("categories", "has", "a"), [term("categories", "given", True)], False),
        (term("score", ">", 1), [term("score", ">=", 2)], True),
        (term("reversible", "!=", True), [term("reversible", "==", False)], True),  # not given
        (BIG, [term("stakes", ">=", "low")], True),
        (any_of(*(term("tenant", "==", str(n)) for n in range(100))), [], True),
    ],
)
def test_what_can_never_match_is_found_by_trying(data, unless, possible):
    found = can_match(parse(data, FIELDS), [parse(each, FIELDS) for each in unless])

    assert found is possible


def test_what_is_always_given_is_never_missing():
    low = parse(term("stakes", ">=", "low"), FIELDS)

    assert not always(low)
    assert always(low, ["stakes"])
    assert not can_match(parse(term("stakes", "given", False), FIELDS), (), ["stakes"])


def test_what_takes_too_many_tries_counts_as_possible():
    names = [term("categories", "has all", [f"c{n}" for n in range(7)])]

    assert can_match(parse({"all": [*names, {"none": names}]}, FIELDS))


@given(conditions, st.lists(conditions, max_size=2), facts)
@law(150)
def test_what_matches_was_never_said_to_be_impossible(data, others, found):
    condition, unless = parse(data, FIELDS), [parse(each, FIELDS) for each in others]

    if matches(condition, found) and not any(matches(each, found) for each in unless):
        assert can_match(condition, unless)


@pytest.mark.parametrize(
    ("moved", "matched"),
    [
        (
            Amounts((Money(Decimal(501), "USD"), Money(Decimal(1), "EUR"))),
            [True, False, False, True],
        ),
        (
            Amounts((Money(Decimal(1), "USD"), Money(Decimal(501), "EUR"))),
            [False, True, False, True],
        ),
        (Amounts((Money(Decimal(501), "EUR"),)), [False, False, False, True]),
        (Amounts((Money(Decimal(1), "USD"),), unreadable=True), [True, False, False, True]),
        (Amounts(unreadable=True), [True, False, False, True]),
        (Amounts(), [False, False, False, False]),
    ],
)
def test_the_largest_of_a_currency_is_compared_and_what_is_unreadable_is_above_every_amount(
    moved, matched
):
    asked = [("> ", "500 USD"), ("<=", "500 USD"), ("==", "500 USD"), ("given", True)]
    conditions = [parse(term("amount", sign.strip(), value), FIELDS) for sign, value in asked]

    assert [matches(one, {"amount": moved}) for one in conditions] == matched


def test_what_is_unreadable_is_said_to_be_above():
    judged = judge(parse(BIG, FIELDS), {"amount": Amounts(unreadable=True)})

    assert (judged.matched, judged.why) == (True, ("amount is unreadable, above 500 USD",))
