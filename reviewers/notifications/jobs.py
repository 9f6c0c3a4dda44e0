"""What workers carry out to tell people. Each may run twice or late."""


def send_notices(claims: dict[str, int]) -> None:
    """Send what is due, each by itself."""


def send_digests(claims: dict[str, int]) -> None:
    """Send each person what was collected for them."""
