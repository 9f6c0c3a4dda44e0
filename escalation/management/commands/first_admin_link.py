from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from escalation.views import setup


class Command(BaseCommand):
    help = "Print the one-time link that makes the first administrator; nothing once there is one."

    def handle(self, **options: Any) -> None:
        if setup.is_empty():
            self.stdout.write(f"{settings.BASE_URL}/set-up/{setup.token()}/")
