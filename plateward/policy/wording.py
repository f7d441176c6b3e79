"""How decisions write what people read."""

from datetime import date


def written(day: date) -> str:
    """A day as people of the agency write it: Nov 21, 2026."""
    return f"{day:%b} {day.day}, {day.year}"
