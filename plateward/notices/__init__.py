"""What waits for a person: to know or to do, by when, and to whom it goes when that is over."""
