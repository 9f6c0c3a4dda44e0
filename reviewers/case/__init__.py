"""The page of a case: what is shown of it, how much of it at once, and where the rest is.

Not here: what may be shown at all (``escalation.withholding``), and how values are said (``words``).
"""
