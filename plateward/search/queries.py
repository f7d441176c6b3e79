"""Finding reads by a whole or partial plate, and a person's own searches."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, F, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.utils import OperationalError
from psycopg.errors import QueryCanceled

from plateward.audit.models import AccessRecord
from plateward.devices.models import Device
from plateward.governance.queries import PastHoldings
from plateward.governance.replays import Asked
from plateward.plates.pattern import PlatePattern
from plateward.plates.text import plate_key
from plateward.reads.models import Read, SearchedRead
from plateward.search.models import Search
from plateward.search.rules import COUNT_BOUND, PAGE_SIZE, Cursor, SearchQuery, would_be_permitted

TIME_LIMIT = "20s"

Key = tuple[datetime, UUID, str]
"""A match by captured_at, id and plate_key, so that keys sort as results do."""


class SearchTooBroad(Exception):
    """The database did not finish in time; nothing was found out and nothing was shown."""

    def __init__(self) -> None:
        super().__init__(
            f"This search was stopped after {TIME_LIMIT}. Give more of the plate, a shorter time or single "
            "cameras."
        )


@dataclass(frozen=True, slots=True)
class Found:
    """One page of matching reads, newest first, and how many match in all.

    `count` is exact unless `is_bounded`: then there are more. `next` begins the following page.
    """

    reads: tuple[Read, ...]
    count: int
    is_bounded: bool
    next: Cursor | None


class _HasGrams(Func):
    """`plateward_grams(plate)` contains the given ones; answered by the GIN index of that expression."""

    template = "(plateward_grams(%(expressions)s::text[]))"
    arg_joiner = ") @> ("
    output_field = BooleanField()


class _Like(Func):
    template = "(%(expressions)s)"
    arg_joiner = " LIKE "
    output_field = BooleanField()


def matching(agency: str, query: SearchQuery) -> QuerySet[SearchedRead]:
    """The agency's reads a search describes, unordered; the time range prunes partitions."""
    reads = SearchedRead.objects.filter(
        agency_id=agency, captured_at__gte=query.from_at, captured_at__lt=query.until_at
    ).order_by()
    if query.device_ids:
        reads = reads.filter(device_id__in=query.device_ids)
    if query.region:
        reads = reads.filter(region__in=(query.region, ""))
    return _by_plate(reads, query.pattern)


def _by_plate(reads: QuerySet[SearchedRead], pattern: PlatePattern) -> QuerySet[SearchedRead]:
    if pattern.is_exact:
        return reads.filter(plate_key=plate_key(pattern.text), plate=pattern.text)
    like = reads.filter(_Like(F("plate"), Value(pattern.sql_like)))
    grams = pattern.sql_grams
    return like.filter(_HasGrams(F("plate"), Value(grams))) if grams else like


def find(agency: str, query: SearchQuery, after: Cursor | None = None) -> Found:
    """Count the matches up to COUNT_BOUND and fetch one page of them.

    Raises SearchTooBroad when the database needs longer than TIME_LIMIT.
    """
    with _time_limit():
        matches = matching(agency, query)
        keys = list(matches.values_list("captured_at", "id", "plate_key")[: COUNT_BOUND + 1])
        is_bounded = len(keys) > COUNT_BOUND
        # Ordering in the database with a limit tempts the planner to walk the whole time range for a rare
        # plate; few matches are sorted here. Where matches abound, that walk ends soon and is right.
        page = _newest_in_database(matches, after) if is_bounded else _newest(keys, after)
        reads = _fetch(page[:PAGE_SIZE])
    following = None
    if len(page) > PAGE_SIZE:
        last = reads[-1]
        following = Cursor(last.captured_at, last.id, after.page + 1 if after else 2)
    return Found(reads, min(len(keys), COUNT_BOUND), is_bounded, following)


def _newest(keys: Iterable[Key], after: Cursor | None) -> list[Key]:
    """One page and one more of the keys, newest first."""
    if after:
        keys = (key for key in keys if key[:2] < (after.captured_at, after.id))
    return sorted(keys, reverse=True)[: PAGE_SIZE + 1]


def _newest_in_database(matches: QuerySet[SearchedRead], after: Cursor | None) -> list[Key]:
    if after:
        older = Q(captured_at__lt=after.captured_at) | Q(captured_at=after.captured_at, id__lt=after.id)
        matches = matches.filter(older, captured_at__lte=after.captured_at)
    ordered = matches.order_by("-captured_at", "-id")
    return list(ordered.values_list("captured_at", "id", "plate_key")[: PAGE_SIZE + 1])


def _fetch(keys: list[Key]) -> tuple[Read, ...]:
    """The reads with these keys and their devices, in the order of the keys."""
    pks = [(key, captured_at, read_id) for captured_at, read_id, key in keys]
    reads = Read.objects.filter(pk__in=pks).select_related("device") if pks else ()
    by_pk = {read.pk: read for read in reads}
    return tuple(by_pk[pk] for pk in pks)


@contextmanager
def _time_limit() -> Iterator[None]:
    """Let the statements inside take TIME_LIMIT each; the caller's transaction is lost when one does not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [TIME_LIMIT])
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise SearchTooBroad from error
        raise
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout TO DEFAULT")


def devices_of(agency: str) -> QuerySet[Device]:
    """The agency's cameras and other sources, disabled ones too: their reads remain."""
    return Device.objects.filter(agency_id=agency).order_by("name")


def cameras(agency: str, device_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of the agency's devices with these ids; raises Device.DoesNotExist for any other."""
    wanted = set(device_ids)
    names = {device.pk: device.name for device in devices_of(agency).filter(pk__in=wanted)}
    if wanted - names.keys():
        raise Device.DoesNotExist("A camera of this search is not one of the agency's.")
    return names


def asked_since(agency: str, since: datetime) -> Iterator[Asked]:
    """The agency's searches from an instant on, newest first, to be decided again by another policy.

    Each counts with the title and the positions its person had then.
    """
    holdings = PastHoldings(agency, since)
    as_recorded = AccessRecord.objects.filter(pk=OuterRef("access_record_id")).values("title")
    searches = Search.objects.filter(agency_id=agency, searched_at__gte=since).select_related("searched_by")
    for search in searches.annotate(title=Subquery(as_recorded)).order_by("-searched_at", "id").iterator():
        yield Asked(
            at=search.searched_at,
            person=search.searched_by.full_name,
            what=f"Search for {search.purpose.replace('-', ' ')}",
            reason=search.reason,
            decide=partial(
                would_be_permitted,
                title=search.title or search.searched_by.title,
                positions=holdings.at(search.searched_by_id, search.searched_at),
                purpose=search.purpose,
                reason=search.reason,
                reference=search.reference,
            ),
        )


def own_searches(agency: str, user_id: UUID) -> QuerySet[Search]:
    """A person's searches, newest first (R54)."""
    return Search.objects.filter(agency_id=agency, searched_by_id=user_id).order_by("-searched_at", "id")


def own_search(agency: str, user_id: UUID, search_id: UUID) -> Search:
    """One of a person's own searches; raises Search.DoesNotExist for anybody else's."""
    return own_searches(agency, user_id).get(pk=search_id)
