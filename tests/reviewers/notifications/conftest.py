"""What notices are sent to: real ends on loopback."""

from tests.fixtures.ends import certificate, end, post  # noqa: F401
