"""Money: what currencies are, what a proposal and an answer move, and whether a limit lets it.

Pure but for ``limits``, which reads a role's rows. Amounts are read here and nowhere else, for limits
and rules alike. Not here: how an amount is typed (``schemaform``), and who decides what (``eligibility``).
"""
