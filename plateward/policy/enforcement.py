"""Marks code as enforcing clauses, so that the clause map can be generated from the source."""

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def enforces(*clauses: str) -> Callable[[F], F]:
    """Declare that a function or class enforces or performs these clauses.

    The clause map reads this from the source text: write the ids as plain string literals.
    """

    def mark(subject: F) -> F:
        subject.__clauses__ = (*clauses, *getattr(subject, "__clauses__", ()))  # type: ignore[attr-defined]  # functions and classes take attributes
        return subject

    return mark
