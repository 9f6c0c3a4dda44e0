"""Rules about one case: what its answers mean for what its agent does.

Pure functions of its package and of what people filled in; no table, no request and no page is here.
"""
