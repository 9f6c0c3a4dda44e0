"""What signing in is made of: what a provider says of a person, and how it is read.

Not here yet: allauth's adapters and our pages around them (``signin``, ``single_sign_on``).
"""
