"""The channels that lead out of the desk, a file each: what it needs of the operator, how it sends.

Not here: whose turn a channel is and what is written down of it (``notifications``).
"""
