"""Spreading the reads over servers: refused clearly without Citus; with it, in the order foreign keys ask."""

from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection

from plateward.config import cluster
from plateward.config.cli import main
from tests.ownership import the_owner


class Coordinator:
    """A Citus coordinator as far as its catalogue goes; PostgreSQL itself answers the rest."""

    def __init__(self, *, installed: bool, workers: int, done: tuple[str, ...] = ()) -> None:
        self.installed, self.workers, self.done = installed, workers, done
        self.ran: list[str] = []
        self.answer: list[tuple[Any, ...]] = []

    def execute(self, statement: str, values: Any = None) -> None:
        told: dict[str, list[tuple[Any, ...]]] = {
            cluster._INSTALLED: [("12.1",)] if self.installed else [],
            cluster._AVAILABLE: [(1,)],
            cluster._WORKERS: [(self.workers,)],
            cluster._DONE: [(name,) for name in self.done],
        }
        if statement in told:
            self.answer = told[statement]
        elif "create_" in statement:
            self.ran.append(statement)
        else:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                self.answer = cursor.fetchall()

    def fetchone(self) -> tuple[Any, ...] | None:
        return self.answer[0] if self.answer else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.answer


ORDER = [
    "SELECT create_reference_table('accounts_agency')",
    "SELECT create_reference_table('devices_device')",
    "SELECT create_distributed_table('reads_read', 'plate_key')",
    "SELECT create_distributed_table('reads_plate', 'plate_key', colocate_with => 'reads_read')",
]


@pytest.mark.django_db
def test_without_citus_nothing_is_changed_and_the_person_is_told_what_to_do() -> None:
    with connection.cursor() as cursor, pytest.raises(cluster.NoClusterError, match=r"has no Citus.*howto"):
        list(cluster.distribute(cursor))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("coordinator", "told"),
    [
        (Coordinator(installed=False, workers=0), "CREATE EXTENSION citus"),
        (Coordinator(installed=True, workers=0), "citus_add_node"),
    ],
)
def test_a_cluster_that_is_not_ready_is_refused_before_anything_runs(
    coordinator: Coordinator, told: str
) -> None:
    with pytest.raises(cluster.NoClusterError, match=told):
        list(cluster.distribute(coordinator))
    assert coordinator.ran == []


@pytest.mark.django_db
def test_what_reads_point_at_comes_first_and_what_is_done_is_left_alone() -> None:
    fresh = Coordinator(installed=True, workers=2)
    assert list(cluster.distribute(fresh)) == fresh.ran == ORDER
    begun = Coordinator(installed=True, workers=2, done=("accounts_agency", "devices_device", "reads_read"))
    assert list(cluster.distribute(begun)) == ORDER[-1:]


@pytest.mark.django_db
def test_a_unique_constraint_without_the_plate_key_is_refused_first() -> None:
    with the_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE reads_plate ADD CONSTRAINT mine UNIQUE (agency_id, plate)")
    coordinator = Coordinator(installed=True, workers=2)
    with pytest.raises(cluster.NoClusterError, match="mine of reads_plate lacks plate_key"):
        list(cluster.distribute(coordinator))
    assert coordinator.ran == []


@pytest.mark.django_db
def test_unique_constraints_hold_key_and_time_and_foreign_keys_go_to_registers_only() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT contype, array(SELECT attname::text FROM pg_attribute
                                  WHERE attrelid = conrelid AND attnum = ANY(conkey)),
                   confrelid::regclass::text
            FROM pg_constraint WHERE conrelid = 'reads_read'::regclass AND contype IN ('p', 'u', 'f')
            """
        )
        found = cursor.fetchall()
    unique = [set(columns) for kind, columns, _ in found if kind in "pu"]
    assert unique
    assert all({"plate_key", "captured_at"} <= columns for columns in unique)
    assert {target for kind, _, target in found if kind == "f"} <= set(cluster.REFERENCE)


def test_the_statements_can_be_printed_without_a_database() -> None:
    shown = CliRunner().invoke(main, ["db", "distribute", "--sql"])
    assert shown.output.splitlines() == ORDER
