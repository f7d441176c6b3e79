"""The words between a mobile or fixed unit and the server: calls, signed documents, the unit's own journal.

Pure: no database, no clock, no files. Both sides decode the same types, so neither can mean something else.
"""
