"""An insider: somebody who owns the tables and switches their triggers off."""

from collections.abc import Callable

import pytest
from django.db import connection

from tests.ownership import the_owner

TABLES = ("auditrecord", "accessrecord", "unsealed", "leaf", "treenode", "treehead", "cosignature")


@pytest.fixture
def unguarded() -> Callable[..., None]:
    """Runs one statement with the journal's and the ledger's triggers off."""

    def run(statement: str, *parameters: object) -> None:
        with the_owner(), connection.cursor() as cursor:
            for state in ("DISABLE", "ENABLE"):
                if state == "ENABLE":
                    cursor.execute(statement, parameters)
                for table in TABLES:
                    cursor.execute(f"ALTER TABLE audit_{table} {state} TRIGGER USER")

    return run


@pytest.fixture
def tree_forgotten(unguarded: Callable[..., None]) -> Callable[[], None]:
    """Throws the whole tree away, heads and cosignatures too, as somebody would who builds another one."""

    def forget() -> None:
        for table in ("leaf", "treenode", "treehead", "cosignature"):
            unguarded(f"DELETE FROM audit_{table}")  # noqa: S608  the names above

    return forget
