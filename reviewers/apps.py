from django.apps import AppConfig


class ReviewersConfig(AppConfig):
    name = "reviewers"

    def ready(self) -> None:
        from reviewers import sign_in_record  # noqa: PLC0415 -- it needs the models

        sign_in_record.connect()
