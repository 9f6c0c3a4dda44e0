"""Sentences that are kept and sent in English, and told to whoever reads a page in their own language."""

from typing import Self

from django.utils.functional import Promise
from django.utils.translation import gettext, override


class Sentence(str):
    """A sentence in English, as the record and agents have it; ``told`` is it in the reader's language.

    What it is made of, ``%(name)s`` for each value, is marked with ``gettext_noop`` where it is written.
    """

    template: str
    values: dict[str, object]

    def __new__(cls, template: str, **values: object) -> Self:
        if isinstance(template, Sentence):  # with what it was made of
            return cls(template.template, **template.values)
        if any(isinstance(value, Promise) for value in values.values()):
            with override(None):  # the label of a choice, say: in English whoever is reading
                found = super().__new__(cls, _filled(template, values))
        else:
            found = super().__new__(cls, _filled(template, values))
        found.template, found.values = template, values
        return found

    @property
    def told(self) -> str:
        """It in the language that is spoken now."""
        if not self.template:
            return ""
        return _filled(
            gettext(self.template), {name: told(one) for name, one in self.values.items()}
        )


def english(label: str | Promise) -> str:
    """Return the label of a choice in English, for what is kept or sent."""
    with override(None):
        return str(label)


def told(said: object) -> object:
    """Return a sentence in the language that is spoken now; anything else as it is."""
    return said.told if isinstance(said, Sentence) else said


def _filled(template: str, values: dict[str, object]) -> str:
    return template % values if values else template
