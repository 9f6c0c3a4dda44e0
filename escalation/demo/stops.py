"""Small stops of the demo agent: the same five kinds of work, each time with other people and sums.

Pure: a stop is made from a seed and nothing else, so a restarted agent, and a test, get the same.
Times are placeholders (see ``shelf``).
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

PEOPLE = [
    ("cus_31", "Astrid Nilsen"), ("cus_47", "Ömer Demir"), ("cus_52", "Grace Adeyemi"),
    ("cus_68", "Lukas Brandt"), ("cus_73", "Chiara Conti"), ("cus_80", "Daniel O'Connor"),
    ("cus_94", "Mei-Ling Chen"), ("cus_99", "Sofia Kowalska"),
]  # fmt: skip
COMPANIES = ["Kystfrakt AS", "Meridian Cables Ltd", "Holm & Sønner", "Fjellheim Catering"]


@dataclass(frozen=True)
class Stop:
    said: str  # what the agent prints when it stops
    package: dict[str, Any]


def stop(seed: int) -> Stop:
    """Return the stop that belongs to ``seed``; five in a row are of five kinds."""
    kinds = list(KINDS)
    kind = kinds[seed % len(kinds)]
    chance = random.Random(seed)
    made = KINDS[kind](chance, seed)
    made.package["resume"] = {"state": {"kind": kind, "seed": seed, **made.package.pop("state")}}
    return made


def _step(key: str, ago: int, kind: str, name: str | None = None, **more: Any) -> dict[str, Any]:
    named = {"name": name} if name else {}
    return {"key": key, "kind": kind, "at": f"@-00:00:{ago:02}", **named, **more}


def _option(
    key: str, label: str, text: str, undone: bool, *more: Mapping[str, Any]
) -> dict[str, Any]:
    consequences = [{"text": text, "reversible": undone}, *more]
    return {"key": key, "label": label, "outcome": key, "consequences": consequences}


def _package(
    seed: int, request: str, channel: str, user: tuple[str, str], tenant: str, **parts: Any
) -> dict[str, Any]:
    question, options = parts.pop("question"), parts.pop("options")
    authority, credentials = parts.pop("authority"), parts.pop("credentials")
    return {
        "run": f"work-{seed}",
        "agent_version": "demo-1.0.0",
        "request": {"content": request, "channel": channel, "received_at": "@-00:00:50"},
        "question": {"text": question, "recommended": "approve", "options": options},
        "identity": {
            "user": {"id": user[0], "name": user[1]},
            "tenant": tenant,
            "credentials": credentials,
            "authority": authority,
        },
        **parts,
    }


def _late_parcel(chance: random.Random, seed: int) -> Stop:
    user, order = chance.choice(PEOPLE), f"W{chance.randint(88, 97)}-{chance.randint(10000, 99999)}"
    amount, days = (
        f"{chance.randint(48, 390)}.{chance.choice(['00', '50', '90'])}",
        chance.randint(4, 11),
    )
    confidence = round(chance.uniform(0.52, 0.78), 2)
    amount_schema = {
        "type": "object",
        "required": ["amount"],
        "additionalProperties": False,
        "properties": {
            "amount": {
                "type": "string",
                "title": "Amount (USD)",
                "pattern": r"^[0-9]{1,3}\.[0-9]{2}$",
                "default": f"{float(amount) / 2:.2f}",
            }
        },
    }
    package = _package(
        seed,
        f"It is {days} days late and nobody answers. I don't want it any more, refund me. {order}",
        "email", user, "nordic-retail",
        steps=[
            _step("s1", 46, "tool_call", "get_order", duration_ms=38, input={"order": order},
                  output={"order": order, "total": amount, "status": "in transit"}),
            _step("s2", 41, "tool_call", "carrier_tracking", duration_ms=1200, must_read=True,
                  input={"order": order},
                  output={"status": "at depot", "days_late": days, "next_attempt": "@day+1"}),
            _step("s3", 33, "tool_call", "customer_history", duration_ms=61, input={"customer": user[0]},
                  output={"orders": chance.randint(2, 40), "refunds_12_months": chance.randint(0, 3)}),
            _step("s4", 20, "reasoning", text="The parcel is late but not lost: a new attempt is due "
                  "tomorrow. The customer no longer wants it."),
            _step("s5", 14, "conclusion", text="Refund and call the parcel back, if we may."),
        ],
        triggers=[{
            "type": "confidence", "name": "refund_classification", "observed": confidence,
            "operator": "<", "threshold": 0.8,
            "detail": f"Late or lost? {confidence:.2f} for late, and the policy differs",
        }],
        proposal={
            "action": "issue_refund", "arguments": {"order": order, "amount": amount, "currency": "USD"},
            "reasoning": "The customer is within their rights after three days.",
            "confidence": confidence, "reversible": False,
            "amount": {"amount": amount, "currency": "USD"}, "categories": ["money_movement"],
        },
        question=f"Refund {order} for ${amount} and call the parcel back?",
        options=[
            _option("approve", "Refund and call back", f"${amount} goes back to the card today", False,
                    {"text": "The carrier charges $11.40 for the way back", "reversible": False}),
            _option("modify", "Refund a part", "The amount you enter goes back; the parcel goes on", False)
            | {"parameters": amount_schema},
            _option("reject", "Let it be delivered", "The customer is told to wait until tomorrow", True),
        ],
        authority="Refunds below a confidence of 0.80 belong to refunds compliance",
        credentials=["orders:read", "payments:refund"],
        stakes="medium", role="refunds-compliance",
        state={
            "what": f"${amount} for {user[1]}", "reference": order,
            "done": "refunded and the carrier told", "told": "the customer was asked to wait for tomorrow",
        },
    )  # fmt: skip
    return Stop(f"{user[1]} wants ${amount} back for {order}; I am not sure enough.", package)


def _invoice(chance: random.Random, seed: int) -> Stop:
    company, number = chance.choice(COMPANIES), f"{chance.randint(1000, 9999)}"
    amount = f"{chance.randint(310, 690) * 1000 + chance.randint(0, 99) * 10}.00"
    pretty = f"{float(amount):,.2f}"
    over = round(chance.uniform(2.5, 9.0), 1)
    package = _package(
        seed,
        f"Invoice {number} from {company}, NOK {pretty}, is in this week's run.",
        "schedule", ("schedule-payrun", "Weekly payment run"), "ostby-shipping",
        steps=[
            _step("s1", 45, "tool_call", "read_invoice", duration_ms=1310, input={"invoice": number},
                  output={"supplier": company, "amount": amount, "currency": "NOK"}, must_read=True),
            _step("s2", 40, "tool_call", "match_order", duration_ms=118, input={"invoice": number},
                  output={"difference_percent": over, "tolerance_percent": 2, "goods": "received"},
                  must_read=True),
            _step("s3", 31, "tool_call", "get_supplier", duration_ms=44, input={"name": company},
                  output={"account_changed": None, "payments_24_months": chance.randint(9, 60)}),
            _step("s4", 18, "conclusion", text=f"{over} % over the order, probably freight."),
        ],
        triggers=[
            {"type": "boundary", "name": "payment_over_limit", "observed": amount, "operator": ">",
             "threshold": "300000.00", "detail": f"NOK {pretty} is over NOK 300,000.00"},
            {"type": "anomaly", "name": "amount_to_order", "observed": over, "operator": ">",
             "threshold": 2, "detail": f"Invoiced {over} % over the order; the tolerance is 2 %"},
        ],
        proposal={
            "action": "release_payment", "arguments": {"invoice": number, "amount": amount},
            "reasoning": "A standing supplier, goods received, account unchanged.",
            "confidence": 0.77, "reversible": False,
            "amount": {"amount": amount, "currency": "NOK"}, "categories": ["money_movement"],
        },
        question=f"Release NOK {pretty} to {company}?",
        options=[
            _option("approve", "Release", f"NOK {pretty} leaves tomorrow at 06:00", False),
            _option("reject", "Take it out of the run", "The next run is in seven days", True),
        ],
        authority="Invoices over NOK 300,000.00 belong to payments control",
        credentials=["payables:release"],
        stakes="high", role="payments-control",
        state={
            "what": f"NOK {pretty} to {company}", "reference": f"invoice {number}",
            "done": "released with tomorrow's run", "told": "taken out of the run, the supplier told",
        },
    )  # fmt: skip
    return Stop(f"Invoice {number} from {company} is NOK {pretty}, over my limit.", package)


def _extension(chance: random.Random, seed: int) -> Stop:
    user, days = chance.choice(PEOPLE), chance.choice([7, 14])
    person = f"ext-{chance.randint(4000, 4999)}"
    days_schema = {
        "type": "object",
        "required": ["days"],
        "additionalProperties": False,
        "properties": {
            "days": {
                "type": "integer",
                "title": "Days",
                "minimum": 1,
                "maximum": days,
                "default": 3,
            }
        },
    }
    package = _package(
        seed,
        f"Please keep {user[1]}'s access to the claims staging system for {days} more days.",
        "service portal", ("emp-0922", "Joanna Whitfield"), "halo-insurance",
        steps=[
            _step("s1", 44, "tool_call", "list_grants", duration_ms=210, input={"person": person},
                  output=[{"system": "claims", "environment": "staging", "ends": "@day+0"}]),
            _step("s2", 39, "tool_call", "sign_in_history", duration_ms=95, must_read=True,
                  input={"person": person},
                  output={"last_30_days": chance.randint(0, 22), "unusual": chance.randint(0, 1)}),
            _step("s3", 22, "conclusion", text="Contract runs on; the access ends tonight."),
        ],
        triggers=[{
            "type": "boundary", "name": "access_grant", "observed": "extend_access", "operator": "in",
            "threshold": ["grant_access", "extend_access"],
            "detail": "Access is never granted or extended without a person",
        }],
        proposal={
            "action": "extend_access", "arguments": {"person": person, "days": days},
            "reasoning": "The contract covers it.", "confidence": 0.9, "reversible": True,
            "categories": ["access_grant"],
        },
        question=f"Extend {user[1]}'s access to claims staging by {days} days?",
        options=[
            _option("approve", f"Extend by {days} days", "Access goes on and ends by itself", True),
            _option("modify", "Extend by less", "Access goes on for the days you enter", True)
            | {"parameters": days_schema},
            _option("reject", "Let it end", "Access ends tonight at 23:59", True),
        ],
        authority="Grants to contractors belong to access review",
        credentials=["access:request"],
        stakes="low", role="access-review",
        state={
            "what": f"Access of {user[1]}", "reference": person,
            "done": f"extended by {days} days", "told": "the sponsor knows that it ends tonight",
        },
    )  # fmt: skip
    return Stop(f"{user[1]}'s access ends tonight; extending it is not mine to do.", package)


def _review_reply(chance: random.Random, seed: int) -> Stop:
    user, stars = chance.choice(PEOPLE), chance.randint(1, 2)
    draft = (
        f"Dear {user[1].split()[0]}, we are sorry. A lamp that flickers is a lamp we replace. Please "
        "write to care@nordic-retail.example and a new one is on its way."
    )
    text_schema = {
        "type": "object",
        "required": ["text"],
        "additionalProperties": False,
        "properties": {
            "text": {
                "type": "string",
                "title": "Reply",
                "minLength": 20,
                "maxLength": 600,
                "default": draft,
            }
        },
    }
    package = _package(
        seed,
        f"{'★' * stars}{'☆' * (5 - stars)} Flickers since day two, and the hotline laughed at me.",
        "public review", user, "nordic-retail",
        steps=[
            _step("s1", 43, "tool_call", "find_order", duration_ms=88, input={"name": user[1]},
                  output={"matches": chance.randint(0, 2)}, must_read=True),
            _step("s2", 35, "retrieval", "tone_of_voice", duration_ms=120,
                  input={"query": "reply to a bad review"},
                  output=[{"section": "3", "text": "Say sorry once. Promise only what we keep."}]),
            _step("s3", 15, "conclusion", "draft", text=draft),
        ],
        triggers=[
            {"type": "policy", "name": "public_reply", "observed": stars, "operator": "<=",
             "threshold": 2, "detail": "Public replies to one or two stars are read by a person first"},
            {"type": "risk", "name": "promise_in_public", "observed": "a new one is on its way",
             "operator": "matches", "threshold": "free|refund|new one",
             "detail": "The draft promises a replacement in public"},
        ],
        proposal={
            "action": "publish_reply", "arguments": {"text": draft}, "confidence": 0.83,
            "reasoning": "Short, one apology, a way out.", "reversible": True,
            "categories": ["publication"],
        },
        question="Publish this reply to a bad review?",
        options=[
            _option("approve", "Publish", "Everybody can read it within a minute", True),
            _option("modify", "Publish another text", "Your words appear in the shop's name", True)
            | {"parameters": text_schema},
            _option("reject", "Do not reply", "The review stands without an answer", True),
        ],
        authority="Publication belongs to communications",
        credentials=["reviews:reply"],
        stakes="low", role="communications",
        state={
            "what": f"Reply to {user[1]}", "reference": f"review {chance.randint(70000, 79999)}",
            "done": "published", "told": "the review stands without an answer",
        },
    )  # fmt: skip
    return Stop(f"{user[1]} gave us {stars} of 5 in public; my reply promises something.", package)


def _limit_raise(chance: random.Random, seed: int) -> Stop:
    user = chance.choice(PEOPLE)
    before, after = 1500, chance.choice([3000, 4000, 5000])
    distance = round(chance.uniform(0.002, 0.009), 3)
    limit_schema = {
        "type": "object",
        "required": ["limit"],
        "additionalProperties": False,
        "properties": {
            "limit": {
                "type": "integer",
                "title": "Limit (EUR)",
                "minimum": before,
                "maximum": after,
                "multipleOf": 100,
                "default": 2500,
            }
        },
    }
    package = _package(
        seed,
        f"Could you raise my card's limit from €{before:,} to €{after:,}? I am moving house.",
        "app", user, "fjord-credit",
        steps=[
            _step("s1", 42, "tool_call", "account_summary", duration_ms=1900, must_read=True,
                  input={"customer": user[0], "months": 6},
                  output={"income_mean": f"{chance.randint(2400, 4100)}.00", "returned_payments": 0}),
            _step("s2", 36, "tool_call", "score_model", duration_ms=16, must_read=True,
                  input={"model": "pd-2026-03"},
                  output={"default_probability_12_months": round(0.06 - distance, 3), "cut_off": 0.06}),
            _step("s3", 17, "conclusion", text="Inside the cut-off, but only just."),
        ],
        triggers=[
            {"type": "policy", "name": "creditworthiness_of_a_person", "observed": "limit_change",
             "operator": "in", "threshold": ["loan_decision", "limit_change"],
             "detail": "A person oversees decisions on creditworthiness near the cut-off"},
            {"type": "confidence", "name": "distance_to_cut_off", "observed": distance,
             "operator": "<", "threshold": 0.01, "detail": f"{distance:.3f} away from the cut-off"},
        ],
        proposal={
            "action": "limit_change", "arguments": {"customer": user[0], "limit": after},
            "reasoning": "Affordable on six months of income.", "confidence": 0.66,
            "reversible": True, "amount": {"amount": f"{after}.00", "currency": "EUR"},
            "categories": ["credit_decision"],
        },
        question=f"Raise {user[1]}'s limit from €{before:,} to €{after:,}?",
        options=[
            _option("approve", f"Raise to €{after:,}", "The new limit holds at once", True,
                    {"text": "Money drawn cannot be called back", "reversible": False}),
            _option("modify", "Raise by less", "The limit you enter holds at once", True)
            | {"parameters": limit_schema},
            _option("reject", "Refuse", "The customer is told why and whom to ask", True),
        ],
        authority="Every decision on a natural person's credit is a person's",
        credentials=["accounts:read", "limits:write"],
        stakes="medium", role="credit-review",
        state={
            "what": f"Limit of {user[1]}", "reference": user[0],
            "done": f"raised to €{after:,}", "told": "the customer was told the reasons",
        },
    )  # fmt: skip
    return Stop(f"{user[1]} asks for a limit of €{after:,}, close to the cut-off.", package)


def courier(seed: int) -> Stop:
    """Return the stop that cannot wait: under the demo's policy it has two minutes, then a minute more."""
    chance = random.Random(seed)
    user, order = chance.choice(PEOPLE), f"W{chance.randint(88, 97)}-{chance.randint(10000, 99999)}"
    package = _package(
        seed,
        f"I am not at home after all. Can the driver take {order} to my neighbour at number 14?",
        "chat", user, "nordic-retail",
        steps=[
            _step("s1", 25, "tool_call", "carrier_tracking", duration_ms=840, must_read=True,
                  input={"order": order},
                  output={"status": "at the door", "driver": "waits", "needs": "signature"}),
            _step("s2", 12, "tool_call", "address_check", duration_ms=95,
                  input={"address": "number 14"}, output={"known_to_customer": False}),
            _step("s3", 5, "conclusion", text="The neighbour is not on the customer's account."),
        ],
        triggers=[{
            "type": "policy", "name": "unknown_address", "observed": "number 14", "operator": "in",
            "threshold": ["addresses of the account"],
            "detail": "The parcel would go to an address that is not the customer's",
        }],
        proposal={
            "action": "redirect_parcel", "arguments": {"order": order, "to": "number 14"},
            "reasoning": "The customer asked for it in a signed-in chat.", "confidence": 0.71,
            "reversible": False, "categories": [],
        },
        question=f"Hand {order} to the neighbour at number 14? The driver waits two minutes.",
        options=[
            _option("approve", "Hand it over", "The neighbour signs for the parcel", False),
            _option("reject", "Back to the depot", "The customer collects it tomorrow", True),
        ],
        stakes="medium", role="refunds-compliance",
        authority="Parcels go to addresses of the account; others need a person's word",
        credentials=["carrier:redirect"], state={"what": "the parcel at the door", "reference": order,
                                                 "done": "handed to the neighbour",
                                                 "told": "sent back to the depot"},
    )  # fmt: skip
    package["resume"] = {"state": {"kind": "courier", "seed": seed, **package.pop("state")}}
    return Stop(f"A courier waits at the door with {order}.", package)


KINDS: dict[str, Callable[[random.Random, int], Stop]] = {
    "late_parcel": _late_parcel,
    "invoice": _invoice,
    "extension": _extension,
    "review_reply": _review_reply,
    "limit_raise": _limit_raise,
}
