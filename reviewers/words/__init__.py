"""How values from outside are said: JSON that came as text, read as what it is.

Here: what a value is and how it is set. Not here: what a case holds, and what of it may be shown.
"""
