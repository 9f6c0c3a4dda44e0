import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from escalation.machine import doctor
from escalation.machine.folders import var

MARKS = {"ok": "ok   ", "note": "note ", "wrong": "WRONG"}


class Command(BaseCommand):
    help = "Say what is set up, what is wrong and what to type. Exits 1 when something is wrong."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, **options: Any) -> None:
        found = doctor.examine(var())
        wrong = [one for one in found if one.state == "wrong"]
        if options["json"]:
            report = {"ok": not wrong, "findings": [asdict(one) for one in found]}
            self.stdout.write(json.dumps(report, indent=2))
        else:
            for one in found:
                self._say(one)
        if wrong:
            names = ", ".join(dict.fromkeys(one.part for one in wrong))
            raise CommandError(f"Something is wrong with: {names}.")

    def _say(self, one: doctor.Finding) -> None:
        style = {"ok": self.style.SUCCESS, "wrong": self.style.ERROR}.get(
            one.state, self.style.WARNING
        )
        self.stdout.write(f"{style(MARKS[one.state])} {one.part:<11} {one.says}")
        if one.type:
            self.stdout.write(f"{'':<17} type: {one.type}")
