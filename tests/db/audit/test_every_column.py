"""No column of the journal or of its ledger can be changed without verification naming it."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import models, transaction

from plateward.audit import actions, sealing, sealing_actions
from plateward.audit.models import AccessRecord, AuditRecord, Leaf, TreeHead, TreeNode
from plateward.audit.verification import verify
from plateward.audit.who import Who

pytestmark = pytest.mark.django_db

Unguarded = Callable[..., None]
ORTIZ = Who("ortiz", "Olivia Ortiz", "patrol-officer", "Barstow Police Department", "10.0.0.7")
CHANGES: dict[type[Any], str] = {
    models.CharField: "{0} || 'x'",
    models.TextField: "{0} || 'x'",
    models.JSONField: "'{{\"x\": 1}}'",
    models.DateTimeField: "{0} + interval '1 microsecond'",
    models.BooleanField: "NOT {0}",
    models.IntegerField: "{0} + 7",
    models.BinaryField: "{0} || 'x'::bytea",
}
"""Another value of a column, in SQL."""
NOT_SIGNED = {("audit_treehead", "sealed_at"), ("audit_treenode", "id")}
"""A checkpoint carries no time; a witness's cosignature does. A node's number is read by nothing."""


def change_of(field: Any) -> str:
    kind = next(kind for kind in CHANGES if isinstance(field, kind))
    return CHANGES[kind].format(f'"{field.column}"')


def columns(*tables: type[models.Model]) -> list[object]:
    return list(_columns(tables))


def _columns(tables: Iterable[type[models.Model]]) -> Iterator[object]:
    for model in tables:
        for field in model._meta.concrete_fields:
            place = (model._meta.db_table, field.column)
            if place not in NOT_SIGNED:
                yield pytest.param(*place, change_of(field), id=".".join(place))


def look(now: datetime, plate: str) -> int:
    with transaction.atomic():
        return actions.record_access(
            by=ORTIZ,
            agency="barstow-pd",
            elements={"plate": plate},
            purpose="stolen-plate",
            reason="Taken on Main Street",
            reference="26-1",
            result_count=2,
            flags=["short"],
            subject="search.Search:1",
            profile_version="1",
            now=now,
        ).audit_id


@pytest.fixture
def row(now: datetime) -> int:
    """The number of a sealed access among more rows than the tree keeps leaves alone for."""
    filler = (
        AuditRecord(recorded_at=now, verb="a.b.c", agency="", username="x", name="X", subject="", detail={})
        for _ in range(260)
    )
    AuditRecord.objects.bulk_create(filler)
    made = look(now, "7ABC123")
    look(now, "7ABC124")
    sealing_actions.seal(now=now)
    return made


def defects() -> list[str]:
    keys = [sealing.signing_key().verifier]
    return [defect for check in verify(keys=keys, trusted={}) for defect in check.defects]


@pytest.mark.parametrize(("table", "column", "change"), columns(AuditRecord, AccessRecord))
def test_a_change_in_any_column_of_a_row_is_named(
    row: int, unguarded: Unguarded, table: str, column: str, change: str
) -> None:
    assert defects() == []
    whose = "audit_id" if table == "audit_accessrecord" else "id"
    unguarded(f'UPDATE {table} SET "{column}" = {change} WHERE {whose} = %s', row)  # noqa: S608  the names above
    assert any(defect.startswith(f"row {row}: ") for defect in defects())


@pytest.mark.parametrize(("table", "column", "change"), columns(Leaf, TreeNode, TreeHead))
def test_a_change_in_any_column_of_the_ledger_is_named(
    row: int, unguarded: Unguarded, table: str, column: str, change: str
) -> None:
    where = f"audit_id = {row}" if table == "audit_leaf" else "TRUE"
    unguarded(f'UPDATE {table} SET "{column}" = {change} WHERE {where}')  # noqa: S608  the names above
    assert defects() != []


def test_an_access_of_before_its_organization_was_sealed_stays_valid(
    now: datetime, unguarded: Unguarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "VERSION", 1)
    monkeypatch.setattr(sealing.header_of, "__defaults__", (1,))
    old = look(now, "7ABC123")
    unguarded("UPDATE audit_auditrecord SET detail = detail - 'organization' WHERE id = %s", old)
    unguarded("UPDATE audit_accessrecord SET id = 1 WHERE audit_id = %s", old)
    sealing_actions.seal(now=now)
    monkeypatch.undo()
    assert b'"v":1' in bytes(Leaf.objects.get(audit_id=old).data)
    new = look(now, "7ABC124")
    sealing_actions.seal(now=now)
    assert b'"organization":"Barstow Police Department"' in bytes(Leaf.objects.get(audit_id=new).data)
    assert defects() == []
