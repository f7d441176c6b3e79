"""Finding reads by a whole or partial plate, and a person's own searches."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.utils import OperationalError
from psycopg.errors import QueryCanceled

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.devices.models import Device
from plateward.governance.queries import PastHoldings
from plateward.governance.replays import Asked
from plateward.reads.models import Read
from plateward.search import finding
from plateward.search.models import Search
from plateward.search.places import Key
from plateward.search.prepared import GENERIC, any_of, prepared
from plateward.search.rules import PAGE_SIZE, Cursor, SearchQuery, would_be_permitted

TIME_LIMIT = "20s"
_SETTINGS: Final = {
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "work_mem": "'64MB'",
    "plan_cache_mode": GENERIC,
}
_LIMITED: Final = "".join(f"; SET LOCAL {name} = {value}" for name, value in _SETTINGS.items())
_UNLIMITED: Final = "".join(f"; SET LOCAL {name} TO DEFAULT" for name in _SETTINGS)


class SearchTooBroad(Exception):
    """The database did not finish in time; nothing was found out and nothing was shown."""

    def __init__(self) -> None:
        super().__init__(
            f"This search was stopped after {TIME_LIMIT}. Give more of the plate, a shorter time or single "
            "cameras."
        )


@dataclass(frozen=True, slots=True)
class Found:
    """One page of matching reads, newest first, and how many were found up to its end.

    `count` is exact unless `is_bounded`: then there are more. `next` begins the following page.
    """

    reads: tuple[Read, ...]
    count: int
    is_bounded: bool
    next: Cursor | None


def find(agency: str, query: SearchQuery, after: Cursor | None = None) -> Found:
    """Fetch one page of the matches. Raises SearchTooBroad when the database needs longer than TIME_LIMIT."""
    with limits():
        keys = finding.newest(agency, query, after, PAGE_SIZE + 1)
        reads = reads_of(keys[:PAGE_SIZE])
    page = after.page if after else 1
    following = None
    if len(keys) > PAGE_SIZE:
        captured_at, read_id, _ = keys[PAGE_SIZE - 1]
        following = Cursor(captured_at, read_id, page + 1)
    count = (page - 1) * PAGE_SIZE + len(reads)
    return Found(reads, count, is_bounded=following is not None, next=following)


def newest_keys(agency: str, query: SearchQuery, size: int) -> list[Key]:
    """The keys of the newest `size` matches. Raises SearchTooBroad as `find` does."""
    with limits():
        return finding.newest(agency, query, None, size)


def reads_of(keys: Sequence[Key]) -> tuple[Read, ...]:
    """The reads with these keys and their devices, in the order of the keys, without any destroyed since."""
    if not keys:
        return ()
    times, ids, plate_keys = zip(*keys, strict=True)
    # The range prunes partitions; the rest is looked up by the primary key.
    reads = Read.objects.filter(
        any_of("plate_key", set(plate_keys)), any_of("id", ids), captured_at__range=(min(times), max(times))
    )
    shown = reads.select_related("device").defer("payload", "characters", "candidates")
    with prepared():
        by_id = {read.id: read for read in shown}
    return tuple(by_id[read_id] for read_id in ids if read_id in by_id)


@contextmanager
def limits() -> Iterator[None]:
    """Let the statements inside take TIME_LIMIT each, on one processor.

    The caller's transaction is lost when one takes longer (SearchTooBroad). Further processors would have to
    be woken for what is done in a few milliseconds, and others search at the same time. Compiling a statement
    (JIT) takes longer than any of these runs.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{TIME_LIMIT}'{_LIMITED}")
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise SearchTooBroad from error
        raise
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout TO DEFAULT{_UNLIMITED}")


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


def files_of(search: Search) -> list[AuditRecord]:
    """What the journal holds of files taken out of a search, newest first."""
    rows = AuditRecord.objects.filter(
        agency=search.agency_id, subject=f"search.Search:{search.pk}", verb="search.results.exported"
    )
    return list(rows.order_by("-id"))


def own_searches(agency: str, user_id: UUID) -> QuerySet[Search]:
    """A person's searches, newest first (R54)."""
    searches = Search.objects.filter(agency_id=agency, searched_by_id=user_id).select_related("canvass")
    return searches.order_by("-searched_at", "id")


def own_search(agency: str, user_id: UUID, search_id: UUID) -> Search:
    """One of a person's own searches; raises Search.DoesNotExist for anybody else's."""
    return own_searches(agency, user_id).get(pk=search_id)
