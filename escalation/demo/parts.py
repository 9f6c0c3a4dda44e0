"""What the demo agent's stops are made of. Times are placeholders (see ``shelf``)."""

from collections.abc import Mapping
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


def step(key: str, ago: int, kind: str, name: str | None = None, **more: Any) -> dict[str, Any]:
    named = {"name": name} if name else {}
    return {"key": key, "kind": kind, "at": f"@-00:00:{ago:02}", **named, **more}


def option(
    key: str, label: str, text: str, undone: bool, *more: Mapping[str, Any]
) -> dict[str, Any]:
    consequences = [{"text": text, "reversible": undone}, *more]
    return {"key": key, "label": label, "outcome": key, "consequences": consequences}


def packaged(
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
