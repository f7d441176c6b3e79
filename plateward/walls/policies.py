"""Row-level security for every table that belongs to agencies, found in the catalogue and not in a list.

A table belongs to agencies when it has a column `agency` or `agency_id`, or when a row of it must point at
one that does (an alert's confirmation, a person's session): then who sees what it points at sees the row.

Of reads, and of what tells of them, a policy also leaves out what is deleted logically (`HIDES`). How that
is written keeps the planner from taking it for a narrow stretch of time, which would spoil its estimates.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from psycopg import sql

POLICY: Final = "plateward_agency"

# Selected, so that it is worked out once for a statement and not for each row.
_AGENCY: Final = sql.SQL("(SELECT current_setting('plateward.agency', true))")

# Each limit is asked of the setting once for a statement. Where no limit is set nothing is hidden.
_LIMIT: Final = (
    "(SELECT (nullif(current_setting('plateward.hidden', true), '')::jsonb #>> '{{{path}}}')::timestamptz)"
)
_OF_DEVICES: Final = (
    "(SELECT nullif(current_setting('plateward.hidden', true), '')::jsonb #> '{{{path},devices}}')"
)


def _hidden(what: str, device: str) -> str:
    """Whether a row is hidden: before every device's limit, or before its own device's."""
    until, all_before = _LIMIT.format(path=f"{what},until"), _LIMIT.format(path=f"{what},from")
    own = f"({_OF_DEVICES.format(path=what)} ->> {device}::text)::timestamptz"
    return (
        f"captured_at < {until} AND (captured_at < {all_before} OR captured_at < coalesce({own}, 'infinity'))"
    )


_READ_OF_PICTURE: Final = """(SELECT read.device_id FROM reads_read AS read
WHERE read.captured_at = reads_picture.captured_at AND read.id = reads_picture.read_id)"""
HIDES: Final = {
    "reads_read": _hidden("reads", "device_id"),
    "reads_readcheck": _hidden("reads", "device_id"),
    "reads_awaitedpicture": _hidden("pictures", "device_id"),
    "reads_picture": _hidden("pictures", _READ_OF_PICTURE),
    "reads_plate": f"last_seen_at < {_LIMIT.format(path='reads,from')}",
}
"""The tables of which rows are deleted logically, and the condition that is true of those."""

_TABLES: Final = """
SELECT c.relname,
       (SELECT attname FROM pg_attribute
        WHERE attrelid = c.oid AND attname IN ('agency', 'agency_id') AND NOT attisdropped),
       c.relrowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid AND polname = %s)
FROM pg_class AS c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
ORDER BY c.relname
"""
_MUST_POINT: Final = """
SELECT child.relname, a.attname, parent.relname, b.attname
FROM pg_constraint AS k
JOIN pg_class AS child ON child.oid = k.conrelid
JOIN pg_class AS parent ON parent.oid = k.confrelid
JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] AND a.attnotnull
JOIN pg_attribute AS b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1]
WHERE k.contype = 'f' AND cardinality(k.conkey) = 1 AND k.conrelid <> k.confrelid
  AND child.relnamespace = current_schema()::regnamespace AND NOT child.relispartition
ORDER BY child.relname, a.attname
"""


class Cursor(Protocol):
    """A database cursor, Django's or psycopg's."""

    def execute(self, query: Any, params: Any = None, /) -> Any: ...
    def fetchall(self) -> list[Any]: ...


@dataclass(frozen=True, slots=True)
class Pointer:
    """A column that always points at a row of another table."""

    column: str
    parent: str
    key: str


@dataclass(frozen=True, slots=True)
class Walled:
    """A table of agencies' rows: by its own column, or by what its rows point at."""

    table: str
    column: str | None
    pointers: tuple[Pointer, ...]
    is_done: bool


def walled_tables(cursor: Cursor) -> list[Walled]:
    """Every table whose rows belong to agencies, those pointed at before those that point."""
    cursor.execute(_TABLES, [POLICY])
    tables = cursor.fetchall()
    pointers = _pointers(cursor)
    found = {name: Walled(name, column, (), done) for name, column, done in tables if column}
    grown = True
    while grown:
        grown = False
        for name, _, done in tables:
            at_agencies = tuple(one for one in pointers.get(name, ()) if one.parent in found)
            if name not in found and at_agencies:
                found[name], grown = Walled(name, None, at_agencies, done), True
    return list(found.values())


def apply(cursor: Cursor) -> None:
    """Give every walled table its policy unless it has it."""
    for walled in walled_tables(cursor):
        if not walled.is_done:
            for statement in _statements(walled):
                cursor.execute(statement)


def _pointers(cursor: Cursor) -> dict[str, list[Pointer]]:
    cursor.execute(_MUST_POINT)
    found: dict[str, list[Pointer]] = {}
    for child, column, parent, key in cursor.fetchall():
        found.setdefault(child, []).append(Pointer(column, parent, key))
    return found


def _statements(walled: Walled) -> Iterable[sql.Composable]:
    table, policy = sql.Identifier(walled.table), sql.Identifier(POLICY)
    seen, written = _by_column(walled.column) if walled.column else _by_pointers(walled)
    if hidden := HIDES.get(walled.table):
        seen = sql.SQL("({}) AND ({}) IS NOT TRUE").format(seen, sql.SQL(hidden))
    yield sql.SQL("DROP POLICY IF EXISTS {} ON {}").format(policy, table)
    yield sql.SQL("CREATE POLICY {} ON {} USING ({}) WITH CHECK ({})").format(policy, table, seen, written)
    yield sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(table)


def _by_column(column: str) -> tuple[sql.Composable, sql.Composable]:
    """The agency's own rows; of the journal also the installation's, which carry no agency's name."""
    own = sql.SQL("{} = {agency} OR {agency} = '*'").format(sql.Identifier(column), agency=_AGENCY)
    if column != "agency":
        return own, own
    shared = sql.SQL("{} OR ({} = '' AND {} <> '')").format(own, sql.Identifier(column), _AGENCY)
    return shared, own


def _by_pointers(walled: Walled) -> tuple[sql.Composable, sql.Composable]:
    seen = [
        sql.SQL("EXISTS (SELECT FROM {} AS parent WHERE parent.{} = {})").format(
            sql.Identifier(one.parent), sql.Identifier(one.key), sql.Identifier(walled.table, one.column)
        )
        for one in walled.pointers
    ]
    condition = sql.SQL("{} = '*' OR ({})").format(_AGENCY, sql.SQL(" AND ").join(seen))
    return condition, condition
