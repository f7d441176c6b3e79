"""A journal that cannot be written, and the local journal that takes its place."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from plateward.audit import local
from plateward.walls.rights import APPLICATION
from tests.ownership import the_owner

DISC_FULL = """
CREATE FUNCTION disc_is_full() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full', MESSAGE = 'no space left'; END $$;
CREATE TRIGGER disc_is_full BEFORE INSERT ON audit_auditrecord FOR EACH ROW EXECUTE FUNCTION disc_is_full()
"""
ROOM_AGAIN = "DROP TRIGGER disc_is_full ON audit_auditrecord; DROP FUNCTION disc_is_full()"
FAULTS = {
    "no right": (
        f"REVOKE INSERT ON audit_auditrecord FROM {APPLICATION}",
        f"GRANT INSERT ON audit_auditrecord TO {APPLICATION}",
    ),
    "disc full": (DISC_FULL, ROOM_AGAIN),
}


@contextmanager
def journal_refuses(fault: str = "no right") -> Iterator[None]:
    """Have the database refuse journal rows in the block."""
    broken, mended = FAULTS[fault]
    _as_owner(broken)
    try:
        yield
    finally:
        _as_owner(mended)


def _as_owner(statements: str) -> None:
    with the_owner(), connection.cursor() as cursor:
        cursor.execute(statements)


def forget() -> None:
    """Remove the local journal, as if this were a new machine."""
    while local._writers:
        local._writers.pop().close()
    shutil.rmtree(local.folder(), ignore_errors=True)
