"""The count in every page's header."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from plateward.notices import queries


def waiting(request: HttpRequest) -> dict[str, Any]:
    """Give templates `notices_waiting`, counted only where it is shown; absent before login."""
    person: queries.Recipient | None = getattr(request, "actor", None)
    if person is None:
        return {}
    return {"notices_waiting": SimpleLazyObject(lambda: queries.counted(person, timezone.now()))}
