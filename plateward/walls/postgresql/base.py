"""The connection: before a statement the database is told the scope, whenever it is not the one told last."""

import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from plateward.walls import scope
from plateward.walls.postgresql import keeping

TELL = "SELECT set_config('plateward.agency', %s, false), set_config('plateward.hidden', %s, false)"


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL with the wall between agencies.

    A rollback also takes back what was told inside its transaction, so that after one it is told again.
    """

    _told: scope.Scope | None = None
    _opened_s = 0.0

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that knows the scope of now, or nothing yet and so sees nothing."""
        while kept := keeping.take():
            server, self._opened_s = kept
            try:
                server.execute(TELL, scope.told())
            except psycopg.Error:  # it ended meanwhile
                server.close()
            else:
                self._told = scope.told()
                return server
        self._told, self._opened_s = None, time.monotonic()
        return super().get_new_connection(conn_params)

    def close_if_unusable_or_obsolete(self) -> None:
        """End the connection with its request; after a fault for good, though it may still answer.

        A plan may be the fault, as one made before a migration changed a column's type.
        """
        if self.errors_occurred and not self.in_atomic_block:
            self.close()
        super().close_if_unusable_or_obsolete()

    def _close(self) -> None:
        is_sound = self.connection and not self.in_atomic_block and not self.errors_occurred
        if not (is_sound and keeping.put_aside(self.connection, self._opened_s)):
            super()._close()  # type: ignore[misc]  # the stubs leave it out

    def _cursor(self, name: str | None = None) -> Any:
        self.ensure_connection()
        self._tell()
        return super()._cursor(name)  # type: ignore[misc]  # the same

    def _rollback(self) -> None:
        self._told = None
        super()._rollback()  # type: ignore[misc]  # the same

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]  # the same
        self._told = None

    def _tell(self) -> None:
        wanted = scope.told()
        if wanted == self._told:
            return
        with self.wrap_database_errors:
            if self.connection.info.transaction_status is TransactionStatus.INERROR:
                return  # nothing but a rollback is answered now
            self.connection.execute(TELL, wanted)
        self._told = wanted
