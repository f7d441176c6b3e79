"""Emptying the test database after a test with real transactions.

Django would truncate every table, which in PostgreSQL makes a thousand files anew, and then put everything
that follows migrations in place again, the walls included: two seconds for each test. Here only rows go.
"""

import time
from collections.abc import Iterable
from typing import Any

from django.core.management.commands import flush
from django.db import IntegrityError, OperationalError
from django.db.backends.postgresql.operations import DatabaseOperations
from psycopg.errors import DeadlockDetected, ForeignKeyViolation

from plateward.walls.rights import APPLICATION

TRIES = 10
KEPT = {"django_content_type", "auth_permission"}
"""Filled by migrating and by nothing else."""


def empty_by_rows() -> None:
    """Have Django empty the test database by deleting the rows there are, with the tables' own triggers off.

    The journal's and others rightly refuse it. A running system's transaction can meet the emptying in
    another order, or add a row that points to one that goes; PostgreSQL then ends one of the two, and if it
    was this one, it is tried again.
    """
    # The classes' own, since a thread with a browser's loop has a connection of its own.
    DatabaseOperations.sql_flush = _sql_flush  # type: ignore[method-assign]  # as said above
    DatabaseOperations.execute_sql_flush = _execute_sql_flush  # type: ignore[method-assign]  # the same
    flush.emit_post_migrate_signal = _nothing_was_migrated  # type: ignore[assignment]  # tables are as they were


_POINTING_AT_ONCE = """
SELECT c.relname FROM pg_class AS c JOIN pg_constraint AS f ON f.conrelid = c.oid
WHERE f.contype = 'f' AND NOT f.condeferrable
"""
"""Tables whose foreign keys are not put off to the transaction's end: their rows go first."""

_plain_execution = DatabaseOperations.execute_sql_flush


def _sql_flush(self: DatabaseOperations, _style: Any, tables: list[str], **_options: Any) -> list[str]:
    with self.connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        asked = " UNION ALL ".join(
            f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {self.quote_name(table)})"  # noqa: S608  our own tables
            for table in tables
            if table not in KEPT
        )
        cursor.execute(asked)
        filled = [self.quote_name(table) for (table,) in cursor.fetchall()]
        cursor.execute(_POINTING_AT_ONCE)
        at_once = {self.quote_name(table) for (table,) in cursor.fetchall()}
    filled.sort(key=lambda table: table not in at_once)
    return [
        *[f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in filled],
        *[f"DELETE FROM {table}" for table in filled],  # noqa: S608  the same
        "SET CONSTRAINTS ALL IMMEDIATE",
        *[f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in filled],
        f"SET ROLE {APPLICATION}",
    ]


def _execute_sql_flush(self: DatabaseOperations, sql_list: Iterable[str]) -> None:
    statements = list(sql_list)
    for _ in range(TRIES):
        try:
            return _plain_execution(self, statements)
        except (OperationalError, IntegrityError) as error:
            if not isinstance(error.__cause__, (DeadlockDetected, ForeignKeyViolation)):
                raise
            time.sleep(0.1)
    return _plain_execution(self, statements)


def _nothing_was_migrated(*_: object) -> None:
    """Stand in for the signal that would put in place again what truncating takes away."""
