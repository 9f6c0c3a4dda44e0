"""Slack's ends on loopback are those of the other channels."""

from tests.reviewers.notifications.conftest import certificate, end  # noqa: F401
