"""Every visible word of the reviewer's day can be translated: a catalogue of brackets shows which are not."""

import json
import re
from datetime import timedelta

import pytest
from django.utils.timezone import now

from tests.factories import PACKAGE, handed_off_case, make_reviewer, make_role

pytestmark = pytest.mark.django_db
TOLD = re.compile(r"⟦[^⟦⟧]*⟧")
TAG = re.compile(r"<[^>]*>")
SAID = re.compile(r'\b(?:aria-label|placeholder|title)="([^"]*)"')
UNSEEN = re.compile(r"<(script|style|code|kbd)\b.*?</\1>|<!--.*?-->|<head>.*?</head>", re.S)
WORD = re.compile(r"[^\W\d_]{2,}")
# Of the desk itself, and what people and agents said: names, references, what was sent.
DATA = {"Recourse", "UTC", "ESC", "Ctrl", "Cmd", "Esc", "Enter", "Tab", "sha", "USD", "ms"}


def untold(html, data):
    """Return the words on a page, spoken ones too, that no translation reaches and that are not data."""
    html = UNSEEN.sub(" ", html)
    while TOLD.search(html):
        html = TOLD.sub(lambda told: "".join(TAG.findall(told[0])), html)
    spoken = SAID.findall(html)
    texts = [*TAG.split(html), *spoken]
    return sorted({" ".join(text.split()) for text in texts if set(WORD.findall(text)) - data})


LEFT = {
    "/": 14,
    "/queue/": 22,
    "/account/keyboard/": 0,
    "/cases/{}/": 100,
}


@pytest.mark.parametrize("path", LEFT)
def test_what_no_translation_reaches_becomes_less_and_never_more(client, brackets, path):
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

    assert len(found) <= LEFT[path], "\n".join(found)
