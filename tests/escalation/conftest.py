from collections.abc import Callable

import pytest
from django.test import Client

from escalation.models import User

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def as_user() -> Callable[[User], Client]:
    """A browser in which ``user`` is signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend=BACKEND)
        return client

    return sign_in
