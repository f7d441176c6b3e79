class Problem(Exception):
    """Something a person can put right: the message says what happened and what to do."""
