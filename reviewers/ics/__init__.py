"""An .ics file: read into turns of time, compared with what is there, and what was chosen of it saved.

Not here: the pages (``views/imports``), and the feeds that the desk itself writes (``feeds``).
"""
