"""What stands around every request, whatever it asks for.

Here: memory that is given back, and how a web process ends. Not here: who may, what the API takes,
and what pages show.
"""
