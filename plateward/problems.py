"""What kinds of problem details (RFC 9457) the receiver and the API may answer; each says what to do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its anchor on the documentation page, HTTP status, title and what to do."""

    slug: str
    status: int
    title: str
    what_to_do: str
    headers: dict[str, str] = field(default_factory=dict)


def kinds_among(names: Mapping[str, object]) -> tuple[Kind, ...]:
    """A catalog: every kind that a module names."""
    return tuple(one for one in names.values() if isinstance(one, Kind))


def by_status(kinds: Iterable[Kind]) -> dict[str, list[Kind]]:
    """Kinds by their status, lowest first, as an OpenAPI document lists answers; several may share one."""
    found: dict[str, list[Kind]] = {}
    for kind in sorted(kinds, key=lambda kind: kind.status):
        found.setdefault(str(kind.status), []).append(kind)
    return found
