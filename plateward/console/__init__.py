"""The dispatch console: a door over alerts; it owns no rules."""
