"""Packages that ask for more than a yes: a form of all kinds, and a case larger than a page."""

import base64
from typing import Any

from tests.factories import package, step
from tests.reviewers.viewer import files

COUNTRIES = [
    "Norway", "Northern Mariana Islands", "Denmark", "Åland Islands",
    *(f"Territory {n:03d}" for n in range(1, 246)),
]  # fmt: skip
TEXT = {"type": "string", "minLength": 1}
PHOTO = base64.b64encode(files.png((320, 200))).decode()


def _branch(title: str, kind: str, **fields: Any) -> dict[str, Any]:
    return {
        "title": title,
        "type": "object",
        "required": ["kind", *fields],
        "properties": {"kind": {"const": kind}, **fields},
    }


PARAMETERS: dict[str, Any] = {
    "type": "object",
    "required": ["amount", "country", "payee"],
    "properties": {
        "amount": {
            "type": "string",
            "title": "Amount",
            "format": "money",
            "x-currency": "USD",
        },
        "weight": {"type": "number", "title": "Weight in kg"},
        "country": {"type": "string", "title": "Country", "enum": COUNTRIES},
        "payee": {
            "title": "Paid to",
            "oneOf": [
                _branch("Bank account", "bank", iban={**TEXT, "title": "IBAN"}),
                _branch("Card", "card", card={**TEXT, "title": "Card ending in"}),
                _branch("Voucher", "voucher", code={**TEXT, "title": "Voucher code"}),
            ],
        },
    },
}
ARGUMENTS: dict[str, Any] = {
    "amount": "412.50",
    "weight": 1.25,
    "country": "Denmark",
    "payee": {"kind": "voucher", "code": "W-1"},
}


def a_form(role: str) -> dict[str, Any]:
    """Return a package whose *modify* asks for an amount, a number, one of 249 and one of three shapes."""
    sent = package(role=role, resume=None, stakes="low")
    sent["steps"][0]["must_read"] = False
    sent["proposal"]["arguments"] = ARGUMENTS
    sent["question"]["options"][1]["parameters"] = PARAMETERS
    return sent


def a_big_case(role: str) -> dict[str, Any]:
    """Return a package of 400 steps: the second holds a picture, the last but one what is sought."""
    steps = [step(f"s{n}", text=f"Looked at parcel {n:03d}.") for n in range(1, 401)]
    steps[1] = step("s2", output={"photo": f"data:image/png;base64,{PHOTO}"})
    steps[398] = step("s399", text="It was left with the neighbour, Mrs Haugen.")
    return package(role=role, resume=None, stakes="low", steps=steps)
