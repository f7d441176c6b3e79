"""Transparency: what everybody can read, and the evidence that it is posted."""
