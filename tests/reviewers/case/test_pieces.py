"""What the page of a case has no room for: asked for piece by piece, on the record, nothing withheld."""

import html
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from escalation import ledger
from escalation.models import Case, User
from reviewers.case.room import SCREENFUL, STEPS
from reviewers.casefile import COMPARED
from tests.factories import case_under, handed_off_case, make_reviewer, make_role, package, step

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
KIB = 1024
LARGE = 1_800_000


class Desk:
    """A case of a role, and a reviewer of it who looks at it."""

    def __init__(
        self, as_user: Browser, review: dict[str, Any] | None = None, **changes: Any
    ) -> None:
        role = make_role()
        sent = package(**changes)
        self.case: Case = (
            case_under(role, sent, review=review) if review else handed_off_case(role, sent)
        )
        self.reader = make_reviewer(role)
        self.client = as_user(self.reader)
        self.url = f"/cases/{self.case.reference}/"

    def get(self, more: str = "", **query: Any) -> str:
        answer = self.client.get(f"{self.url}{more}", query)
        assert answer.status_code == 200, (more, query, answer.status_code)
        return str(answer.content.decode())

    def status(self, more: str, **query: Any) -> int:
        return int(self.client.get(f"{self.url}{more}", query).status_code)


def links(page: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'<a[^>]* href="([^"]*)"', page)]


def asking(arguments: dict[str, str]) -> dict[str, Any]:
    """Return a package with an answer that asks about all of these arguments."""
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in arguments}}
    option = {"key": "change", "label": "Change", "outcome": "modify", "parameters": schema,
              "consequences": [{"text": "It is sent"}]}  # fmt: skip
    base = package()
    proposal = base["proposal"] | {"arguments": arguments, "amount": None}
    question = base["question"] | {"options": [option, base["question"]["options"][-1]]}
    return {"proposal": proposal, "question": question | {"recommended": None}}


def large_parts() -> dict[str, dict[str, Any]]:
    long, crowd = "<" * LARGE, "a\u202e" * (LARGE // 4)
    base = package()
    question, proposal = base["question"], base["proposal"]
    first, *others = question["options"]
    return {
        "request": {"request": {"content": crowd}},
        "question": {"question": question | {"text": long}},
        "label": {"question": question | {"options": [first | {"label": crowd}, *others]}},
        "consequences": {"question": question | {"options": [
            first | {"consequences": [{"text": "<" * 800} for _ in range(2_000)]}, *others]}},
        "reasoning": {"proposal": proposal | {"reasoning": long}},
        "argument": {"proposal": proposal | {"arguments": {"note": long}}},
        "arguments": {"proposal": proposal | {"arguments": {f"k{n}": n for n in range(100_000)}}},
        "keys": {"proposal": proposal | {"arguments": {f"{n}{'<' * 9_000}": n for n in range(190)}}},
        "categories": {"proposal": proposal | {"categories": ["<" * 250] * 7_000}},
        "credentials": {"identity": {"credentials": ["<" * 250] * 7_000, "authority": "x"}},
        "authority": {"identity": {"authority": crowd}},
        "triggers": {"triggers": [
            {"type": "risk", "name": "<" * 250, "observed": "<" * 900, "operator": "in",
             "threshold": ["<" * 900], "detail": "<\u202e" * 4_000} for _ in range(100)]},
        "text": {"steps": [step("a", text=crowd)]},
        "steps": {"steps": [step(f"s{n}", output={"lines": [{"a": "<" * 300}] * 2}) for n in range(2_000)]},
        "parameter": asking({"note": crowd}),
        "parameters": asking({f"note {n}": "<" * 19_000 for n in range(90)}),
        "json": {"steps": [step("a", output=json.dumps({f"k{n}": n for n in range(90_000)}))]},
    }  # fmt: skip


@pytest.mark.parametrize("part", large_parts())
def test_the_page_of_the_largest_package_holds_500_kib_at_most(part: str, as_user: Browser):
    desk = Desk(as_user, **large_parts()[part])

    assert len(desk.get().encode()) <= 500 * KIB
    assert len(desk.get("glance/").encode()) <= 50 * KIB
    assert len(desk.client.get("/queue/").content) <= 200 * KIB


def test_a_long_text_of_an_answer_is_kept_until_somebody_asks_to_edit_it(as_user: Browser):
    text = "Dear <customer>,\r\n" * 9_000
    desk = Desk(as_user, **asking({"note": text, "to": "b@shop.example"}))
    sent = {
        "option": "change",
        "digest": desk.case.digest,
        "step": "summary",
        "p1-0": "c@shop.example",
    }
    answer = f"{desk.url}decision/"

    page = desk.get()
    whole = desk.client.post(answer, sent | {"row": "whole:p1-1"}).content.decode()
    again = desk.client.post(answer, sent | {"p1-1": text, "row": "whole:p1-1"}).content.decode()
    signed = desk.client.post(answer, sent | {"step": "sign", "rationale": "It moved."})

    kept, drawn = 'value="whole:p1-1"', re.compile(r'<textarea[^>]* name="p1-1"')
    assert kept in page and not drawn.search(page) and "162,000 characters, kept" in page
    assert drawn.search(whole) and kept not in whole and 'value="c@shop.example"' in whole
    assert drawn.search(again)
    assert signed.status_code in (200, 302)
    [decision] = desk.case.decisions.all()
    assert decision.arguments == {"note": text, "to": "c@shop.example"}


def test_a_long_text_is_read_to_its_end_without_scripts(as_user: Browser):
    text = "".join(f"{n:>9}|" for n in range(5_000))
    desk = Desk(as_user, request={"content": text})

    [address] = [one for one in links(desk.get()) if "/piece/" in one]
    read = ""
    while address:
        page = str(desk.client.get(address).content.decode())
        read += re.search(r'(?s)<div class="text inert" dir="auto">(.*?)</div>', page)[1]  # type: ignore[index]
        onward = [one for one in links(page) if "/piece/" in one and f"from={len(read)}" in one]
        address = onward[0] if onward else ""

    assert read == text


def test_every_entry_of_a_wide_object_is_reached_by_links(as_user: Browser):
    arguments = {f"key-{n:05}": {"deep": [n, {"of": f"v{n}"}]} for n in range(1_200)}
    desk = Desk(as_user, proposal={"action": "pay", "arguments": arguments})

    todo, done, seen = [desk.url], set(), ""
    while todo:
        address = todo.pop()
        done.add(address)
        page = str(desk.client.get(address).content.decode())
        seen += page
        todo += [
            one for one in set(links(page)) if "/piece/" in one and one not in done | set(todo)
        ]

    assert {f"v{n}" for n in range(1_200)} <= set(re.findall(r"v\d+", seen))
    assert len(done) < 100


def test_json_in_a_text_is_followed_into_its_parts(as_user: Browser):
    output = json.dumps({"rows": [{"n": n, "inner": {"deep": [n]}} for n in range(3_000)]})
    desk = Desk(as_user, steps=[step("a", output=output)])

    page = desk.get("piece/", at="/steps/1/output/#0/rows", **{"from": "2990"})

    assert "2991" in page and "3000" in page and "1 to" not in page


def test_steps_beyond_a_page_are_asked_for(as_user: Browser):
    count = STEPS * 2 + 3
    desk = Desk(as_user, steps=[step(f"s{n}", name=f"name-{n}") for n in range(1, count + 1)])
    first = desk.get()
    second = desk.get("steps/", **{"from": STEPS + 1})
    third = desk.client.get(
        f"{desk.url}steps/?from={2 * STEPS + 1}", headers={"HX-Request": "true"}
    )

    assert f"name-{STEPS}<" in first and f"name-{STEPS + 1}<" not in first
    assert f"{desk.url}steps/?from={STEPS + 1}" in links(first)
    assert f'id="step-{STEPS + 1}"' in second and f'id="step-{2 * STEPS}"' in second
    assert f"{desk.url}steps/?from={2 * STEPS + 1}" in links(second)
    assert third.content.decode().count('class="step"') == 3 and b"<html" not in third.content
    assert desk.status("steps/", **{"from": "9999"}) == 404
    assert desk.status("steps/", **{"from": "-1"}) == 404


def test_a_large_package_is_compared_in_a_request_of_its_own(as_user: Browser):
    """The page does not wait for it; without scripts it is a page that leads back."""
    same = {"input": {"order": "A-1"}, "name": "get_order", "kind": "tool_call"}
    answers = [
        step("a", output={"total": "10.00"}, **same),
        step("b", output={"total": "90.00"}, **same),
    ]
    many = [step(f"s{n}") for n in range(COMPARED)]
    desk, asked = Desk(as_user, steps=[*answers, *many]), "look-closer/"
    small = Desk(as_user, steps=answers)
    told = "asked the same twice and answered otherwise"

    fragment = desk.client.get(
        f"{desk.url}{asked}", headers={"HX-Request": "true"}
    ).content.decode()

    assert told in small.get() and asked not in small.get()
    assert told not in desk.get() and f'hx-get="{desk.url}{asked}"' in desk.get()
    assert told in fragment and 'href="#step-2"' in fragment
    assert f"{desk.url}#step-2" in links(desk.get(asked))


def test_what_is_asked_for_is_on_the_record(as_user: Browser):
    desk = Desk(as_user)
    desk.get("piece/", at="/request/content")
    desk.get("steps/")
    desk.get("seek/", q="parcel")

    viewed = [one for one in ledger.history(desk.case) if one.action == "case.viewed"]
    query = urlencode({"at": "/request/content"})
    assert [one.facts["part"] for one in viewed] == [
        f"{desk.url}piece/?{query}", f"{desk.url}steps/", f"{desk.url}seek/",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "at",
    ["", "x", "/", "/resume", "/resume/state", "/question/recommended", "/steps", "/steps/1",
     "/steps/0/text", "/steps/9/text", "/steps/1/key", "/request/nothing", "/request/content/0",
     "/options/0/label", "/options/99/label", "/options/-1/label", "/triggers/x", "/stakes",
     "/proposal/arguments/" + "x" * 5_000],
)  # fmt: skip
def test_nothing_else_of_a_package_is_to_be_had(at: str, as_user: Browser):
    assert Desk(as_user).status("piece/", at=at) == 404


def test_what_is_withheld_is_not_to_be_had_by_pieces_nor_found(as_user: Browser):
    proposal = {"action": "pay", "arguments": {}, "reasoning": "MARK-why", "confidence": 0.618034}
    steps = [step("a", text="plain"), step("b", kind="conclusion", name="MARK-n", text="MARK-t",
                                           output={"o": "MARK-o"})]  # fmt: skip
    review = {"high": {"protocol": "commit_first"}}
    desk = Desk(as_user, review=review, stakes="high", proposal=proposal, steps=steps)

    for at in ("/proposal/reasoning", "/proposal/confidence", "/steps/2/text", "/steps/2/name",
               "/steps/2/output", "/steps/2/output/o"):  # fmt: skip
        assert desk.status("piece/", at=at) == 404
    assert "MARK" not in desk.get("piece/", at="/proposal")
    assert "MARK" not in desk.get("steps/")
    assert "Nowhere in the evidence" in desk.get("seek/", q="MARK-")


def test_what_must_be_read_is_opened_before_any_piece_of_it_is_sent(as_user: Browser):
    count = STEPS + 5
    steps = [step(f"s{n}", text="MARK " * 500, must_read=n == count) for n in range(1, count + 1)]
    review = {"high": {"protocol": "evidence_first"}}
    desk = Desk(as_user, review=review, stakes="high", steps=steps)
    there = f"{desk.url}steps/?from={STEPS + 1}#step-{count}"

    assert there in links(desk.get())  # what is left to open says where it is
    piece = desk.client.get(f"{desk.url}piece/", {"at": f"/steps/{count}/text"})
    assert (piece.status_code, piece["Location"]) == (302, there)
    assert f"/steps/{count}/" not in desk.get("seek/", q="MARK")
    opened = desk.client.post(f"{desk.url}steps/{count}/open/")
    assert (opened.status_code, opened["Location"]) == (302, there)
    assert "MARK" in desk.get("piece/", at=f"/steps/{count}/text")


def test_a_search_finds_what_is_not_on_the_page_and_leads_there(as_user: Browser):
    steps = [step(f"s{n}", output={"total": f"T-{n}"}) for n in range(1, 1_201)]
    text = "x" * (SCREENFUL * 3) + "Needle <b>" + "y" * SCREENFUL
    desk = Desk(as_user, steps=steps, request={"content": text})

    total, needle = desk.get("seek/", q="T-1150"), desk.get("seek/", q="needle <b>")

    assert f"{desk.url}steps/?from=1101#step-1150" in links(total)
    assert "<mark>Needle &lt;b&gt;</mark>" in needle
    [address] = [one for one in links(needle) if "/piece/" in one]
    assert "<mark>Needle &lt;b&gt;</mark>" in desk.client.get(address).content.decode()
    assert "1 place in all of the evidence" in total
