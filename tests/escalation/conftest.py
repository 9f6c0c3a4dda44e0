from collections.abc import Callable

import pytest
from django.test import Client

from escalation.models import Role, User
from tests.factories import make_reviewer, make_role

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def as_user() -> Callable[[User], Client]:
    """A browser in which ``user`` is signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend=BACKEND)
        return client

    return sign_in


@pytest.fixture
def role() -> Role:
    """A role that has a higher one."""
    return make_role("refunds", higher_role=make_role("managers"))


@pytest.fixture
def kim(role: Role) -> User:
    """Somebody who decides for ``role``."""
    return make_reviewer(role, first_name="Kim", last_name="Osei")
