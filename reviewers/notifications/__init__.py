"""Telling people outside this desk, on the channels that each of them reads."""
