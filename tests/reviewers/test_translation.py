"""Every visible word of the reviewer's day can be translated: a catalogue of brackets shows which are not."""

import html as markup
import json
import re
from datetime import timedelta
from pathlib import Path
from zoneinfo import available_timezones

import pytest
from django.conf import settings
from django.utils.timezone import now

from escalation import ledger
from reviewers import scriptwords
from tests.factories import PACKAGE, handed_off_case, make_reviewer, make_role

pytestmark = pytest.mark.django_db
TOLD = re.compile(r"⟦[^⟦⟧]*⟧")
TAG = re.compile(r"<[^>]*>")
SAID = re.compile(r'\b(?:aria-label|placeholder|title)="([^"]*)"')
UNSEEN = re.compile(r"<(script|style|code|kbd)\b.*?</\1>|<!--.*?-->|<head>.*?</head>", re.S)
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
SCRIPTS = Path(settings.BASE_DIR) / "static" / "js"
SENTENCE = re.compile(r"""["'`][A-Z][a-z]+(?: [a-z]+){2,}[^"'`]*""")
WORD = re.compile(r"[^\W\d_]{2,}")
# Of the desk itself, and what people and agents said: names, references, what was sent.
DATA = {"Recourse", "UTC", "ESC", "Ctrl", "Cmd", "Esc", "Enter", "Tab", "sha", "USD", "ms"}


def untold(html, data):
    """Return the words on a page, spoken ones too, that no translation reaches and that are not data."""
    html = UNSEEN.sub(" ", html)
    while TOLD.search(html):
        html = TOLD.sub(lambda told: "".join(TAG.findall(told[0])), html)
    spoken = SAID.findall(html)
    texts = [markup.unescape(text) for text in (*TAG.split(html), *spoken)]
    texts = [DIGEST.sub("", text) for text in texts]
    said = {" ".join(text.split()) for text in texts if set(WORD.findall(text)) - data}
    return sorted(said - available_timezones())


def recorded(case):
    """Return what the desk itself wrote on the record of a case: in English, whoever reads it."""
    notes = set(case.handoffs.values_list("note", flat=True))
    return notes | {
        sentence
        for line in ledger.history(case)
        for sentence in line.private.get("passed_over") or ()
    }


def test_what_scripts_say_is_told_in_the_readers_language(brackets):
    said = {name: scriptwords.words(name) for name in scriptwords.SAID}

    flat = [
        sentence
        for one in said.values()
        for value in one.values()
        for sentence in (value.values() if isinstance(value, dict) else [value])
    ]
    assert [one for one in flat if not TOLD.fullmatch(one)] == []


def test_no_sentence_stands_in_a_script():
    found = {}
    for path in SCRIPTS.glob("*.js"):
        code = re.sub(r"^\s*//.*$", "", path.read_text(), flags=re.M)
        found |= {path.name: said} if (said := SENTENCE.findall(code)) else {}

    # no page carries words for the service worker, which says this where a message has no text
    assert found == {"service-worker.js": ['"There is news on your desk.']}


PAGES = [
    "/",
    "/queue/",
    "/cases/{}/",
    "/account/",
    "/account/keyboard/",
    "/account/reach/",
    "/account/feeds/",
    "/account/security/again/",
    "/account/security/app/",
    "/incidents/",
]


@pytest.mark.parametrize("path", PAGES)
def test_a_translation_reaches_every_word_of_a_page(client, brackets, path):
    role = make_role("refunds")
    reviewer = make_reviewer(role, username="kim")
    case = handed_off_case(role, at=now() - timedelta(minutes=5))
    client.force_login(reviewer)
    sent = set(WORD.findall(json.dumps(PACKAGE, ensure_ascii=False)))
    data = (
        DATA
        | sent
        | {"kim", "Refunds", role.name, case.agent.name}
        | set(WORD.findall(case.agent.name))
    )

    found = untold(client.get(path.format(case.reference)).content.decode(), data)

    assert sorted(set(found) - recorded(case)) == []
