"""What stands around every request, whatever it asks for.

Here: memory that is given back. Not here: who may, what the API takes, and what pages show.
"""
