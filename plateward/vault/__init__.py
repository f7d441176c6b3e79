"""Keeping bytes unreadable without their key: envelopes, data keys, master keys, and where files lie."""
