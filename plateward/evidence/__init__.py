"""Holds on data, and their way into evidence: packages, discs, bookings."""
