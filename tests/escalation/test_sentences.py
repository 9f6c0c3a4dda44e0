"""What is kept and sent is English, whoever reads; what a page shows is in the reader's language."""

import ast
from pathlib import Path

import pytest
from django.utils.translation import gettext_lazy

from escalation import errors as of_cases
from escalation.eligibility import Obstacle
from escalation.errors import EscalationError, IllegalTransition
from escalation.sentences import Sentence, told
from reviewers import errors as of_rosters

ROOT = Path(__file__).parents[2]
# What agents, operators and managers are told alone, in English so far.
ENGLISH = {
    "AddressRefused",
    "BodyTooLarge",
    "CalendarRefused",
    "CaseTooLarge",
    "IdempotencyKeyMissing",
    "IdempotencyKeyReused",
    "ImportRefused",
    "NotJson",
    "PackageRejected",
}


def test_a_sentence_is_english_and_is_told_in_the_language_spoken(brackets):
    sentence = Sentence("%(person)s has left.", person="Kim")

    assert sentence == "Kim has left."
    assert sentence.told == "⟦Kim has left.⟧"


def test_a_sentence_within_a_sentence_is_told_as_well(brackets):
    within = Sentence("%(role)s decides nothing.", role="Refunds")

    whole = Sentence("%(why)s Pass it up.", why=within)

    assert (whole, whole.told) == (
        "Refunds decides nothing. Pass it up.",
        "⟦⟦Refunds decides nothing.⟧ Pass it up.⟧",
    )


def test_a_label_that_is_lazy_is_kept_in_english(brackets):
    sentence = Sentence("It is %(status)s.", status=gettext_lazy("held"))

    assert (sentence, sentence.told) == ("It is held.", "⟦It is ⟦held⟧.⟧")


def test_a_sentence_with_a_percent_sign_and_no_values_stands_as_it_is(brackets):
    assert (Sentence("50 % is used."), Sentence("").told) == ("50 % is used.", "")


def test_an_obstacle_is_a_sentence_with_a_word_to_count_by(brackets):
    left = Obstacle.of("left", "%(person)s has left.", person="Kim")

    assert (left, left.kind, told(left)) == ("Kim has left.", "left", "⟦Kim has left.⟧")


def test_a_refusal_has_both(brackets):
    refusal = IllegalTransition("%(case)s is held.", case="ESC-1")

    assert (str(refusal), refusal.told) == ("ESC-1 is held.", "⟦ESC-1 is held.⟧")


def test_a_refusal_made_of_an_obstacle_tells_it(brackets):
    refusal = IllegalTransition(Obstacle.of("left", "%(person)s has left.", person="Kim"))

    assert refusal.told == "⟦Kim has left.⟧"


def refusals():
    found = {**vars(of_cases), **vars(of_rosters)}.items()
    kinds = {
        name for name, one in found if isinstance(one, type) and issubclass(one, EscalationError)
    }
    return kinds - ENGLISH


@pytest.mark.parametrize("app", ["escalation", "reviewers"])
def test_no_refusal_to_a_person_is_put_together_where_no_translation_reaches(app):
    known, joined = refusals(), []
    for path in sorted((ROOT / app).rglob("*.py")):
        if {"api", "imports", "machine"} & set(path.parts):
            continue
        for call in ast.walk(ast.parse(path.read_text())):
            named = isinstance(call, ast.Call) and getattr(call.func, "id", "") in known
            if named and any(isinstance(one, ast.JoinedStr) for one in call.args):
                joined.append(f"{path.relative_to(ROOT)}:{call.lineno}")

    assert not joined, "\n".join(joined)
