"""Small stops of the demo agent: the same five kinds of work, each time with other people and sums.

Pure: a stop is made from a seed and nothing else, so a restarted agent, and a test, get the same.
"""

import random
from collections.abc import Callable

from escalation.demo.parts import COMPANIES, PEOPLE, Stop, option, packaged, step


def stop(seed: int) -> Stop:
    """Return the stop that belongs to ``seed``; five in a row are of five kinds."""
    kinds = list(KINDS)
    kind = kinds[seed % len(kinds)]
    chance = random.Random(seed)
    made = KINDS[kind](chance, seed)
    made.package["resume"] = {"state": {"kind": kind, "seed": seed, **made.package.pop("state")}}
    return made


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
    package = packaged(
        seed,
        f"It is {days} days late and nobody answers. I don't want it any more, refund me. {order}",
        "email", user, "nordic-retail",
        steps=[
            step("s1", 46, "tool_call", "get_order", duration_ms=38, input={"order": order},
                  output={"order": order, "total": amount, "status": "in transit"}),
            step("s2", 41, "tool_call", "carrier_tracking", duration_ms=1200, must_read=True,
                  input={"order": order},
                  output={"status": "at depot", "days_late": days, "next_attempt": "@day+1"}),
            step("s3", 33, "tool_call", "customer_history", duration_ms=61, input={"customer": user[0]},
                  output={"orders": chance.randint(2, 40), "refunds_12_months": chance.randint(0, 3)}),
            step("s4", 20, "reasoning", text="The parcel is late but not lost: a new attempt is due "
                  "tomorrow. The customer no longer wants it."),
            step("s5", 14, "conclusion", text="Refund and call the parcel back, if we may."),
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
            option("approve", "Refund and call back", f"${amount} goes back to the card today", False,
                    {"text": "The carrier charges $11.40 for the way back", "reversible": False}),
            option("modify", "Refund a part", "The amount you enter goes back; the parcel goes on", False)
            | {"parameters": amount_schema},
            option("reject", "Let it be delivered", "The customer is told to wait until tomorrow", True),
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
    package = packaged(
        seed,
        f"Invoice {number} from {company}, NOK {pretty}, is in this week's run.",
        "schedule", ("schedule-payrun", "Weekly payment run"), "ostby-shipping",
        steps=[
            step("s1", 45, "tool_call", "read_invoice", duration_ms=1310, input={"invoice": number},
                  output={"supplier": company, "amount": amount, "currency": "NOK"}, must_read=True),
            step("s2", 40, "tool_call", "match_order", duration_ms=118, input={"invoice": number},
                  output={"difference_percent": over, "tolerance_percent": 2, "goods": "received"},
                  must_read=True),
            step("s3", 31, "tool_call", "get_supplier", duration_ms=44, input={"name": company},
                  output={"account_changed": None, "payments_24_months": chance.randint(9, 60)}),
            step("s4", 18, "conclusion", text=f"{over} % over the order, probably freight."),
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
            option("approve", "Release", f"NOK {pretty} leaves tomorrow at 06:00", False),
            option("reject", "Take it out of the run", "The next run is in seven days", True),
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
    package = packaged(
        seed,
        f"Please keep {user[1]}'s access to the claims staging system for {days} more days.",
        "service portal", ("emp-0922", "Joanna Whitfield"), "halo-insurance",
        steps=[
            step("s1", 44, "tool_call", "list_grants", duration_ms=210, input={"person": person},
                  output=[{"system": "claims", "environment": "staging", "ends": "@day+0"}]),
            step("s2", 39, "tool_call", "sign_in_history", duration_ms=95, must_read=True,
                  input={"person": person},
                  output={"last_30_days": chance.randint(0, 22), "unusual": chance.randint(0, 1)}),
            step("s3", 22, "conclusion", text="Contract runs on; the access ends tonight."),
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
            option("approve", f"Extend by {days} days", "Access goes on and ends by itself", True),
            option("modify", "Extend by less", "Access goes on for the days you enter", True)
            | {"parameters": days_schema},
            option("reject", "Let it end", "Access ends tonight at 23:59", True),
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
    package = packaged(
        seed,
        f"{'★' * stars}{'☆' * (5 - stars)} Flickers since day two, and the hotline laughed at me.",
        "public review", user, "nordic-retail",
        steps=[
            step("s1", 43, "tool_call", "find_order", duration_ms=88, input={"name": user[1]},
                  output={"matches": chance.randint(0, 2)}, must_read=True),
            step("s2", 35, "retrieval", "tone_of_voice", duration_ms=120,
                  input={"query": "reply to a bad review"},
                  output=[{"section": "3", "text": "Say sorry once. Promise only what we keep."}]),
            step("s3", 15, "conclusion", "draft", text=draft),
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
            option("approve", "Publish", "Everybody can read it within a minute", True),
            option("modify", "Publish another text", "Your words appear in the shop's name", True)
            | {"parameters": text_schema},
            option("reject", "Do not reply", "The review stands without an answer", True),
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
    package = packaged(
        seed,
        f"Could you raise my card's limit from €{before:,} to €{after:,}? I am moving house.",
        "app", user, "fjord-credit",
        steps=[
            step("s1", 42, "tool_call", "account_summary", duration_ms=1900, must_read=True,
                  input={"customer": user[0], "months": 6},
                  output={"income_mean": f"{chance.randint(2400, 4100)}.00", "returned_payments": 0}),
            step("s2", 36, "tool_call", "score_model", duration_ms=16, must_read=True,
                  input={"model": "pd-2026-03"},
                  output={"default_probability_12_months": round(0.06 - distance, 3), "cut_off": 0.06}),
            step("s3", 17, "conclusion", text="Inside the cut-off, but only just."),
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
            option("approve", f"Raise to €{after:,}", "The new limit holds at once", True,
                    {"text": "Money drawn cannot be called back", "reversible": False}),
            option("modify", "Raise by less", "The limit you enter holds at once", True)
            | {"parameters": limit_schema},
            option("reject", "Refuse", "The customer is told why and whom to ask", True),
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


KINDS: dict[str, Callable[[random.Random, int], Stop]] = {
    "late_parcel": _late_parcel,
    "invoice": _invoice,
    "extension": _extension,
    "review_reply": _review_reply,
    "limit_raise": _limit_raise,
}
