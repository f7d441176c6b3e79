"""Hotlists: requested, approved, refreshed and removed as the policy says."""
