"""A list of others in the database: received, compared with what stands, put in its place, by sets of rows.

Comparing and putting in place run in the caller's transaction, which holds the list's row locked; a long list
is received before, part by part. A million lines are copies and three statements; lines that say nothing new
change nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection

from plateward.hotlists import rules
from plateward.hotlists.list_file import LineAction
from plateward.hotlists.models import Hotlist, ListFile
from plateward.plates import PatternError, PlatePattern, normalize
from plateward.policy import DEPARTMENT, Profile

SHRINKS: Final = 0.25
"""A file that would end a larger share of what stands is more often cut off than right: say that it is."""
SHOWN: Final = 10
"""So many plates of each kind are shown of a comparison."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One plate on a list of others, as its source tells it; it may be partial."""

    plate: str
    purpose: str
    region: str = ""
    vehicle_description: str = ""
    reason: str = ""
    """Empty where the source gives none: the entry then says which list names it."""
    reference: str = ""
    expires_at: datetime | None = None
    """The source's own end of this entry."""
    category: str = ""
    source_record: str = ""
    """The source's own number of it."""
    action: LineAction = LineAction.ADD


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How a list as received differs from what stands; of added and ended ones the first plates."""

    named: int
    repeated: int
    standing: int
    added: int
    changed: int
    ended: int
    added_plates: tuple[str, ...]
    ended_plates: tuple[str, ...]


# Of entries that just came in the planner knows nothing, takes them for few, and would go through all of them
# for each line.
_PLANNING: Final = "SET LOCAL enable_nestloop = off"
_PLANNED: Final = "SET LOCAL enable_nestloop TO DEFAULT"
_DROP: Final = "DROP TABLE IF EXISTS pg_temp.hotlists_received, pg_temp.hotlists_named"
_TABLE: Final = """
CREATE TEMPORARY TABLE hotlists_received (
    line bigserial, plate text, plate_key text, region text, vehicle_description text, purpose text,
    reason text, case_number text, expires_at timestamptz
)
"""
_COPY: Final = """
COPY hotlists_received
    (plate, plate_key, region, vehicle_description, purpose, reason, case_number, expires_at)
FROM STDIN
"""
# Of what a list says twice the first counts.
_NAMED: Final = """
CREATE TEMPORARY TABLE hotlists_named ON COMMIT DROP AS
SELECT DISTINCT ON (plate, region, case_number) * FROM hotlists_received
ORDER BY plate, region, case_number, line;
ANALYZE hotlists_named;
"""
_SAME: Final = "(e.plate, e.region, e.case_number) = (n.plate, n.region, n.case_number)"
_STANDS: Final = "e.hotlist_id = %(hotlist)s AND e.state = 'ACTIVE'"
_FACTS: Final = "({0}.vehicle_description, {0}.purpose, {0}.reason, {0}.expires_at)"
_CHANGED: Final = f"{_FACTS.format('e')} IS DISTINCT FROM {_FACTS.format('n')}"
_ADDED: Final = f"NOT EXISTS (SELECT FROM hotlists_entry AS e WHERE {_STANDS} AND {_SAME})"
_ENDED: Final = f"NOT EXISTS (SELECT FROM hotlists_named AS n WHERE {_SAME})"

_COMPARE: Final = f"""
SELECT (SELECT count(*) FROM hotlists_received), (SELECT count(*) FROM hotlists_named),
       (SELECT count(*) FROM hotlists_entry AS e WHERE {_STANDS}),
       (SELECT count(*) FROM hotlists_entry AS e JOIN hotlists_named AS n ON {_SAME}
        WHERE {_STANDS} AND {_CHANGED}),
       (SELECT count(*) FROM hotlists_entry AS e WHERE {_STANDS} AND {_ENDED}),
       ARRAY(SELECT plate FROM hotlists_named AS n WHERE {_ADDED} ORDER BY line LIMIT %(shown)s),
       ARRAY(SELECT plate FROM hotlists_entry AS e WHERE {_STANDS} AND {_ENDED}
             ORDER BY plate LIMIT %(shown)s)
"""  # noqa: S608  put together from the constants above
_UPDATE: Final = f"""
UPDATE hotlists_entry AS e
SET vehicle_description = n.vehicle_description, purpose = n.purpose, reason = n.reason,
    expires_at = n.expires_at, requested_by_id = %(by)s, requested_as = %(title)s,
    profile_version = %(version)s
FROM hotlists_named AS n WHERE {_STANDS} AND {_SAME} AND {_CHANGED}
"""  # noqa: S608  the same
_END: Final = f"""
UPDATE hotlists_entry AS e
SET state = 'REMOVED', ended_at = %(now)s, ended_note = 'No longer on the list.'
WHERE {_STANDS} AND {_ENDED}
"""  # noqa: S608  the same
_INSERT: Final = f"""
INSERT INTO hotlists_entry (
    id, agency_id, hotlist_id, plate, plate_key, region, vehicle_description, origin, purpose, reason,
    case_number, narrative, state, requested_by_id, requested_as, requested_at, decided_as, decision_note,
    ended_note, expires_at, profile_version)
SELECT gen_random_uuid(), %(agency)s, %(hotlist)s, plate, plate_key, region, vehicle_description, %(origin)s,
       purpose, reason, case_number, '', 'ACTIVE', %(by)s, %(title)s, %(now)s, '', '', '', expires_at,
       %(version)s
FROM hotlists_named AS n WHERE {_ADDED}
"""  # noqa: S608  the same


@contextmanager
def receiving() -> Iterator[None]:
    """Have a place on this connection that a list is received into, as long as the block runs."""
    with connection.cursor() as cursor:
        cursor.execute(_DROP)
        cursor.execute(_TABLE)
    try:
        yield
    finally:
        # A connection that was lost took the place with it.
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute(_DROP)


def receive(listed: Iterable[Listed], name: str) -> None:
    """Receive part of a list, in its order. Raises ValidationError for an impossible plate."""
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in _rows(listed, name):
            copy.write_row(row)


def compare(hotlist: Hotlist | None, listed: Iterable[Listed], name: str) -> Difference:
    """Receive a list and lay it beside what stands. Raises ValidationError for an impossible plate."""
    with connection.cursor() as cursor:
        cursor.execute(_DROP)
        cursor.execute(f"{_TABLE} ON COMMIT DROP")
    receive(listed, name)
    return compare_received(hotlist)


def compare_received(hotlist: Hotlist | None) -> Difference:
    """Lay the list as received beside what stands, for `put_in_place` in the same transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMED)
        cursor.execute(_PLANNING)
        cursor.execute(_COMPARE, {"hotlist": hotlist.pk if hotlist else None, "shown": SHOWN})
        received, named, standing, changed, ended, added_plates, ended_plates = cursor.fetchone()
        cursor.execute(_PLANNED)
    return Difference(
        named=named,
        repeated=received - named,
        standing=standing,
        added=named - (standing - ended),
        changed=changed,
        ended=ended,
        added_plates=tuple(added_plates),
        ended_plates=tuple(ended_plates),
    )


def put_in_place(hotlist: Hotlist, *, origin: str, by: UUID, title: str, version: str, now: datetime) -> None:
    """Make the list what was just laid beside it: end what it no longer names, change, add."""
    facts: Mapping[str, Any] = {
        "hotlist": hotlist.pk,
        "agency": hotlist.agency_id,
        "origin": origin,
        "by": by,
        "title": title,
        "version": version,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PLANNING)
        for statement in (_END, _UPDATE, _INSERT):
            cursor.execute(statement, facts)
        cursor.execute(_PLANNED)


def _rows(listed: Iterable[Listed], name: str) -> Iterator[tuple[Any, ...]]:
    reason = f"On the list: {name}"
    for one in listed:
        plate, key = spelled(one.plate)
        yield (
            plate,
            key,
            one.region,
            one.vehicle_description,
            one.purpose,
            one.reason or reason,
            one.reference,
            one.expires_at,
        )


def spelled(text: str) -> tuple[str, str]:
    """A whole or partial plate and its key, as entries hold them. Raises ValidationError."""
    if "?" in text or "*" in text:
        try:
            pattern = PlatePattern.parse(text)
        except PatternError as error:
            raise ValidationError({"plate": str(error)}) from error
    else:
        pattern = PlatePattern(normalize(text))
    if problem := rules.plate_problem(pattern.text):
        raise ValidationError({"plate": problem})
    return pattern.text, pattern.folded.text


def list_name(profile: Profile, source: str, origin: str) -> str:
    """What the list is called. Raises ValidationError where the policy does not know or not use it."""
    rule, known = profile.hotlists.sources.get(source), profile.organization.data_origins.get(origin)
    if rule is None or known is None or origin == DEPARTMENT or rule.used.settled is False:
        raise ValidationError("The policy in force knows no such list, or does not use it.")
    return f"{rule.name}: {known.name.lower()}"


def current_until(profile: Profile, source: str, now: datetime) -> datetime:
    """How long a list received at `now` stays current. Raises ValidationError where the policy is silent."""
    rule = profile.hotlists.sources[source]
    if rule.current_for.settled is None:
        raise ValidationError(f"{rule.name}: the policy does not say how long they stay current.")
    return rule.current_for.settled.after(now)


def much_ends(file: ListFile) -> bool:
    """Whether the file ends so much of what stands that somebody must say it is right."""
    return bool(file.found["ended"] > SHRINKS * file.found["standing"])
