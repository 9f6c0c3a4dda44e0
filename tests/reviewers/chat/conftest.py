"""Slack's ends on loopback are those of the other channels."""

from tests.fixtures.ends import certificate, end  # noqa: F401
