"""Errors and suspected violations: reported by anybody, heard by who is above, retrained, closed."""
