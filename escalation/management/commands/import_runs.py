import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from escalation.imports import opening, progress
from escalation.models import Agent

UNNAMED = "imported"


def positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError("give a whole number of 1 or more")
    return int(text)


class Command(BaseCommand):
    help = (
        "Open a case for each call that changed the world in recorded agent runs (JSON Lines, see "
        "docs/import-format.md). Importing again opens nothing twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="recorded runs, one JSON object a line")
        parser.add_argument("--limit", type=positive, help="the most calls to take from the file")
        parser.add_argument("--agent", help="open all cases for this agent, whatever the runs name")
        parser.add_argument("--truth", type=Path, help="write what was right to this file")
        parser.add_argument("--json", action="store_true", help="print JSON for programs")

    def handle(self, **options: Any) -> None:
        path: Path = options["file"]
        try:
            found = self.run_import(path, now(), options)
        except OSError as failure:
            raise CommandError(f"{failure.filename}: {failure.strerror}") from None
        except opening.BadLine as refusal:
            raise CommandError(f"{path}, {refusal}. Nothing was imported.") from None
        self.say(path, found, as_json=options["json"])

    def run_import(self, path: Path, at: Any, options: dict[str, Any]) -> dict[str, int]:
        total = min(opening.check(path, at=at), options["limit"] or 10**9)
        agents = {
            name: self.agent(options["agent"] or name or UNNAMED)
            for name in opening.agent_names(path)
        }
        with ExitStack() as stack:
            truth = (
                stack.enter_context(options["truth"].open("w", encoding="utf-8"))
                if options["truth"]
                else None
            )
            cases = islice(opening.open_all(path, agents, at=at), total)
            return self.count(progress.shown(cases, total, self.stderr, "calls"), truth)

    def count(self, cases: Iterable[opening.Opening], truth: TextIO | None) -> dict[str, int]:
        found = {"calls": 0, "opened": 0, "already": 0}
        for one in cases:
            found["calls"] += 1
            found["opened" if one.opened else "already"] += 1
            if truth:
                known = {"reference": one.case.reference, "key": one.key} | asdict(one.truth)
                truth.write(json.dumps(known, ensure_ascii=False) + "\n")
        return found

    def agent(self, name: str) -> Agent:
        if found := Agent.objects.filter(name=name).first():
            return found
        agent = Agent(name=name, type="imported")
        try:
            agent.full_clean()
        except ValidationError as error:
            raise CommandError(f"{name!r} cannot be an agent: {' '.join(error.messages)}") from None
        agent.save(force_insert=True)
        return agent

    def say(self, path: Path, found: dict[str, int], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"file": str(path)} | found))
            return
        opened, already = found["opened"], found["already"]
        cases = "1 case" if opened == 1 else f"{opened:,} cases"
        before = f"; {already:,} were there from before" if already else ""
        self.stdout.write(f"Opened {cases} for {found['calls']:,} calls in {path.name}{before}.")
