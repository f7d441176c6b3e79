"""Rules are pure and quick: forty examples find what there is, and a busy machine fails no test."""

from hypothesis import settings

settings.register_profile("rules", max_examples=40, deadline=None)
settings.load_profile("rules")
