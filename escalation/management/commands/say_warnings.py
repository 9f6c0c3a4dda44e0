import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.timezone import now

from escalation import health


class Command(BaseCommand):
    help = "Say what will go wrong unless somebody acts, and what is not set up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, **options: Any) -> None:
        at = now()
        warnings, notes = health.warnings(at=at), health.notes(at=at)
        if options["json"]:
            self.stdout.write(json.dumps({"warnings": warnings, "notes": notes}))
            return
        for sentence in warnings:
            self.stdout.write(self.style.ERROR(sentence))
        for sentence in notes:
            self.stdout.write(sentence)
