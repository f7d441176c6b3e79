"""What the database shows and refuses to the product's own role, whatever the product's code asks of it."""

from datetime import datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, ProgrammingError, connection, transaction

from plateward.alerts.models import Alert
from plateward.audit import actions as audit
from plateward.audit.local import JournalUnwritableError
from plateward.audit.who import Who
from plateward.hotlists.models import Entry
from plateward.reads.models import Plate, Read, SearchedPlate, SearchedRead
from plateward.walls import policies, rights, scope
from tests.alarms import alerted
from tests.ownership import the_owner
from tests.personas import Town

JOURNAL = ("audit_auditrecord", "audit_accessrecord", "audit_leaf", "audit_treenode", "audit_treehead")
REFUSED = r"permission denied|must be owner"
SYSTEM = Who.system("a test")


def rows(statement: str, *values: object) -> list[Any]:
    """What a statement without any thought of agencies gives."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def count(table: str) -> int:
    return int(rows(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608  a table's name


@pytest.fixture
def both(barstow: Town, huntington_park: Town, now: datetime) -> tuple[Town, Town]:
    """Both towns with an alert each."""
    alerted(barstow, now)
    alerted(huntington_park, now)
    return barstow, huntington_park


@pytest.mark.parametrize(
    "table",
    [
        "reads_read",
        "reads_searched",
        "reads_plate",
        "reads_searched_plates",
        "alerts_alert",
        "alerts_hit",
        "hotlists_entry",
        "accounts_user",
        "reads_inboxitem",
    ],
)
def test_a_query_without_an_agency_shows_no_other_agencys_rows(both: tuple[Town, Town], table: str) -> None:
    barstow, huntington_park = both
    agency = "agency_id"
    with scope.as_system("to count what there is"):
        everybody = dict(rows(f"SELECT {agency}, count(*) FROM {table} GROUP BY 1"))  # noqa: S608  a table's name
    assert everybody[huntington_park.agency.pk]
    with scope.as_agency(barstow.agency.pk):
        assert dict(rows(f"SELECT {agency}, count(*) FROM {table} GROUP BY 1")) == {  # noqa: S608  the same
            barstow.agency.pk: everybody[barstow.agency.pk]
        }
    with scope.as_nobody():
        assert count(table) == 0


def test_a_forgotten_filter_in_the_products_own_language_leaks_nothing(both: tuple[Town, Town]) -> None:
    barstow, _ = both
    with scope.as_agency(barstow.agency.pk):
        for model in (Read, SearchedRead, Plate, SearchedPlate, Alert, Entry):
            assert {row.agency_id for row in model.objects.all()} == {barstow.agency.pk}  # type: ignore[attr-defined]  # models without a common type


def test_the_journal_of_another_agency_is_out_of_sight_and_the_installations_is_not(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    with transaction.atomic():
        for agency in (barstow.agency.pk, huntington_park.agency.pk, ""):
            audit.record(verb="live.test.done", by=SYSTEM, agency=agency, subject="x", now=now)
    with scope.as_agency(barstow.agency.pk):
        found = rows("SELECT DISTINCT agency FROM audit_auditrecord WHERE verb = 'live.test.done' ORDER BY 1")
    assert found == [("",), (barstow.agency.pk,)]


def test_what_belongs_to_a_row_is_seen_with_it(both: tuple[Town, Town], now: datetime) -> None:
    barstow, huntington_park = both
    held = "SELECT DISTINCT agency_id FROM accounts_user JOIN accounts_certification USING (agency_id)"
    with scope.as_agency(huntington_park.agency.pk):
        assert rows(held) == [(huntington_park.agency.pk,)]
    (failed,) = rows("SELECT id FROM accounts_user WHERE agency_id = %s LIMIT 1", huntington_park.agency.pk)
    rows("INSERT INTO accounts_failedlogin (user_id, failed_at) VALUES (%s, %s) RETURNING id", failed[0], now)
    with scope.as_agency(barstow.agency.pk):
        assert count("accounts_failedlogin") == 0
    with scope.as_agency(huntington_park.agency.pk):
        assert count("accounts_failedlogin") == 1


@pytest.mark.django_db
def test_a_row_for_another_agency_is_refused(barstow: Town, huntington_park: Town, now: datetime) -> None:
    with (
        scope.as_agency(barstow.agency.pk),
        pytest.raises(JournalUnwritableError) as refused,
        transaction.atomic(),
    ):
        audit.record(verb="live.test.done", by=SYSTEM, agency=huntington_park.agency.pk, subject="x", now=now)
    assert "row-level security" in str(refused.value.__cause__)


def test_no_row_can_be_handed_to_another_agency(both: tuple[Town, Town]) -> None:
    barstow, huntington_park = both
    with scope.as_agency(barstow.agency.pk):
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Entry.objects.update(agency_id=huntington_park.agency.pk)
        assert Entry.objects.filter(agency_id=huntington_park.agency.pk).update(case_number="x") == 0


@pytest.mark.django_db
def test_every_table_of_agencies_has_its_policy() -> None:
    with_column = rows(
        """
        SELECT DISTINCT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND a.attname IN ('agency', 'agency_id') AND NOT a.attisdropped
        """
    )
    behind = rows(
        """
        SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid
        WHERE c.relrowsecurity AND p.polname = %s
        """,
        policies.POLICY,
    )
    assert with_column
    assert set(with_column) - set(behind) == set()
    ours = {model._meta.db_table for model in apps.get_models() if model.__module__.startswith("plateward.")}
    assert {table for (table,) in behind} >= {"alerts_confirmation", "accounts_loginsession"}
    # Without a wall are the register of agencies, the views that have their own, what a machine keeps for all
    # agencies at once, wrong codes, of which nobody knows whose they are, and the tree of hashes.
    open_to_all = {table for table in ours - {table for (table,) in behind} if not table.startswith("audit_")}
    views = {"reads_searched", "reads_searched_plates"}
    assert open_to_all == {"accounts_agency", "hotlists_indexkeeper", "units_wrongtry", *views}


def test_a_partition_shows_nothing_by_itself(both: tuple[Town, Town]) -> None:
    assert both
    parts = rows("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'reads_read'::regclass")
    assert parts
    for (part,) in parts:
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            count(part)


@pytest.mark.django_db
@pytest.mark.parametrize("table", JOURNAL)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET {} = {}",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "ALTER TABLE {} DISABLE TRIGGER USER",
        "DROP TABLE {}",
        "ALTER TABLE {} DISABLE ROW LEVEL SECURITY",
    ],
)
def test_the_product_may_not_change_what_only_grows(table: str, statement: str) -> None:
    column = rows("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 1", table)[0][
        0
    ]
    filled = statement.replace("{}", table, 1).replace("{}", f'"{column}"')
    with pytest.raises(ProgrammingError, match=REFUSED), transaction.atomic():
        rows(filled)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER FUNCTION plateward_refuse_journal_change() RENAME TO gone",
        "SET session_replication_role = replica",
        "DROP POLICY plateward_agency ON audit_auditrecord",
        "ALTER POLICY plateward_agency ON reads_read USING (true)",
        "UPDATE django_migrations SET app = ''",
    ],
)
def test_the_product_changes_no_structure(statement: str) -> None:
    with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
        rows(statement)


@pytest.mark.usefixtures("barstow")
def test_a_row_waits_for_its_seal_until_it_has_it() -> None:
    with pytest.raises(DatabaseError, match="sealed"), transaction.atomic():
        rows("DELETE FROM audit_unsealed RETURNING audit_id")


def seen_and_failed(agency: str) -> None:
    with transaction.atomic(), scope.as_agency(agency):
        assert count("accounts_user")
        raise ZeroDivisionError


def failed_after_a_change_of_scope(agency: str) -> None:
    with transaction.atomic():
        with scope.as_agency(agency):
            count("accounts_user")
        rows("SELECT 1 / 0")


def test_after_a_rollback_the_scope_is_told_again(barstow: Town, huntington_park: Town) -> None:
    with scope.as_agency(barstow.agency.pk):
        with pytest.raises(ZeroDivisionError):
            seen_and_failed(huntington_park.agency.pk)
        assert rows("SELECT DISTINCT agency_id FROM accounts_user") == [(barstow.agency.pk,)]


def test_a_failed_statement_leaves_the_scope_as_it_should_be(barstow: Town, huntington_park: Town) -> None:
    with scope.as_agency(barstow.agency.pk):
        with pytest.raises(DatabaseError):
            failed_after_a_change_of_scope(huntington_park.agency.pk)
        assert rows("SELECT DISTINCT agency_id FROM accounts_user") == [(barstow.agency.pk,)]


def test_to_see_everything_one_says_why() -> None:
    with pytest.raises(ValueError, match="Say why"), scope.as_system(" "):
        pass


@pytest.mark.django_db
def test_the_product_stands_behind_the_wall_and_its_owner_does_not() -> None:
    with connection.cursor() as cursor:
        assert rights.standing(cursor).is_held
    with the_owner(), connection.cursor() as cursor:
        assert not rights.standing(cursor).is_held


@pytest.mark.django_db
def test_a_table_that_nobody_thought_of_gets_its_policy_and_rights_by_the_next_migration(
    barstow: Town,
) -> None:
    with the_owner(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE later (agency_id varchar(60))")
        cursor.execute("INSERT INTO later VALUES ('huntington-park-pd'), ('barstow-pd')")
        policies.apply(cursor)
        rights.apply(cursor, rights.Roles("plateward", rights.APPLICATION, rights.INGEST))
    with scope.as_agency(barstow.agency.pk):
        assert rows("SELECT agency_id FROM later") == [("barstow-pd",)]
