"""The stop that cannot wait. Pure, like the others."""

import random

from escalation.demo.parts import PEOPLE, Stop, option, packaged, step


def courier(seed: int) -> Stop:
    """Return the stop that cannot wait: under the demo's policy it has two minutes, then a minute more."""
    chance = random.Random(seed)
    user, order = chance.choice(PEOPLE), f"W{chance.randint(88, 97)}-{chance.randint(10000, 99999)}"
    package = packaged(
        seed,
        f"I am not at home after all. Can the driver take {order} to my neighbour at number 14?",
        "chat", user, "nordic-retail",
        steps=[
            step("s1", 25, "tool_call", "carrier_tracking", duration_ms=840, must_read=True,
                  input={"order": order},
                  output={"status": "at the door", "driver": "waits", "needs": "signature"}),
            step("s2", 12, "tool_call", "address_check", duration_ms=95,
                  input={"address": "number 14"}, output={"known_to_customer": False}),
            step("s3", 5, "conclusion", text="The neighbour is not on the customer's account."),
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
            option("approve", "Hand it over", "The neighbour signs for the parcel", False),
            option("reject", "Back to the depot", "The customer collects it tomorrow", True),
        ],
        stakes="medium", role="refunds-compliance",
        authority="Parcels go to addresses of the account; others need a person's word",
        credentials=["carrier:redirect"], state={"what": "the parcel at the door", "reference": order,
                                                 "done": "handed to the neighbour",
                                                 "told": "sent back to the depot"},
    )  # fmt: skip
    package["resume"] = {"state": {"kind": "courier", "seed": seed, **package.pop("state")}}
    return Stop(f"A courier waits at the door with {order}.", package)
