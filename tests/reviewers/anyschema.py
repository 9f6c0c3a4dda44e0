"""Schemas of every kind that a form is drawn from, and some that only JSON can ask for."""

from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]
NAMES = st.sampled_from(["amount", "note", "type", "ref", "currency", "at", "to", "a-b", "é", "x"])
TITLES = st.one_of(
    st.just({}), st.sampled_from([{"title": "Amount (EUR)"}, {"description": "So."}])
)
ENUMS = [
    ["eu", "us"], ["1", 1, True, None, "true"], [0, 0.5, "0"], ["", " ", "a"], [{"a": 1}, [1], "a"],
    [f"value {n}" for n in range(18)], ["only"], [False], ["a", "A", "á"],
]  # fmt: skip


def texts() -> st.SearchStrategy[Schema]:
    return st.sampled_from([
        {}, {}, {"minLength": 0}, {"minLength": 1, "maxLength": 4}, {"maxLength": 500},
        {"pattern": "^[0-9]+\\.[0-9]{2}$"}, {"pattern": "^[A-Z]{2}-[0-9]{1,3}$"},
        {"format": "date-time"}, {"format": "date"}, {"format": "email"}, {"format": "uuid"},
        {"default": "x"}, {"pattern": "^[\\r\\n a]*$"}, {"pattern": "^\\s*[a-c]{0,3}\\s*$"},
    ]).map(lambda more: {"type": "string", **more})  # fmt: skip


def numbers() -> st.SearchStrategy[Schema]:
    kinds = st.sampled_from(["integer", "number"])
    more = st.sampled_from(
        [{}, {}, {"minimum": -5, "maximum": 5000}, {"multipleOf": 0.5}, {"default": 2}]
    )
    return st.builds(lambda kind, rest: {"type": kind, **rest}, kinds, more)


def plain() -> st.SearchStrategy[Schema]:
    return st.one_of(
        texts(), numbers(), st.just({"type": "boolean"}), st.just({"type": "null"}), st.just({}),
        st.sampled_from(ENUMS).map(lambda listed: {"enum": listed}),
        st.sampled_from(["card", 1, 1.0, None, True, {"a": []}]).map(lambda only: {"const": only}),
        st.lists(
            st.sampled_from(["string", "null", "integer", "boolean", "array", "object"]),
            min_size=1, max_size=3, unique=True,
        ).map(lambda kinds: {"type": kinds}),
        st.sampled_from([{"$ref": "#/$defs/node"}, {"$ref": "#/$defs/money"}]),
    )  # fmt: skip


def objects(parts: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    def made(named: Schema, required: list[str], more: Schema) -> Schema:
        needed = [name for name in required if name in named]
        return {
            "type": "object",
            "properties": named,
            **({"required": needed} if needed else {}),
            **more,
        }

    more = st.sampled_from([
        {}, {}, {}, {"additionalProperties": False}, {"additionalProperties": {"type": "integer"}},
        {"patternProperties": {"^p": {"type": "string"}}}, {"unevaluatedProperties": False},
        {"dependentRequired": {"amount": ["note"]}},
        {"if": {"required": ["type"]}, "then": {"required": ["note"]}},
    ])  # fmt: skip
    return st.builds(
        made, st.dictionaries(NAMES, parts, min_size=1, max_size=4),
        st.lists(NAMES, max_size=4, unique=True), more,
    )  # fmt: skip


def arrays(parts: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    more = st.sampled_from([{}, {}, {"minItems": 1, "maxItems": 3}, {"uniqueItems": True}])
    lists = st.builds(lambda items, rest: {"type": "array", "items": items, **rest}, parts, more)
    tuples = st.lists(parts, min_size=1, max_size=2).map(
        lambda each: {"type": "array", "prefixItems": each, "items": False}
    )
    return st.one_of(lists, lists, tuples)


def several(parts: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    def tagged(branches: list[Schema], word: str, how: str) -> Schema:
        each = []
        for number, branch in enumerate(branches):
            tag = {"const": f"t{number}"} if how == "const" else {"enum": [f"t{number}"]}
            named = {**branch.get("properties", {}), "type": tag}
            each.append({"type": "object", "properties": named, "required": ["type"]})
        return {word: each}

    words = st.sampled_from(["oneOf", "anyOf"])
    any_of = st.builds(
        lambda each, word: {word: each}, st.lists(parts, min_size=2, max_size=3),
        st.just("anyOf"),
    )  # fmt: skip
    of_kinds = st.builds(
        tagged,
        st.lists(objects(parts), min_size=2, max_size=3),
        words,
        st.sampled_from(["const", "enum"]),
    )
    of_keys = st.just({
        "type": "object", "properties": {"card": {"type": "string"}, "iban": {"type": "string"}},
        "oneOf": [{"required": ["card"]}, {"required": ["iban"]}],
    })  # fmt: skip
    nullable = parts.map(lambda part: {"anyOf": [part, {"type": "null"}]})
    together = st.builds(
        lambda one, other: {"allOf": [one, other]}, objects(plain()), objects(plain())
    )
    return st.one_of(any_of, of_kinds, of_keys, nullable, together)


def schemas() -> st.SearchStrategy[Schema]:
    """Schemas of an option: objects, with definitions that refer to one another and to themselves."""
    parts = st.recursive(
        plain(),
        lambda inner: st.one_of(objects(inner), arrays(inner), several(inner)),
        max_leaves=6,
    )
    definitions = {
        "node": {
            "type": "object", "required": ["name"],
            "properties": {"name": {"type": "string"}, "next": {"$ref": "#/$defs/node"}},
        },
        "money": {
            "type": "object", "required": ["amount", "currency"],
            "properties": {
                "amount": {"type": "string", "pattern": "^[0-9]{1,6}\\.[0-9]{2}$"},
                "currency": {"enum": ["EUR", "JPY", "KWD"]},
            },
        },
    }  # fmt: skip
    roots = st.one_of(objects(parts), objects(parts), objects(parts), several(objects(parts)))
    return roots.map(lambda root: {**root, "type": "object", "$defs": definitions})
