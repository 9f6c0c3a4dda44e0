"""Calls to the outside: the guarded client that makes them, and the lookups of names under it.

Nothing here decides what is said or to whom; that is for whoever calls.
"""
