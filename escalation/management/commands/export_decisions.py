from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from escalation import export, ledger
from escalation.access import DESK
from escalation.actors import OPERATOR
from escalation.instants import instant_argument


class Command(BaseCommand):
    help = "Write decision histories to a file: JSON Lines to check, or CSV to look at."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=sorted(export.FORMATS), default="jsonl")
        parser.add_argument(
            "--since", type=instant_argument, help="decided at or after this instant"
        )
        parser.add_argument("--until", type=instant_argument, help="decided before this instant")
        parser.add_argument("--to", type=Path, required=True, help="the file, which must not exist")

    def handle(self, **options: Any) -> None:
        cases = export.decided_cases()
        if since := options["since"]:
            cases = cases.filter(decided_at__gte=since)
        if until := options["until"]:
            cases = cases.filter(decided_at__lt=until)
        lines, _ = export.FORMATS[options["format"]]
        written = 0
        try:
            with options["to"].open("x", encoding="utf-8", newline="") as file:
                for line in lines(cases):
                    file.write(line)
                    written += 1
        except OSError as error:
            raise CommandError(f"{options['to']} cannot be written: {error.strerror}.") from None
        self.record(options)
        header = options["format"] == "csv"
        self.stdout.write(f"{written - header} written to {options['to']}.")

    def record(self, options: dict[str, Any]) -> None:
        asked = {name: str(options[name]) for name in ("since", "until") if options[name]}
        ledger.append(
            "audit.exported",
            subject="desk",
            by=OPERATOR,
            at=now(),
            filter=asked,
            format=options["format"],
            scope=DESK,
        )
