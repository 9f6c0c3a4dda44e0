from django.apps import AppConfig
from django.db.models.signals import post_migrate


class EscalationConfig(AppConfig):
    name = "escalation"
    verbose_name = "Escalation"

    def ready(self) -> None:
        # both need the models, which load after this module
        from escalation import checks  # noqa: F401, PLC0415 -- registers the system checks
        from escalation.grants import grant_desk  # noqa: PLC0415

        post_migrate.connect(grant_desk, dispatch_uid="escalation.grants")
