"""Towns built once for each test process: later tests get the very rows again, moved to their own instant.

Building one through the product's actions takes a thousand statements; putting its rows back takes twenty.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from plateward.accounts.models import Agency, User
from plateward.devices.models import Device
from tests.personas import Town

_TABLES = """
SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind = 'r' AND has_table_privilege(c.oid, 'SELECT, INSERT')
ORDER BY c.oid
"""
_COLUMNS = """
SELECT column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position
"""


@dataclass(frozen=True)
class _Rows:
    """What building a town put into one table, and the statement that puts it back."""

    insert: str
    moved: int
    """How many of its columns are instants."""
    rows: str


@dataclass(frozen=True)
class _Built:
    tables: Sequence[_Rows]
    users: Sequence[str]
    camera_key: str
    at: datetime


_built: dict[str, _Built] = {}


def town(slug: str, build: Callable[[datetime], Town], now: datetime) -> Town:
    """The town as built at `now`: built the first time, put back afterwards."""
    if slug not in _built:
        made, tables = _watched(build, now)
        _built[slug] = _Built(tables, list(made.users), made.camera_key, now)
        return made
    kept = _built[slug]
    with transaction.atomic(), connection.cursor() as cursor:
        for table in kept.tables:
            values: list[Any] = [*[now - kept.at] * table.moved, table.rows]
            cursor.execute(table.insert, values)
    users = {user.username: user for user in User.objects.filter(username__in=kept.users)}
    return Town(
        agency=Agency.objects.get(pk=slug),
        users={username: users[username] for username in kept.users},
        camera=Device.objects.get(agency_id=slug),
        camera_key=kept.camera_key,
    )


def _watched(build: Callable[[datetime], Town], now: datetime) -> tuple[Town, list[_Rows]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TABLES)
        names = [name for (name,) in cursor.fetchall()]
        before = {}
        for name in names:
            cursor.execute(f'SELECT ctid::text FROM "{name}"')  # noqa: S608  a table's own name
            before[name] = [place for (place,) in cursor.fetchall()]
        made = build(now)
        return made, [rows for name in names if (rows := _added(name, before[name]))]


def _added(name: str, before: Sequence[str]) -> _Rows | None:
    """The rows of a table that were not there before."""
    with connection.cursor() as cursor:
        added = f'SELECT json_agg(t)::text FROM "{name}" AS t WHERE NOT ctid = ANY(%s::tid[])'  # noqa: S608  the same
        cursor.execute(added, [list(before)])
        (rows,) = cursor.fetchone()
        if rows is None:
            return None
        cursor.execute(_COLUMNS, [name])
        columns = cursor.fetchall()
    names = ", ".join(f'"{column}"' for column, _ in columns)
    values = ", ".join(
        f'"{column}" + %s' if kind == "timestamp with time zone" else f'"{column}"'
        for column, kind in columns
    )
    insert = (
        f'INSERT INTO "{name}" ({names}) OVERRIDING SYSTEM VALUE '  # noqa: S608  the same
        f'SELECT {values} FROM json_populate_recordset(NULL::"{name}", %s::json) '
        "ON CONFLICT DO NOTHING"  # what a trigger put there before us
    )
    moved = sum(kind == "timestamp with time zone" for _, kind in columns)
    return _Rows(insert, moved, json.dumps(json.loads(rows)))
