"""Statements that the database plans once a connection and not once a search.

Reads lie in up to a hundred partitions. Planning over all of them takes longer than looking up the few reads
of a plate, and a look-up by key is planned the same way for every plate and time: which partitions it needs
not look at is settled when it runs.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import BooleanField, Expression, F, Func, Value
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format

GENERIC = "force_generic_plan"
"""`plan_cache_mode` of the searches: else each statement would be planned five times before it is kept."""


class _Json(Loader):
    """Leaves JSON to Django's field, which expects it as text; a version comes before it."""

    format = Format.BINARY

    def load(self, data: Buffer) -> bytes:
        return bytes(data)[1:]


class _Cursor(ServerBindingCursor):
    """Takes results in binary form, which costs a fraction of reading times and ids from text."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.format = Format.BINARY
        self.adapters.register_loader("jsonb", _Json)  # type: ignore[attr-defined]  # psycopg's cursor has it


@contextmanager
def prepared() -> Iterator[None]:
    """Prepare the statements inside, and run those prepared before on this connection as they were planned.

    For statements whose text does not grow with what is asked, and whose plan does not depend on it.
    """
    connection.ensure_connection()
    server = connection.connection
    before = server.cursor_factory, server.prepare_threshold
    server.cursor_factory, server.prepare_threshold = _Cursor, 0
    try:
        yield
    finally:
        server.cursor_factory, server.prepare_threshold = before


class _AnyOf(Func):
    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def any_of(column: str, values: Iterable[object]) -> Expression:
    """The column holds one of the values; the same statement for however many, which `__in` is not."""
    return _AnyOf(F(column), Value(list(values)))
