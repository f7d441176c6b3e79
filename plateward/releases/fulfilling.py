"""Which reads an approved request asks for: found by searches like anybody's, no wider and no costlier."""

from collections.abc import Iterator
from uuid import UUID

from django.core.exceptions import ValidationError

from plateward.plates.pattern import PlatePattern
from plateward.releases.request_models import ReleaseRequest
from plateward.search.queries import SearchTooBroad, newest_keys
from plateward.search.rules import QueryError, SearchQuery, TooVagueError, check_cost

MOST_READS = 20_000
"""A request that finds more is divided: a package of so many pictures fills several discs already."""


def queries_of(request: ReleaseRequest) -> Iterator[SearchQuery]:
    """A search for each plate asked for, or one for the cameras; raises QueryError, TooVagueError."""
    for plate in request.plates or [""]:
        query = SearchQuery(
            pattern=PlatePattern.parse(plate) if plate else None,
            from_at=request.from_at,
            until_at=request.until_at,
            purpose=request.purpose,
            reason=request.intended,
            reference=request.reference,
            device_ids=tuple(UUID(camera) for camera, _ in request.cameras),
        )
        check_cost(query)
        yield query


def require_searchable(request: ReleaseRequest) -> None:
    """Raise ValidationError, with what to narrow, for data that could never be searched for."""
    try:
        list(queries_of(request))
    except (QueryError, TooVagueError) as error:
        raise ValidationError({"plates": str(error)}) from error


def reads_for(request: ReleaseRequest) -> list[UUID]:
    """The reads asked for; raises ValidationError for more than one package takes, or too broad a search."""
    found: dict[UUID, None] = {}
    try:
        for query in queries_of(request):
            found |= dict.fromkeys(key[1] for key in newest_keys(request.agency_id, query, MOST_READS + 1))
    except (QueryError, TooVagueError, SearchTooBroad) as error:
        raise ValidationError(str(error)) from error
    if len(found) > MOST_READS:
        raise ValidationError(
            f"More than {MOST_READS:,} reads fit. Have the agency ask for a shorter time or fewer cameras, "
            "in requests of their own."
        )
    return list(found)
