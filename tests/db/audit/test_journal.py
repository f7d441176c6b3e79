"""The journal is written with its act or not at all, and only ever grows."""

from datetime import datetime

import pytest
from django.db import IntegrityError, InternalError, ProgrammingError, connection, transaction

from plateward.audit import actions
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.audit.who import Who

ORTIZ = Who("ortiz", "Olivia Ortiz", "patrol-officer", "Barstow Police Department", "10.0.0.7")


def write(now: datetime) -> AccessRecord:
    return actions.record_access(
        by=ORTIZ,
        agency="barstow-pd",
        elements={"plate": "7ABC123"},
        purpose="stolen-plate",
        reason="Stolen from Main St",
        reference="",
        result_count=0,
        subject="search.Search:1",
        profile_version="1",
        now=now,
    )


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_journaled(now: datetime) -> None:
    with pytest.raises(actions.NotInTransactionError):
        write(now)
    assert not AuditRecord.objects.exists()


@pytest.mark.django_db
def test_a_verb_outside_the_grammar_is_refused(now: datetime) -> None:
    with pytest.raises(ValueError, match=r"subject\.object\.verb"), transaction.atomic():
        actions.record(verb="searched", by=ORTIZ, agency="barstow-pd", subject="", now=now)


@pytest.mark.clause("CC-1798.90.52")
@pytest.mark.django_db
def test_an_access_record_holds_everything_the_statute_names(now: datetime) -> None:
    with transaction.atomic():
        write(now)
    access = AccessRecord.objects.get()
    assert access.accessed_at == now
    assert access.elements == {"plate": "7ABC123"}
    assert (access.username, access.name) == ("ortiz", "Olivia Ortiz")
    assert access.organization == "Barstow Police Department"
    assert access.purpose == "stolen-plate"


@pytest.mark.clause("CC-1798.90.52")
@pytest.mark.django_db
@pytest.mark.parametrize("missing", ["purpose", "username"])
def test_the_database_refuses_an_access_record_without_purpose_or_user(now: datetime, missing: str) -> None:
    access = AccessRecord(
        accessed_at=now, elements={}, result_count=0, audit_id=1, purpose="stolen-plate", username="ortiz"
    )
    setattr(access, missing, "")
    with pytest.raises(IntegrityError, match="access_names_its"), transaction.atomic():
        access.save()


@pytest.mark.django_db
def test_an_access_is_in_the_journal_too(now: datetime) -> None:
    with transaction.atomic():
        access = write(now)
    row = AuditRecord.objects.get(pk=access.audit_id)
    assert row.verb == "audit.access.recorded"
    assert row.detail["elements"] == {"plate": "7ABC123"}
    assert row.username == "ortiz"


@pytest.mark.django_db
@pytest.mark.usefixtures("as_owner")  # to the product it is not even given (tests/db/walls)
@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
@pytest.mark.parametrize("table", ["audit_auditrecord", "audit_accessrecord"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET username = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_database_refuses_to_change_or_remove_rows(now: datetime, table: str, statement: str) -> None:
    with transaction.atomic():
        write(now)
    with (
        pytest.raises((ProgrammingError, InternalError), match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))
    assert AccessRecord.objects.get().username == "ortiz"
