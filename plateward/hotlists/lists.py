"""A list of others in the database: received, compared with what stands, put in its place, by sets of rows.

Comparing and putting in place run in the caller's transaction, which holds the list's row locked; a long list
is received before, part by part. A million lines are copies and few statements; lines that say nothing new
change nothing.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection

from plateward.hotlists import rules
from plateward.hotlists.list_file import LineAction
from plateward.hotlists.models import Hotlist, ListMode
from plateward.plates import PatternError, PlatePattern, normalize, plate_key
from plateward.policy import DEPARTMENT, Profile

SHOWN: Final = 10
"""So many plates of each kind are shown of a comparison."""


class Listed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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
    """How a list as received differs from what stands; of added and ended ones the first plates.

    `unfound` counts removals of what does not stand, `categories` the named ones by category.
    """

    named: int
    repeated: int
    standing: int
    added: int
    changed: int
    ended: int
    added_plates: tuple[str, ...]
    ended_plates: tuple[str, ...]
    unfound: int = 0
    categories: Mapping[str, int] = field(default_factory=dict)

    @property
    def stands_then(self) -> int:
        """How many entries stand once it is in place."""
        return self.standing - self.ended + self.added


# Sorting a million lines in the 4 MB that a statement has by itself goes by the disc many times.
_ROOMY: Final = "SET LOCAL jit = off; SET LOCAL work_mem = '64MB'"
# Of entries that just came in the planner knows nothing, takes them for few, and would go through all of them
# for each line.
_PLANNING: Final = f"{_ROOMY}; SET LOCAL enable_nestloop = off"
_PLANNED: Final = """
SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL jit TO DEFAULT; SET LOCAL work_mem TO DEFAULT
"""
_DROP: Final = (
    "DROP TABLE IF EXISTS pg_temp.hotlists_received, pg_temp.hotlists_named, pg_temp.hotlists_outcome"
)
_TABLE: Final = """
CREATE TEMPORARY TABLE hotlists_received (
    line bigserial, plate text, plate_key text, region text, vehicle_description text, purpose text,
    reason text, case_number text, expires_at timestamptz, category text, source_record text, action text
)
"""
_COPY: Final = """
COPY hotlists_received (plate, plate_key, region, vehicle_description, purpose, reason, case_number,
                        expires_at, category, source_record, action)
FROM STDIN
"""
# Of what a list says twice the first counts. Which order is no matter, and that of the bytes is the quickest.
_TOLD_BY: Final = 'action, plate COLLATE "C", region, case_number COLLATE "C", removed COLLATE "C"'
_NAMED: Final = f"""
CREATE TEMPORARY TABLE hotlists_named ON COMMIT DROP AS
SELECT DISTINCT ON ({_TOLD_BY}) * FROM (
    SELECT *, CASE action WHEN 'REMOVE' THEN source_record END AS removed FROM hotlists_received
) AS r
ORDER BY {_TOLD_BY}, line;
ANALYZE hotlists_named;
"""  # noqa: S608  put together from the constant above
_SAME: Final = "n.action = 'ADD' AND (e.plate, e.region, e.case_number) = (n.plate, n.region, n.case_number)"
_STANDS: Final = "e.hotlist_id = %(hotlist)s AND e.state = 'ACTIVE'"
_FACTS: Final = """
({0}.vehicle_description, {0}.purpose, {0}.reason, {0}.expires_at, {0}.category, {0}.source_record)
"""
_CHANGED: Final = f"{_FACTS.format('e')} IS DISTINCT FROM {_FACTS.format('n')}"
_REMOVED: Final = f"""
(e.source_record IN (SELECT removed FROM hotlists_named WHERE removed <> '')
 OR (e.plate, e.region) IN (SELECT plate, region FROM hotlists_named WHERE removed = ''))
AND NOT EXISTS (SELECT FROM hotlists_named AS n WHERE {_SAME})
"""  # noqa: S608  the same
# What is to be done: a line without an entry is added, an entry without a line ends, one with a line changes.
_OUTCOME: Final = f"""
CREATE TEMPORARY TABLE hotlists_outcome ON COMMIT DROP AS
SELECT e.id, n.line FROM (SELECT * FROM hotlists_entry AS e WHERE {_STANDS}) AS e
FULL JOIN (SELECT * FROM hotlists_named WHERE action = 'ADD') AS n
ON (e.plate, e.region, e.case_number) = (n.plate, n.region, n.case_number)
WHERE e.id IS NULL OR n.line IS NULL OR {_CHANGED};
ANALYZE hotlists_outcome;
"""  # noqa: S608  the same
# Few lines beside a long list: each looks for its own entry by the index that matching uses.
_OUTCOME_OF_FEW: Final = f"""
CREATE TEMPORARY TABLE hotlists_outcome ON COMMIT DROP AS
SELECT e.id, n.line FROM (SELECT * FROM hotlists_named WHERE action = 'ADD') AS n
LEFT JOIN LATERAL (
    SELECT * FROM hotlists_entry AS e
    WHERE e.agency_id = %(agency)s AND e.plate_key = n.plate_key AND {_STANDS} AND {_SAME} OFFSET 0
) AS e ON true
WHERE e.id IS NULL OR {_CHANGED}
UNION ALL
SELECT e.id, NULL FROM hotlists_entry AS e WHERE {_STANDS} AND {_REMOVED};
ANALYZE hotlists_outcome;
"""  # noqa: S608  the same
_OUTCOMES: Final[Mapping[str, str]] = {ListMode.FULL: _OUTCOME, ListMode.DELTA: _OUTCOME_OF_FEW}
# Removals that found something, by either way of naming it.
_FOUND: Final = f"""
(SELECT count(DISTINCT n.line) FROM hotlists_named AS n
 JOIN hotlists_entry AS e ON e.source_record = n.removed WHERE n.removed <> '' AND {_STANDS})
+ (SELECT count(DISTINCT n.line) FROM hotlists_named AS n
   JOIN hotlists_entry AS e ON (e.plate, e.region) = (n.plate, n.region) WHERE n.removed = '' AND {_STANDS})
"""  # noqa: S608  the same

_COMPARE: Final = f"""
SELECT (SELECT count(*) FROM hotlists_received),
       (SELECT count(*) FROM hotlists_named WHERE action = 'ADD'),
       (SELECT count(*) FROM hotlists_named WHERE action = 'REMOVE'),
       (SELECT count(*) FROM hotlists_entry AS e WHERE {_STANDS}),
       (SELECT ARRAY[count(*) FILTER (WHERE id IS NULL), count(*) FILTER (WHERE line IS NULL),
                     count(*) FILTER (WHERE id IS NOT NULL AND line IS NOT NULL)] FROM hotlists_outcome),
       ARRAY(SELECT plate FROM hotlists_named JOIN hotlists_outcome AS o USING (line)
             WHERE o.id IS NULL ORDER BY line LIMIT %(shown)s),
       ARRAY(SELECT plate FROM hotlists_entry JOIN hotlists_outcome AS o USING (id)
             WHERE o.line IS NULL ORDER BY plate LIMIT %(shown)s),
       {{found}},
       (SELECT coalesce(json_object_agg(category, count), '{{{{}}}}')::text
        FROM (SELECT category, count(*) FROM hotlists_named WHERE action = 'ADD' GROUP BY category) AS c)
"""  # noqa: S608  put together from the constants above
_PAST: Final = f"""
INSERT INTO hotlists_entrypast (
    agency_id, entry_id, from_version, until_version, from_at, until_at, category, vehicle_description,
    purpose, reason, expires_at)
SELECT e.agency_id, e.id, coalesce(e.facts_version, e.since_version), %(number)s,
       coalesce(e.facts_at, e.requested_at), %(now)s, e.category, e.vehicle_description, e.purpose, e.reason,
       e.expires_at
FROM hotlists_outcome AS o JOIN hotlists_entry AS e USING (id) WHERE o.line IS NOT NULL AND {_STANDS}
"""  # noqa: S608  the same
_UPDATE: Final = f"""
UPDATE hotlists_entry AS e
SET vehicle_description = n.vehicle_description, purpose = n.purpose, reason = n.reason,
    expires_at = n.expires_at, category = n.category, source_record = n.source_record,
    facts_version = %(number)s, facts_at = %(now)s,
    requested_by_id = %(by)s, requested_as = %(title)s, profile_version = %(version)s
FROM hotlists_outcome AS o JOIN hotlists_named AS n USING (line) WHERE e.id = o.id AND {_STANDS}
"""  # noqa: S608  the same
_END: Final = f"""
UPDATE hotlists_entry AS e
SET state = 'REMOVED', ended_at = %(now)s, ended_version = %(number)s, ended_note = 'No longer on the list.'
FROM hotlists_outcome AS o WHERE e.id = o.id AND o.line IS NULL AND {_STANDS}
"""  # noqa: S608  the same
_INSERT: Final = """
INSERT INTO hotlists_entry (
    id, agency_id, hotlist_id, plate, plate_key, region, vehicle_description, origin, purpose, reason,
    case_number, narrative, state, requested_by_id, requested_as, requested_at, decided_as, decision_note,
    ended_note, expires_at, profile_version, category, source_record, since_version)
SELECT gen_random_uuid(), %(agency)s, %(hotlist)s, plate, plate_key, region, vehicle_description, %(origin)s,
       purpose, reason, case_number, '', 'ACTIVE', %(by)s, %(title)s, %(now)s, '', '', '', expires_at,
       %(version)s, category, source_record, %(number)s
FROM hotlists_named JOIN hotlists_outcome AS o USING (line) WHERE o.id IS NULL
"""


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
    """Receive part of a list, in its order. Raises ValidationError for an impossible plate.

    A removal that gives its source's number needs no plate.
    """
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in _rows(listed, name):
            copy.write_row(row)


def compare(
    hotlist: Hotlist | None, listed: Iterable[Listed], name: str, mode: str = ListMode.FULL
) -> Difference:
    """Receive a list and lay it beside what stands. Raises ValidationError for an impossible plate."""
    with connection.cursor() as cursor:
        cursor.execute(_DROP)
        cursor.execute(f"{_TABLE} ON COMMIT DROP")
    receive(listed, name)
    return compare_received(hotlist, mode)


def compare_received(hotlist: Hotlist | None, mode: str = ListMode.FULL) -> Difference:
    """Lay what was received beside what stands, for `put_in_place` in the same transaction.

    Of a whole list everything ends that it does not name; of additions and removals what is removed, by its
    source's number where a removal gives one, else by plate and state.
    """
    found_by = _FOUND if mode == ListMode.DELTA else "0"
    facts = {
        "hotlist": hotlist.pk if hotlist else None,
        "agency": hotlist.agency_id if hotlist else None,
        "shown": SHOWN,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PLANNING)
        cursor.execute(_NAMED)
        cursor.execute(_OUTCOMES[mode], facts)
        cursor.execute(_COMPARE.format(found=found_by), facts)
        received, named, removals, standing, counted, added_plates, ended_plates, found, by = (
            cursor.fetchone()
        )
        cursor.execute(_PLANNED)
    added, ended, changed = counted
    return Difference(
        named=named,
        repeated=received - named - removals,
        standing=standing,
        added=added,
        changed=changed,
        ended=ended,
        added_plates=tuple(added_plates),
        ended_plates=tuple(ended_plates),
        unfound=removals - found if mode == ListMode.DELTA else 0,
        categories=json.loads(by),
    )


def put_in_place(
    hotlist: Hotlist,
    *,
    number: int,
    origin: str,
    by: UUID,
    title: str,
    version: str,
    now: datetime,
) -> None:
    """Put version `number` of the list in place, as it was just laid beside it: end, change, add.

    What a changed entry said before is kept with the versions in which it said so.
    """
    facts: Mapping[str, Any] = {
        "hotlist": hotlist.pk,
        "agency": hotlist.agency_id,
        "number": number,
        "origin": origin,
        "by": by,
        "title": title,
        "version": version,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ROOMY)
        for statement in (_END, _PAST, _UPDATE, _INSERT):
            cursor.execute(statement, facts)
        cursor.execute(_PLANNED)


def _rows(listed: Iterable[Listed], name: str) -> Iterator[tuple[Any, ...]]:
    reason = f"On the list: {name}"
    for one in listed:
        is_number_only = one.action == LineAction.REMOVE and one.source_record and not one.plate
        plate, key = ("", "") if is_number_only else spelled(one.plate)
        yield (
            plate,
            key,
            one.region,
            one.vehicle_description,
            one.purpose,
            one.reason or reason,
            one.reference,
            one.expires_at,
            one.category,
            one.source_record,
            one.action.value,
        )


def spelled(text: str) -> tuple[str, str]:
    """A whole or partial plate and its key, as entries hold them. Raises ValidationError."""
    if "?" in text or "*" in text:
        try:
            pattern = PlatePattern.parse(text)
        except PatternError as error:
            raise ValidationError({"plate": str(error)}) from error
        plate, key = pattern.text, pattern.folded.text
    else:
        plate, key = normalize(text), plate_key(text)
    if problem := rules.plate_problem(plate):
        raise ValidationError({"plate": problem})
    return plate, key


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
