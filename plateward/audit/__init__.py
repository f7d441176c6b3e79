"""The journal: what was done, by whom, in the same transaction as the doing."""
