import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from escalation import verification


class Command(BaseCommand):
    help = "Check the whole record; exits 1 at the first event that does not hold, and names it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON for programs")

    def handle(self, **options: Any) -> None:
        found = verification.verify()
        if options["json"]:
            problem = str(found.problem) if found.problem else None
            self.stdout.write(json.dumps({"events": found.events, "problem": problem}))
            if found.problem:
                raise SystemExit(1)
            return
        if found.problem:
            raise CommandError(f"The record is broken at {found.problem}.")
        self.stdout.write(f"The record is whole: {found.events} events.")
