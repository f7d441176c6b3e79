"""Plateward: an ALPR platform whose agencies' written policy is executable."""

__version__ = "0.1.0"
