"""Searches with a purpose: the access record comes before the result."""
