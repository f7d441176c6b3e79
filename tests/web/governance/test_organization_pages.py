"""The organization's pages: who may appoint, delegate and authorize does it here, and the others see why not."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import pytest
from django.test import Client

from plateward.audit.models import AuditRecord
from plateward.governance.models import DataAuthorization, Delegation, PositionHolding, Unit
from plateward.governance.organization import actions
from tests.organized import organized
from tests.days import day_of
from tests.personas import Town

Login = Callable[[str], Client]
ADC = "administrative-division-commander"


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


@pytest.mark.clause("B-466.3¶2", "B-466.3.1(e)")
def test_chief_appoints_from_the_page_and_is_refused_for_herself(
    barstow: Town, now: datetime, login: Login
) -> None:
    chen = login("chen")
    page = text(chen, "/organization/")
    assert "Vacant" in page
    assert "Administrative Division Commander</strong>" in page, "the designee is told by title alone"
    address = "/organization/positions/custodian-of-records/appoint"
    given = {"user": barstow.users["soto"].pk, "authority": "Personnel order 26-14"}
    assert chen.post(address, given).status_code == HTTPStatus.FOUND
    assert PositionHolding.objects.get(position="custodian-of-records").user == barstow.users["soto"]
    assert "Personnel order 26-14" in text(chen, "/organization/")

    own = chen.post(address, given | {"user": barstow.users["chen"].pk})
    assert own.status_code == HTTPStatus.FORBIDDEN
    assert "Nobody appoints themselves" in own.content.decode()
    assert AuditRecord.objects.latest("id").verb == "governance.access.refused"


@pytest.mark.clause("B-466.3¶2")
def test_others_see_the_positions_and_why_they_do_not_appoint(barstow: Town, login: Login) -> None:
    soto = login("soto")
    assert "Only the Chief of Police appoints" in text(soto, "/organization/")
    refused = soto.get("/organization/positions/watch-commander/appoint")
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert login("vendor").get("/organization/").status_code == HTTPStatus.FORBIDDEN


@pytest.mark.clause("H-426.2.1(e)")
def test_huntington_park_publishes_the_designees_name_too(huntington_park: Town, login: Login) -> None:
    assert "Administration Division Commander, Helen Hayes" in text(login("hart"), "/organization/")


def test_a_day_past_comes_back_with_the_form(barstow: Town, now: datetime, login: Login) -> None:
    given = {
        "user": barstow.users["soto"].pk,
        "authority": "Order",
        "from_date": (day_of(now) - timedelta(days=3)).isoformat(),
    }
    answer = login("chen").post("/organization/positions/watch-commander/appoint", given)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "This day is past" in answer.content.decode()


def test_vacancy_says_what_stops(barstow: Town, now: datetime, login: Login) -> None:
    chen = login("chen")
    cruz = PositionHolding.objects.get(user=barstow.users["cruz"])
    answer = chen.post(f"/organization/holdings/{cruz.pk}/relieve", {"note": "Promoted."})
    assert answer.status_code == HTTPStatus.FOUND
    page = text(chen, "/organization/")
    assert "Nobody can certify training." in page
    assert "Promoted." in page


@pytest.mark.clause("B-466.3¶2", "H-426.2¶2")
def test_commander_delegates_the_member_works_and_the_journal_says_for_whom(
    barstow: Town, now: datetime, login: Login
) -> None:
    cole = login("cole")
    address = f"/organization/delegations/new/{ADC}"
    offered = text(cole, address)
    assert "Install, change and retire devices" in offered
    assert "Create and change accounts" not in offered, "reserved"
    given = {
        "user": barstow.users["soto"].pk,
        "capabilities": ["devices.manage"],
        "until_date": (day_of(now) + timedelta(days=30)).isoformat(),
    }
    assert cole.post(address, given).status_code == HTTPStatus.FOUND
    soto = login("soto")
    camera = barstow.camera
    assert soto.post(f"/devices/{camera.pk}/enabled", {"enabled": "no"}).status_code == HTTPStatus.FOUND
    row = AuditRecord.objects.get(verb="devices.device.disabled")
    assert row.username == "soto"
    capacity = "for the Administrative Division Commander, by delegation of Carl Cole"
    assert row.detail["capacity"] == capacity
    assert capacity in text(cole, "/audit/journal/")
    assert soto.get(address).status_code == HTTPStatus.FORBIDDEN, "a delegate delegates nothing"
    delegation = Delegation.objects.get()
    assert soto.get(f"/organization/delegations/{delegation.pk}/revoke").status_code == HTTPStatus.FORBIDDEN
    revoked = cole.post(f"/organization/delegations/{delegation.pk}/revoke", {"note": "Back on patrol."})
    assert revoked.status_code == HTTPStatus.FOUND
    assert soto.post(f"/devices/{camera.pk}/enabled", {"enabled": "yes"}).status_code == HTTPStatus.FORBIDDEN
    assert "Back on patrol." in text(soto, "/organization/delegations/")


@pytest.mark.clause("B-466.4(e)")
def test_commander_authorizes_state_data_and_revokes_it(barstow: Town, now: datetime, login: Login) -> None:
    cole = login("cole")
    given = {
        "user": barstow.users["soto"].pk,
        "origin": "state",
        "authority": "CLETS certificate 4471",
        "until_date": (day_of(now) + timedelta(days=30)).isoformat(),
    }
    assert cole.post("/organization/data/new", given).status_code == HTTPStatus.FOUND
    assert "CLETS certificate 4471" in text(login("soto"), "/organization/data/")
    granted = DataAuthorization.objects.get()
    assert login("soto").get("/organization/data/new").status_code == HTTPStatus.FORBIDDEN
    address = f"/organization/data/{granted.pk}/revoke"
    assert cole.post(address, {"note": "Lapsed."}).status_code == HTTPStatus.FOUND
    granted.refresh_from_db()
    assert granted.revoked_by == "Carl Cole"


@pytest.mark.clause("B-466.10(limited)", "B-466.10(limited)(a)")
def test_a_persons_page_says_what_they_may_do_and_on_which_ground(
    barstow: Town, now: datetime, login: Login
) -> None:
    made = organized(barstow, now)
    actions.place_in_unit(
        user=barstow.users["lane"],
        unit=made.unit,
        is_supervisor=True,
        by=barstow.actor("cole", now),
        now=now,
    )
    page = text(login("chen"), f"/organization/people/{barstow.users['soto'].pk}/")
    assert "for the Administrative Division Commander, by delegation of Carl Cole" in page
    assert "Authorized for state data." in page
    assert "Authorization for federal data needed." in page
    dispatcher = text(login("chen"), f"/organization/people/{barstow.users['dunn'].pk}/")
    assert "Limited access" in dispatcher
    assert "They do not search." in dispatcher, "what limited means is the agency's visible decision"
    commander = text(login("chen"), f"/organization/people/{barstow.users['cole'].pk}/")
    assert "Manages accounts and searches with the same account (CJIS AC-6(2)); the policy is silent" in commander


@pytest.mark.clause("B-466.3.1(a)")
def test_units_and_contracts_are_kept_by_who_manages_accounts(barstow: Town, now: datetime, login: Login) -> None:
    cole = login("cole")
    assert cole.post("/organization/units/new", {"name": "Patrol"}).status_code == HTTPStatus.FOUND
    unit = Unit.objects.get()
    given = {"user": barstow.users["soto"].pk, "is_supervisor": "on"}
    assert cole.post(f"/organization/units/{unit.pk}/place", given).status_code == HTTPStatus.FOUND
    page = text(login("ortiz"), "/organization/units/")
    assert "Sam Soto" in page
    assert "In no unit" in page
    assert login("ortiz").get("/organization/units/new").status_code == HTTPStatus.FORBIDDEN
    vendor = barstow.users["vendor"].pk
    assert "No contract on record" in text(cole, f"/organization/people/{vendor}/")
    contract = {
        "company": "Reader Works Inc.",
        "reference": "2026-17",
        "from_date": day_of(now).isoformat(),
        "until_date": (day_of(now) + timedelta(days=90)).isoformat(),
    }
    assert cole.post(f"/organization/people/{vendor}/contract", contract).status_code == HTTPStatus.FOUND
    assert "Reader Works Inc., 2026-17" in text(cole, f"/organization/people/{vendor}/")
