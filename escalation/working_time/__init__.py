"""When roles work, and what follows from it for deadlines.

Here: holidays kept ahead. Not here yet: ``calendars``, ``hours`` and ``deadlines``, which stand beside.
"""
