"""What nobody but the database's owner can do, for tests that play one who broke in."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from plateward.walls.rights import APPLICATION


@contextmanager
def the_owner() -> Iterator[None]:
    """Have the owner's rights in the block, in the same connection and transaction."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    try:
        yield
    finally:
        if not connection.needs_rollback:  # the rollback brings the role back that was set before
            with connection.cursor() as cursor:
                cursor.execute(f"SET ROLE {APPLICATION}")
