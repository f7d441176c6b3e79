"""Taking results of a search out as a file: its access record is committed before the first byte leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from plateward.audit import actions as audit
from plateward.audit.models import AccessRecord
from plateward.governance.actor import Actor
from plateward.policy import enforces, export_allowed
from plateward.policy.screening import screen_reason
from plateward.reads.check_queries import last_checks
from plateward.reads.queries import pictures_of
from plateward.search import queries
from plateward.search.actions import elements_of, query_of, require_permitted
from plateward.search.export_sheet import Sheet, mark_cells, read_cells
from plateward.search.models import Search
from plateward.search.places import Key
from plateward.search.rules import PAGE_SIZE, SearchQuery, check_cost


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOut:
    """A finished file, on record: `file` stands at its beginning, and whoever sends it closes it."""

    file: BytesIO
    name: str
    sha256: str
    size: int
    access: AccessRecord


@enforces("B-466.6(a)", "B-466.6(b)", "H-426.5(a)", "H-426.5(b)")
def take_out(*, by: Actor, search_id: UUID, now: datetime) -> TakenOut:
    """Take the newest results of one's own search out as CSV, as many as the policy lets.

    The search is made anew: the file holds what is found now, under an access record of its own. A second
    row of the journal holds the SHA-256 of the file, by which a copy can be recognized.

    Raises Search.DoesNotExist for somebody else's search, Refused when the policy does not permit it,
    TooVagueError and SearchTooBroad.
    """
    by.require("search.export")
    search = queries.own_search(by.agency, by.user_id, search_id)
    query = query_of(search)
    require_permitted(by, query)
    export_allowed(by.profile, query.reference).require()
    check_cost(query)
    most = by.profile.exports.most_reads.require("How many reads a file may hold")
    sheet = Sheet()
    try:
        with transaction.atomic(durable=True):
            keys = queries.newest_keys(by.agency, query, most + 1)
            access = _record(by, search, query, len(keys), most, now)
            written = _write(by, sheet, query, keys[:most], access)
            name = f"plateward-{access.pk}-{sheet.sha256[:12]}.csv"
            audit.record(
                verb="search.results.exported",
                by=by.acting("search.export"),
                agency=by.agency,
                subject=f"search.Search:{search.pk}",
                now=now,
                detail={
                    "name": name,
                    "sha256": sheet.sha256,
                    "size": sheet.size,
                    "reads": written,
                    "is_cut": access.is_count_bounded,
                    "access": access.pk,
                },
                profile_version=by.profile.version,
            )
    except BaseException:
        sheet.file.close()
        raise
    sheet.file.seek(0)
    return TakenOut(file=sheet.file, name=name, sha256=sheet.sha256, size=sheet.size, access=access)


def _record(
    by: Actor, search: Search, query: SearchQuery, found: int, most: int, now: datetime
) -> AccessRecord:
    elements = elements_of(by, search, query, page=1)
    del elements["page"]
    return audit.record_access(
        by=by.acting("search.export"),
        agency=by.agency,
        elements=elements | {"file": f"CSV, the newest {most:,} reads at most"},
        purpose=query.purpose,
        reason=query.reason,
        reference=query.reference,
        result_count=min(found, most),
        is_count_bounded=found > most,
        flags=[f"{flag.name}: {flag.matched}" for flag in screen_reason(by.profile, query.reason)],
        subject=f"search.Search:{search.pk}",
        profile_version=by.profile.version,
        now=now,
    )


def _write(by: Actor, sheet: Sheet, query: SearchQuery, keys: Sequence[Key], access: AccessRecord) -> int:
    """Write a line for each read, some at a time; returns how many. One destroyed meanwhile has none."""
    count = access.result_count
    extent = f"the newest {count:,} of more" if access.is_count_bounded else f"all {count:,} found"
    marks = mark_cells(by.profile, access, extent)
    zone = ZoneInfo(by.profile.agency.time_zone)
    written = 0
    for start in range(0, len(keys), PAGE_SIZE):
        reads = queries.reads_of(keys[start : start + PAGE_SIZE])
        ids = [read.id for read in reads]
        pictures, checks = pictures_of(ids), last_checks(ids)
        for read in reads:
            written += 1
            known = (pictures[read.id], checks.get(read.id))
            sheet.line((*read_cells(written, read, query.pattern, *known, zone), *marks))
    return written
