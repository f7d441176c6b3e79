"""Emptying the test database after a test with real transactions."""

import time
from collections.abc import Iterable
from typing import Any

from django.db import OperationalError
from django.db.backends.postgresql.operations import DatabaseOperations
from psycopg.errors import DeadlockDetected

from plateward.walls.rights import APPLICATION

TRIES = 10


def let_the_journal_be_emptied(operations: type[DatabaseOperations]) -> None:
    """Switch the journal's triggers, which rightly refuse it, off for the emptying alone.

    Locking every table at once can meet a running system's transaction in another order; PostgreSQL then
    ends one of the two, and if it was this one, it is tried again.
    """
    plain_flush = operations.sql_flush
    plain_execution = operations.execute_sql_flush

    def sql_flush(self: DatabaseOperations, style: Any, tables: list[str], **options: Any) -> list[str]:
        journal = [self.quote_name(table) for table in tables if table.startswith("audit_")]
        opened = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in journal]
        closed = [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in journal]
        owned = [*opened, *plain_flush(self, style, tables, **options), *closed]
        return ["RESET ROLE", *owned, f"SET ROLE {APPLICATION}"]

    def execute_sql_flush(self: DatabaseOperations, sql_list: Iterable[str]) -> None:
        statements = list(sql_list)
        for _ in range(TRIES):
            try:
                return plain_execution(self, statements)
            except OperationalError as error:
                if not isinstance(error.__cause__, DeadlockDetected):
                    raise
                time.sleep(0.1)
        return plain_execution(self, statements)

    # The class's, since a thread with a browser's loop has a connection of its own.
    operations.sql_flush = sql_flush  # type: ignore[method-assign]  # as said above
    operations.execute_sql_flush = execute_sql_flush  # type: ignore[method-assign]  # the same
