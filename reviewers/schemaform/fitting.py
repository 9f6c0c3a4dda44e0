"""Which of several alternatives a value fits, judged as the whole answer will be: by the schema itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from escalation import effort, parameters
from reviewers.schemaform import schemas
from reviewers.schemaform.schemas import Schema

WHOLE = "#/$defs/whole"
DATA = ("const", "enum", "default", "examples")  # hold values, never schemas
NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
REFERENCES = ("$ref", "$dynamicRef")
OF_A_DOCUMENT = ("$id", "$schema")
ANCHORS = ("$anchor", "$dynamicAnchor")


class Judge:
    """Judges values by parts of one schema, whose references keep leading where they led.

    All its judgements together take no more work than one check of an answer may.
    """

    def __init__(self, root: Schema) -> None:
        self.root, self.left = root, effort.MOST
        self._whole: Any = None

    def fits(self, part: Any, value: Any) -> bool:
        """Return whether ``value`` fits ``part``; False, too, once there is no more work to spend."""
        if self._whole is None:
            bare = {word: said for word, said in self.root.items() if word not in OF_A_DOCUMENT}
            self._whole = _moved(bare, keeps_anchors=True)
        scoped = {
            "$ref": "#/$defs/part",
            "$defs": {"whole": self._whole, "part": _moved(part, keeps_anchors=False)},
        }
        try:
            self.left = effort.check(scoped, value, self.left)
        except effort.TooMuch:
            self.left = 0
            return False
        return parameters.fits(scoped, value)

    def branch_of(self, given: Schema, branches: Sequence[Any], value: Any) -> int | None:
        """Return the number of the branch that a value fits, or else plainly means; None for neither.

        What a discriminator names comes before what merely fits as well.
        """
        fitting = [n for n, part in enumerate(branches) if self.fits(part, value)]
        named = _named(given, branches, value)
        if named is not None and (named in fitting or not fitting):
            return named
        return fitting[0] if fitting else self._meant(branches, value)

    def _meant(self, branches: Sequence[Any], value: Any) -> int | None:
        """Return the only branch whose fixed values, or whose type, a value has."""
        each = [schemas.resolved(self.root, part) for part in branches]
        if isinstance(value, dict):
            scores = [self._fixed(branch, value) for branch in each]
            best = max(scores, default=0)
            alike = [n for n, score in enumerate(scores) if score == best]
        else:
            best = 0
        if best < 1:
            alike = [n for n, branch in enumerate(each) if _is_kind(branch, value)]
        return alike[0] if len(alike) == 1 else None

    def _fixed(self, branch: Schema, value: dict[str, Any]) -> int:
        """Return how many values that a branch fixes are there; -1 where one is another."""
        score = 0
        for key, part in schemas.properties(branch):
            only = schemas.only_value(schemas.resolved(self.root, part))
            if only and key in value:
                if not schemas.same(only[0], value[key]):
                    return -1
                score += 1
        return score


def _moved(part: Any, *, keeps_anchors: bool) -> Any:
    """Return a part of a schema for a document in which the whole of it stands under ``whole``."""
    if isinstance(part, list):
        return [_moved(one, keeps_anchors=keeps_anchors) for one in part]
    if not isinstance(part, dict):
        return part
    moved: dict[str, Any] = {}
    for word, value in part.items():
        if word in DATA or (word in ANCHORS and not keeps_anchors):
            if word in DATA:
                moved[word] = value
        elif word in REFERENCES and isinstance(value, str):
            leads = value == "#" or value.startswith("#/")
            moved[word] = f"{WHOLE}{value[1:]}" if leads else value
        elif word in NAMED and isinstance(value, dict):
            moved[word] = {
                name: _moved(one, keeps_anchors=keeps_anchors) for name, one in value.items()
            }
        else:
            moved[word] = _moved(value, keeps_anchors=keeps_anchors)
    return moved


def _named(given: Schema, branches: Sequence[Any], value: Any) -> int | None:
    """Return the branch that an OpenAPI ``discriminator`` names for a value."""
    says = given.get("discriminator")
    name = says.get("propertyName") if isinstance(says, dict) else None
    if not isinstance(name, str) or not isinstance(value, dict):
        return None
    said = value.get(name)
    mapping = says.get("mapping") if isinstance(says, dict) else None
    target = mapping.get(said) if isinstance(mapping, dict) and isinstance(said, str) else said
    for number, part in enumerate(branches):
        reference = part.get("$ref") if isinstance(part, dict) else None
        names = (reference, reference.rpartition("/")[2]) if isinstance(reference, str) else ()
        if isinstance(target, str) and target in names:
            return number
    return None


def _is_kind(schema: Schema, value: Any) -> bool:
    kinds = schema.get("type", schemas.implied(schema))
    return any(
        schemas.is_kind(kind, value) for kind in (kinds if isinstance(kinds, list) else [kinds])
    )
