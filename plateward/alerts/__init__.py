"""Hits and alerts, worked from UNVERIFIED to a disposition."""
