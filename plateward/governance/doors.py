"""How a request that carries no session gets in: whoever keeps API tokens lies above and registers here.

The gate asks the door about every view whose rule says `token`, so that without one nobody gets in.
"""

from typing import Protocol

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse

from plateward.ui.access import AccessRule


class Door(Protocol):
    """Lets programs in for people, and answers them in a form that programs read."""

    def let_in(self, request: HttpRequest, rule: AccessRule) -> HttpResponse | None:
        """Put the person behind the request and return None, or answer why not."""
        ...

    def refuse(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer what a view raised; None where it is a fault."""
        ...


_doors: list[Door] = []


def register(door: Door) -> None:
    """Have this decide about every request by token; one door at a time."""
    _doors[:] = [door]


def door() -> Door:
    """The door; raises ImproperlyConfigured where there is none."""
    if not _doors:
        raise ImproperlyConfigured("A view is to be reached by token, but nothing keeps tokens.")
    return _doors[0]
