"""Plain values and how they are read and said: no table, no request, no zone but the one given.

Not here: working time (``hours``, ``deadlines``), and anything that asks the database.
"""
