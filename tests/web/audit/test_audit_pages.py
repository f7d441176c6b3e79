"""The journal and the access records in the browser."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AuditRecord
from plateward.plates.pattern import PlatePattern
from plateward.search.actions import run_search
from plateward.search.rules import SearchQuery
from tests.pages import text
from tests.personas import Town

Login = Callable[[str], Client]
JOURNAL, ACCESSES = reverse("audit:journal"), reverse("audit:accesses")


def search(town: Town, username: str, plate: str, now: datetime) -> None:
    query = SearchQuery(
        pattern=PlatePattern.parse(plate),
        from_at=now - timedelta(days=1),
        until_at=now,
        purpose="stolen-plate",
        reason="Plate stolen from Main Street",
        reference="26-77",
    )
    run_search(by=town.actor(username, now), query=query, now=now)


@pytest.mark.clause("B-466.6(a)", "B-466.6(c)", "H-426.5(a)", "H-426.5(c)")
def test_captain_finds_in_one_step_who_looked_at_a_plate(barstow: Town, now: datetime, login: Login) -> None:
    search(barstow, "ortiz", "7AB*", now)
    search(barstow, "diaz", "6XYZ789", now)
    response = login("cole").get(ACCESSES, {"plate": "7abc123"})
    shown = text(response)
    assert response.status_code == 200
    assert "Olivia Ortiz" in shown
    assert "Dolores Diaz" not in shown
    assert "Plate stolen from Main Street" in shown
    assert "26-77" in shown
    assert AuditRecord.objects.latest("pk").verb == "audit.accesses.viewed"


def test_captain_narrows_the_accesses_to_a_purpose_of_the_policy(
    barstow: Town, now: datetime, login: Login
) -> None:
    search(barstow, "ortiz", "7AB*", now)
    cole = login("cole")
    assert "Olivia Ortiz" in text(cole.get(ACCESSES, {"purpose": "stolen-plate"}))
    assert "Olivia Ortiz" not in text(cole.get(ACCESSES, {"purpose": "crime-analysis"}))
    assert cole.get(ACCESSES, {"purpose": "curiosity"}).status_code == 422


def test_journal_says_in_sentences_who_did_what(barstow: Town, now: datetime, login: Login) -> None:
    search(barstow, "ortiz", "7AB*", now)
    client = login("cole")
    shown = text(client.get(JOURNAL))
    assert '<strong>Olivia Ortiz</strong> <span class="pw-muted">(Patrol Officer)</span>' in shown
    assert '<span class="pw-person__title">Captain</span>' in shown
    assert "looked at reads of 7AB* for stolen-plate, found: 0" in shown
    assert "registered the device Main St at 1st Ave" in shown
    assert "rows of the journal" not in shown
    assert "rows of the journal" in text(client.get(JOURNAL)), "the first look is itself in the journal"
    only = text(client.get(JOURNAL, {"area": "devices"}))
    assert "registered the device" in only
    assert "looked at reads" not in only


@pytest.mark.parametrize("address", [JOURNAL, ACCESSES])
@pytest.mark.parametrize("username", ["ortiz", "dunn", "vendor"])
@pytest.mark.usefixtures("barstow")
def test_those_who_do_not_audit_are_refused_with_the_clause(
    login: Login, address: str, username: str
) -> None:
    response = login(username).get(address)
    assert response.status_code == 403
    assert response.context["decision"].clause
    assert AuditRecord.objects.latest("pk").verb == "governance.access.refused"


def test_another_agencys_accesses_are_not_shown(
    barstow: Town, huntington_park: Town, now: datetime, login: Login
) -> None:
    search(barstow, "ortiz", "7ABC123", now)
    auditor = next(
        name for name in huntington_park.users if huntington_park.actor(name, now).may("audit.view")
    )
    for address in (JOURNAL, ACCESSES):
        assert "Olivia Ortiz" not in text(login(auditor).get(address))


@pytest.mark.parametrize(
    ("address", "asked", "status", "told"),
    [
        (ACCESSES, {"plate": "7AB*"}, 422, "Write the whole plate"),
        (ACCESSES, {"plate": "--"}, 422, "Write the whole plate"),
        (JOURNAL, {"from_date": "2026-02-02", "until_date": "2026-02-01"}, 422, "Choose a later one"),
        (JOURNAL, {"from_date": "soon"}, 422, "Enter a valid date"),
        (JOURNAL, {"before": "x"}, 400, ""),
    ],
)
@pytest.mark.usefixtures("barstow")
def test_a_filter_that_cannot_be_is_told(
    login: Login, address: str, asked: dict[str, str], status: int, told: str
) -> None:
    response = login("cole").get(address, asked)
    assert response.status_code == status
    assert told in text(response)


def test_older_rows_follow_under_the_same_filter(
    barstow: Town, now: datetime, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plateward.audit import queries  # noqa: PLC0415  changed for this story alone

    monkeypatch.setattr(queries, "PAGE_SIZE", 1)
    for username in ("ortiz", "diaz"):
        search(barstow, username, "7ABC123", now)
    client = login("cole")
    first = client.get(ACCESSES, {"plate": "7ABC123"})
    assert "Dolores Diaz" in text(first)
    older = client.get(ACCESSES + first.context["older"])
    assert "Olivia Ortiz" in text(older)
    assert not older.context["older"]
