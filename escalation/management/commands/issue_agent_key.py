import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from escalation import keys, resume
from escalation.actors import OPERATOR
from escalation.models import Agent
from escalation.money.registering import FIELDS, register_money


class Command(BaseCommand):
    help = "Issue a key for an agent, which is made if it is new. The key is printed once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the agent's name: letters, digits, - and _")
        parser.add_argument("--type", default="", help="what it does, such as refunds")
        parser.add_argument(
            "--moves-money", help="its actions that move money, by commas; * for all"
        )
        parser.add_argument(
            "--minor-units", help="its fields in minor units, such as amount or charge:amount"
        )
        parser.add_argument("--minor-decimals", help="decimals of its own, such as ISK 2")
        parser.add_argument("--json", action="store_true", help="print JSON for programs")

    def handle(self, **options: Any) -> None:
        agent = self.agent(options["name"], options["type"])
        self.register_money(agent, options)
        key, text = keys.issue_key(agent, by=OPERATOR, at=now())
        secret = resume.secret_text(agent)
        if options["json"]:
            found = {
                "agent": agent.name,
                "prefix": key.prefix,
                "key": text,
                "callback_secret": secret,
            }
            self.stdout.write(json.dumps(found))
            return
        self.stdout.write(f"Key of {agent.name}, shown only now:\n\n  {text}\n")
        self.stdout.write(f"Its callbacks are signed with:\n\n  {secret}\n")

    def register_money(self, agent: Agent, options: dict[str, Any]) -> None:
        """Declare what was given; what was not stays as it is."""
        if not any(options[name] is not None for name in FIELDS):
            return
        declared = {
            name: getattr(agent, name)
            if options[name] is None
            else [part.strip() for part in options[name].split(",") if part.strip()]
            for name in FIELDS
        }
        try:
            register_money(agent.pk, by=OPERATOR, at=now(), **declared)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None

    def agent(self, name: str, type: str) -> Agent:
        if found := Agent.objects.filter(name=name).first():
            return found
        agent = Agent(name=name, type=type)
        try:
            agent.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        agent.save(force_insert=True)
        return agent
