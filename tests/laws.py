"""How many examples a law is tried on."""

from typing import Any

from hypothesis import settings

FEW = 3
# The same examples in every run: a failure is never luck. No test is judged by how long it takes.
settings.register_profile("whole", deadline=None, derandomize=True, database=None)
settings.register_profile("quick", settings.get_profile("whole"), max_examples=10)
settings.load_profile("whole")


def law(examples: int, **given: Any) -> Any:
    """Try a law on so many examples; on a twentieth of them in ``manage.py test --quick``."""
    if settings.get_current_profile_name() == "quick":
        examples = min(examples, max(FEW, examples // 20))
    return settings(max_examples=examples, **given)
