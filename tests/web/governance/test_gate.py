"""The gate in front of every view."""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client
from django.urls import include, path, reverse

from plateward.accounts.models import Agency, User
from plateward.accounts.rules import AccountState
from plateward.audit.models import AuditRecord
from plateward.governance.http import ActorRequest
from plateward.governance.queries import adoption_in_force
from plateward.policy import Decision, Refused
from plateward.ui.access import access
from tests.personas import Town, open_session

Login = Callable[[str], Client]


def undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{request.path} is never shown")


@access(capability="audit.view")
async def guarded(request: ActorRequest) -> HttpResponse:
    await asyncio.sleep(0)
    return HttpResponse(f"shown to {request.actor.name}")


@access(login=True, why="It refuses by itself.")
async def refusing(request: ActorRequest) -> HttpResponse:
    await asyncio.sleep(0)
    reason = f"{request.actor.name} has confirmed nothing yet."
    raise Refused(Decision(False, "B-466.9(d)", reason, "Record the confirmation."))


urlpatterns = [
    path("undeclared", undeclared),
    path("guarded", guarded),
    path("refusing", refusing),
    path("", include("plateward.config.urls")),
]


def refusals() -> list[AuditRecord]:
    return list(AuditRecord.objects.filter(verb="governance.access.refused"))


@pytest.mark.urls(__name__)
@pytest.mark.usefixtures("barstow")
def test_view_without_a_declared_rule_is_never_reached(login: Login) -> None:
    with pytest.raises(ImproperlyConfigured, match="declares no access rule"):
        login("cole").get("/undeclared")


@pytest.mark.clause("B-466.2¶2", "H-426.6¶2", "B-466.6", "H-426.5", "B-466.6(a)", "H-426.5(a)")
@pytest.mark.django_db
def test_nobody_gets_in_without_logging_in(client: Client) -> None:
    answer = client.get(reverse("hotlists:list") + "?tab=active")
    assert answer.status_code == HTTPStatus.FOUND
    assert answer["Location"] == "/login/?next=/hotlists/%3Ftab%3Dactive"


@pytest.mark.django_db
def test_form_sent_without_a_session_leads_to_the_login_and_not_to_an_address_that_shows_nothing(
    client: Client,
) -> None:
    assert client.post(reverse("hotlists:request"))["Location"] == reverse("accounts:login")


@pytest.mark.django_db
def test_fragment_asked_without_a_session_sends_the_whole_page_to_the_login(client: Client) -> None:
    answer = client.get(reverse("hotlists:list"), headers={"HX-Request": "true"})
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert answer["HX-Redirect"] == reverse("accounts:login")


@pytest.mark.clause("B-466.10(limited)")
@pytest.mark.usefixtures("barstow")
def test_missing_capability_shows_clause_reason_and_remedy_and_is_journaled(login: Login) -> None:
    answer = login("dunn").get(reverse("search:new"))

    assert answer.status_code == HTTPStatus.FORBIDDEN
    page = answer.content.decode()
    assert "B-466.10(limited)" in page
    assert "Dispatcher: this title may not search reads." in page
    assert "Ask somebody who may" in page
    (row,) = refusals()
    assert (row.username, row.agency) == ("dunn", "barstow-pd")
    assert row.detail["attempted"] == "GET /search/"
    assert row.detail["clause"] == "B-466.10(limited)"


@pytest.mark.usefixtures("barstow")
def test_refused_fragment_carries_the_refusal_for_the_page_to_show(login: Login) -> None:
    answer = login("dunn").get(reverse("search:new"), headers={"HX-Request": "true"})
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert b"data-refusal" in answer.content


@pytest.mark.clause("B-466.4(d)")
@pytest.mark.usefixtures("barstow")
def test_barstow_officer_without_training_is_refused_and_told_what_to_do(login: Login) -> None:
    client = login("ruiz")
    for name in ("hotlists:list", "search:new", "governance:policy", "console:dispatch"):
        answer = client.get(reverse(name))
        assert answer.status_code == HTTPStatus.FORBIDDEN
        page = answer.content.decode()
        assert "B-466.4(d)" in page
        assert "Complete the training and ask the Administrative Training Corporal" in page
    assert {row.detail["clause"] for row in refusals()} == {"B-466.4(d)"}


@pytest.mark.clause("H-426.3(d)")
def test_huntington_park_officer_without_training_is_refused_by_its_own_clause(
    huntington_park: Town, login: Login
) -> None:
    huntington_park.users["hart"].certifications.all().delete()
    answer = login("hart").get(reverse("hotlists:list"))
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "H-426.3(d)" in answer.content.decode()
    assert "Training Manager" in answer.content.decode()


@pytest.mark.urls(__name__)
@pytest.mark.usefixtures("barstow")
def test_gate_guards_asynchronous_views_too() -> None:
    async def visit(username: str, address: str) -> HttpResponse:
        client = AsyncClient()
        opened = await sync_to_async(open_session)(Client(), username)
        client.cookies = opened.cookies
        return await client.get(address)  # type: ignore[return-value]  # it is one

    shown = async_to_sync(visit)("cole", "/guarded")
    assert shown.content == b"shown to Carl Cole"
    refused = async_to_sync(visit)("ortiz", "/guarded")
    assert refused.status_code == HTTPStatus.FORBIDDEN
    inside = async_to_sync(visit)("cole", "/refusing")
    assert inside.status_code == HTTPStatus.FORBIDDEN
    assert "Record the confirmation." in inside.content.decode()
    assert [row.username for row in refusals()] == ["cole", "ortiz"]


@pytest.mark.usefixtures("barstow")
def test_refusal_that_cannot_be_journaled_shows_nothing(
    login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the journal is down")

    monkeypatch.setattr(AuditRecord, "save", fail)
    with pytest.raises(RuntimeError, match="journal is down"):
        login("dunn").get(reverse("search:new"))


@pytest.mark.django_db
def test_agency_without_a_policy_in_force_gets_nothing(now: datetime) -> None:
    nowhere = Agency.objects.create(id="nowhere-pd", name="Nowhere PD", short_name="Nowhere")
    nora = User.objects.create(
        username="nora",
        full_name="Nora",
        agency=nowhere,
        title="captain",
        state=AccountState.ACTIVE,
        state_since_at=now,
        admitted_at=now,
        created_at=now,
    )
    answer = open_session(Client(), nora.username).get(reverse("hotlists:list"))
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "plateward adopt" in answer.content.decode()


@pytest.mark.parametrize("damaged", [b"\nwishes: many\n", b"\n# one byte more\n"])
def test_adopted_policy_that_no_longer_loads_or_was_changed_closes_the_system_and_says_what_to_do(
    barstow: Town, login: Login, damaged: bytes
) -> None:
    adoption = adoption_in_force(barstow.agency.pk)
    adoption.profile = bytes(adoption.profile) + damaged
    if b"wishes" in damaged:  # adopted so, by an older version that knew the key
        adoption.profile_sha256 = hashlib.sha256(adoption.profile).hexdigest()
    adoption.save()

    answer = login("cole").get(reverse("hotlists:list"))

    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    page = answer.content.decode()
    assert "Version 2026.2 of the policy in force for barstow-pd" in page
    assert "plateward adopt" in page
    assert "plateward doctor" in page


@pytest.mark.usefixtures("barstow")
def test_pages_behind_the_login_are_never_stored_by_the_browser(login: Login) -> None:
    for name in ("hotlists:list", "home", "accounts:me"):
        assert "no-store" in login("ortiz").get(reverse(name))["Cache-Control"]


@pytest.mark.usefixtures("barstow")
def test_menu_offers_only_what_the_person_may_open(login: Login) -> None:
    menu = login("imani").get(reverse("accounts:me")).content.decode()
    assert reverse("devices:list") in menu
    assert reverse("search:new") not in menu
