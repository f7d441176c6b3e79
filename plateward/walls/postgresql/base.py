"""The connection: before a statement the database is told the scope, whenever it is not the one told last."""

from typing import Any

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from plateward.walls import scope

TELL = "SELECT set_config('plateward.agency', %s, false)"


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL with the wall between agencies.

    A rollback also takes back what was told inside its transaction, so that after one it is told again.
    """

    _told: str | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that was told nothing yet, and so sees nothing."""
        self._told = None
        return super().get_new_connection(conn_params)

    def _cursor(self, name: str | None = None) -> Any:
        self.ensure_connection()
        self._tell()
        return super()._cursor(name)  # type: ignore[misc]  # the stubs leave it out

    def _rollback(self) -> None:
        self._told = None
        super()._rollback()  # type: ignore[misc]  # the same

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]  # the same
        self._told = None

    def _tell(self) -> None:
        wanted = scope.current()
        if wanted == self._told:
            return
        with self.wrap_database_errors:
            if self.connection.info.transaction_status is TransactionStatus.INERROR:
                return  # nothing but a rollback is answered now
            self.connection.execute(TELL, [wanted])
        self._told = wanted
