"""What policy refuses, each with the sentences that a person reads."""

from escalation.errors import EscalationError, Fault


class PolicyRejected(EscalationError):
    """Facts that make no policy; ``faults`` are all that is wrong with them, each with its place."""

    slug, title, status = "policy-rejected", "The policy was refused", 422

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f"{fault.pointer or '/'}: {fault.message}" for fault in faults))
        self.faults = faults


class PolicyRefused(EscalationError):
    """An act on the desk's policy that does not fit what stands there, or who does it."""

    slug, title, status = "policy-refused", "The policy stays as it is", 409


class PolicyMoved(PolicyRefused):
    """Somebody else changed, published or put away the draft after it was opened."""
