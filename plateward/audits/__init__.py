"""Audits: a period looked through by a published sample and computed checks, with findings, signed off."""
