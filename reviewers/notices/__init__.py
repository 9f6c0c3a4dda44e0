"""Telling people: what each is told on this desk, and the channels that lead to them outside of it.

Here: the inbox, and one file for each channel. Not here: when and how often a channel is tried
(``notifications``), and what the pages look like.
"""
