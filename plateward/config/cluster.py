"""Spreading the reads over several servers with Citus: the statements, their order, what must hold before.

Reads and the directory of plates are distributed by `plate_key`, so that a plate's reads lie together on one
server; the small registers they point at are copied to each. Citus is a server of its own and never a part of
Plateward; see docs/howto/spread-over-servers.md for what was tried with it and what was not.
"""

from collections.abc import Iterator
from typing import Any, Final

REFERENCE: Final = ("accounts_agency", "devices_device")
"""What distributed tables point at; Citus wants it on every server first."""
DISTRIBUTED: Final = (("reads_read", None), ("reads_plate", "reads_read"))
"""Tables spread by plate_key, each with the one whose shards it lies beside."""

_INSTALLED: Final = "SELECT extversion FROM pg_extension WHERE extname = 'citus'"
_AVAILABLE: Final = "SELECT count(*) FROM pg_available_extensions WHERE name = 'citus'"
_DONE: Final = "SELECT table_name::text FROM citus_tables"
_WORKERS: Final = "SELECT count(*) FROM citus_get_active_worker_nodes()"
# A unique constraint that lacks the column of distribution is refused by Citus halfway through.
_UNFIT: Final = """
    SELECT conrelid::regclass::text, conname FROM pg_constraint
    WHERE contype IN ('p', 'u') AND conrelid = ANY(%s::regclass[])
      AND NOT conkey @> ARRAY[(
          SELECT attnum FROM pg_attribute WHERE attrelid = conrelid AND attname = 'plate_key'
      )]
"""


class NoClusterError(Exception):
    """The reads cannot be distributed here; the message says what to do."""


def statements(done: frozenset[str] = frozenset()) -> Iterator[str]:
    """What distributes the tables that are not yet, in the order that foreign keys ask for."""
    for table in REFERENCE:
        if table not in done:
            yield f"SELECT create_reference_table('{table}')"
    for table, beside in DISTRIBUTED:
        if table not in done:
            colocated = f", colocate_with => '{beside}'" if beside else ""
            yield f"SELECT create_distributed_table('{table}', 'plate_key'{colocated})"


def distribute(cursor: Any) -> Iterator[str]:
    """Distribute what is not yet, yielding each statement when done. Raises NoClusterError before any."""
    _check_extension(cursor)
    _check_constraints(cursor)
    cursor.execute(_DONE)
    for statement in statements(frozenset(name for (name,) in cursor.fetchall())):
        cursor.execute(statement)
        yield statement


def _check_extension(cursor: Any) -> None:
    cursor.execute(_INSTALLED)
    if cursor.fetchone() is None:
        cursor.execute(_AVAILABLE)
        if cursor.fetchone() == (0,):
            raise NoClusterError(
                "This PostgreSQL has no Citus, so the reads stay on one server; nothing was changed. Where "
                "one is not enough, install Citus on servers of your own and let DATABASE_OWNER_URL name its "
                "coordinator: docs/howto/spread-over-servers.md."
            )
        raise NoClusterError(
            "Citus is installed on this server but not in this database; nothing was changed. Have the "
            "database administrator add citus to shared_preload_libraries, restart, and run CREATE EXTENSION "
            "citus in this database; then ask again."
        )
    cursor.execute(_WORKERS)
    if cursor.fetchone() == (0,):
        raise NoClusterError(
            "The Citus coordinator knows no worker; nothing was changed. Have the database administrator add "
            "them with citus_set_coordinator_host and citus_add_node; then ask again."
        )


def _check_constraints(cursor: Any) -> None:
    cursor.execute(_UNFIT, [[table for table, _ in DISTRIBUTED]])
    unfit = [f"{constraint} of {table}" for table, constraint in cursor.fetchall()]
    if unfit:
        raise NoClusterError(
            f"{', '.join(unfit)} lacks plate_key, without which no constraint can hold over several servers; "
            "nothing was changed. It is not Plateward's: have the database administrator drop it."
        )
