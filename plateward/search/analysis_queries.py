"""Which plates were met at cameras in stretches of time, by the index of camera and time; kept analyses."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from plateward.reads.models import Read
from plateward.search import finding
from plateward.search.analysis_models import Analysis
from plateward.search.finding import Window
from plateward.search.incidents import Incident
from plateward.search.meetings import Look, Meetings, Met
from plateward.search.places import Key, devices_asked, ground_of, keys_of
from plateward.search.prepared import prepared
from plateward.search.queries import cameras, devices_of, limits
from plateward.search.rules import SearchQuery
from plateward.search.travel import Sighting

# The wall holds here by the table's own policy: every condition is one that PostgreSQL calls leakproof, so
# that the index is used behind it. The outer bounds prune partitions while planning, those of each look
# while running. OFFSET 0 keeps each look a look-up of its own: joined at once, all the time might be read.
MET: Final = """
WITH met AS MATERIALIZED (
    SELECT look.number, look.grouped, read.plate_key, read.plate, read.captured_at, read.id, read.device_id
    FROM unnest(%(numbers)s::int[], %(groups)s::int[], %(devices)s::uuid[],
                %(begins)s::timestamptz[], %(ends)s::timestamptz[])
         AS look (number, grouped, device_id, from_at, until_at)
    CROSS JOIN LATERAL (
        SELECT plate_key, plate, captured_at, id, device_id FROM reads_read
        WHERE agency_id = %(agency)s AND device_id = look.device_id
          AND captured_at >= look.from_at AND captured_at < look.until_at
          AND captured_at >= %(first)s AND captured_at < %(last)s
        OFFSET 0
    ) AS read
    WHERE read.plate_key <> %(without)s
), one AS MATERIALIZED (
    SELECT DISTINCT number, grouped, plate_key FROM met
), crowd AS (
    SELECT number, count(*) AS vehicles FROM one GROUP BY number
), plates AS MATERIALIZED (
    SELECT plate_key, count(*) AS looks FROM one GROUP BY plate_key
), often AS (
    SELECT plate_key FROM one JOIN plates USING (plate_key) WHERE looks >= %(fewest)s
    GROUP BY plate_key HAVING count(DISTINCT grouped) >= %(fewest)s
)
SELECT met.number, met.plate_key, met.plate, met.captured_at, met.id, met.device_id, crowd.vehicles,
       (SELECT count(*) FROM plates)
FROM met JOIN often USING (plate_key) JOIN crowd USING (number)
ORDER BY met.captured_at, met.id, met.number
"""


def sightings(agency: str, plate_key: str, from_at: datetime, until_at: datetime) -> list[Sighting]:
    """An agency's reads of a plate, looked up by their key. Raises SearchTooBroad after its limit of time."""
    reads = reads_of(agency, plate_key, from_at, until_at)
    with limits(), prepared():
        return [Sighting(*one) for one in reads.values_list("device_id", "captured_at", "id", "plate")]


def reads_of(agency: str, plate_key: str, from_at: datetime, until_at: datetime) -> QuerySet[Read]:
    """A plate's reads, unordered: an order would tempt the planner to walk the index of time."""
    return Read.objects.filter(
        plate_key=plate_key, captured_at__gte=from_at, captured_at__lt=until_at, agency_id=agency
    ).order_by()


def meetings(agency: str, looks: Sequence[Look], *, fewest: int, without: str = "") -> Meetings:
    """Reads of the plates met in at least `fewest` groups of looks, but of the key `without`.

    Raises SearchTooBroad when the database needs longer than its limit of time.
    """
    if not looks:
        return Meetings((), 0)
    with limits(), prepared(), connection.cursor() as cursor:
        cursor.execute(MET, values(agency, looks, fewest=fewest, without=without))
        rows = cursor.fetchall()
    return Meetings(tuple(Met(*row[:-1]) for row in rows), rows[0][-1] if rows else 0)


def values(agency: str, looks: Sequence[Look], *, fewest: int, without: str) -> dict[str, Any]:
    """What the statement asks for."""
    return {
        "agency": agency,
        "numbers": _array(look.number for look in looks),
        "groups": _array(look.group for look in looks),
        "devices": _array(look.device_id for look in looks),
        "begins": _array(look.from_at for look in looks),
        "ends": _array(look.until_at for look in looks),
        "first": min(look.from_at for look in looks),
        "last": max(look.until_at for look in looks),
        "fewest": fewest,
        "without": without,
    }


def _array(values: Iterable[object]) -> str:
    """Numbers, ids or times as PostgreSQL writes an array: made ten times as fast as the driver makes one."""
    return f"{{{','.join(map(str, values))}}}"


def asked_of(incident: Incident) -> SearchQuery:
    """All reads of an incident's place and time, as a canvass asks for them."""
    return SearchQuery(
        pattern=None,
        from_at=incident.from_at,
        until_at=incident.until_at,
        purpose="",
        reason="",
        device_ids=incident.device_ids,
        area=incident.area,
    )


def devices_at(agency: str, incident: Incident) -> list[UUID]:
    """The devices whose reads an incident looks through; raises Device.DoesNotExist for another agency's."""
    query = asked_of(incident)
    cameras(agency, incident.device_ids)
    with limits():
        return devices_asked(agency, query, ground_of(agency, query))


def reads_at(agency: str, incident: Incident, devices: Sequence[UUID]) -> list[Key]:
    """The keys of an incident's reads. Raises SearchTooBroad after its limit of time."""
    query = asked_of(incident)
    ground = ground_of(agency, query)
    window = Window(incident.from_at, incident.until_at, frozenset())
    with limits():
        return list(keys_of(finding.reads_of(agency, query, devices, window, None, ground), ground))


def details(agency: str, keys: Collection[Key]) -> dict[UUID, tuple[str, UUID]]:
    """Plate as read and device of each of these reads."""
    if not keys:
        return {}
    times, ids, plate_keys = zip(*keys, strict=True)
    reads = Read.objects.filter(
        agency_id=agency,
        captured_at__range=(min(times), max(times)),
        plate_key__in=set(plate_keys),
        id__in=ids,
    )
    return {one[0]: one[1:] for one in reads.order_by().values_list("id", "plate", "device_id")}


def camera_names(agency: str, device_ids: Collection[UUID]) -> dict[UUID, str]:
    """Names of those of the agency's devices."""
    return dict(devices_of(agency).filter(pk__in=device_ids).values_list("pk", "name"))


def own_analyses(agency: str, user_id: UUID) -> QuerySet[Analysis]:
    """A person's analyses, newest first."""
    return Analysis.objects.filter(agency_id=agency, asked_by_id=user_id).order_by("-asked_at", "id")


def own_analysis(agency: str, user_id: UUID, analysis_id: UUID) -> Analysis:
    """One of a person's own analyses; raises Analysis.DoesNotExist for anybody else's."""
    return own_analyses(agency, user_id).get(pk=analysis_id)
