from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from escalation.enums import CaseStatus
from escalation.lifecycle import ALLOWED

TARGET = Path(settings.BASE_DIR) / "docs" / "lifecycle.md"


def drawing() -> str:
    """Return the page of allowed moves, made from the table that the code obeys."""
    rows = [f"| `{status}` | {status.label} | {_moves(status)} |" for status in CaseStatus]
    return "\n".join(
        [
            "# The life of a case",
            "",
            "Made by `python3 manage.py draw_lifecycle` from the one table of allowed moves; a test fails",
            "when the two differ.",
            "",
            "| status | in words | may become |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _moves(status: CaseStatus) -> str:
    allowed = [f"`{to}`" for to in CaseStatus if to in ALLOWED[status]]
    return ", ".join(allowed) or "nothing: it has ended"


class Command(BaseCommand):
    help = "Write docs/lifecycle.md from the table of allowed moves."

    def handle(self, **options: Any) -> None:
        TARGET.write_text(drawing())
        self.stdout.write(f"{TARGET.relative_to(settings.BASE_DIR)} says what the code allows.")
