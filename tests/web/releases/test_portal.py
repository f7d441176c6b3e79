"""Partners submit and follow their own requests, and reach nothing else (CC 1798.90.55(b))."""

import re
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from plateward.accounts.models import User
from plateward.accounts.rules import AccountState
from plateward.audit.models import AuditRecord
from plateward.policy import PartnerClass
from plateward.releases import request_actions
from plateward.releases.models import ReleaseRequest
from plateward.releases.rules import Override
from tests.pages import text
from tests.personas import Town
from tests.releasing import kept_portal_request, partner, portal_person, request_on_file
from tests.teaching import PDF

Login = Callable[[str], Client]
CLOSED = (
    *("console:dispatch", "search:new", "hotlists:list", "audit:journal", "accounts:people", "devices:list"),
    *("releases:requests", "releases:partners", "control:emergencies", "oversight:mine", "api:tokens"),
    *("notices:for-you", "training:mine", "organization:positions", "governance:policy"),
)


def test_somebody_of_a_partner_is_invited_and_reaches_the_portal_only(
    barstow: Town, now: datetime, login: Login
) -> None:
    of = partner(barstow, now)
    invited = {"full_name": "Pat Prosecutor", "username": "pat.prosecutor"}
    page = text(login("cole").post(reverse("releases:partner-invite", args=[of.pk]), invited))
    password = re.search(r'id="one-time">([^<]+)<', page)
    made = User.objects.get(username="pat.prosecutor")
    assert password
    assert made.check_password(password[1])
    assert made.organization == of.name
    assert made.enroll_until_at == made.one_time_until_at

    person = portal_person(barstow, now, of)
    client = login(person.username)
    assert client.get("/").url == reverse("releases:portal")
    assert client.get(reverse("releases:portal")).status_code == HTTPStatus.OK
    assert "opens the portal" in text(client.get(reverse("accounts:me")))
    for name in CLOSED:
        answer = client.get(reverse(name))
        assert answer.status_code == HTTPStatus.FORBIDDEN, name
    assert "Civil Code § 1798.90.55(b)" in text(client.get(reverse("search:new")))


@pytest.mark.clause("B-466.7(a)", "B-466.7(a)(1)", "B-466.7(a)(2)", "B-466.7(a)(3)")
def test_a_request_through_the_portal_names_the_account_and_is_decided_by_the_agency(
    barstow: Town, now: datetime, login: Login
) -> None:
    of = partner(barstow, now)
    client = login(portal_person(barstow, now, of).username)
    asked = {
        "purpose": "suspect-interdiction",
        "intended": "Robbery, case 26-0142",
        "plates": "8ABC123",
        "from_at": "2026-01-02T08:00",
        "until_at": "2026-01-03T08:00",
        "form": SimpleUploadedFile("letter.pdf", PDF),
        "agency_name": "Somebody else",
    }
    assert "required" in text(client.post(reverse("releases:portal-new"), asked)).lower()
    assert not ReleaseRequest.objects.exists()
    asked |= {"is_acknowledged": "on", "form": SimpleUploadedFile("letter.pdf", PDF)}
    client.post(reverse("releases:portal-new"), asked)
    made = ReleaseRequest.objects.get()
    assert (made.agency_name, made.person) == (of.name, "Pat Prosecutor")
    row = AuditRecord.objects.get(verb="releases.request.recorded")
    assert row.username == made.asked_by.username
    page = text(login("cole").get(reverse("releases:request", args=[made.pk])))
    assert "through the partner’s portal" in page
    client.post(reverse("releases:portal-withdraw", args=[made.pk]), {"reason": "Solved."})
    made.refresh_from_db()
    assert made.state == "WITHDRAWN"


@pytest.mark.clause("B-466.7(b)")
def test_an_approval_that_never_came_into_force_is_not_shown_to_the_partner(
    barstow: Town, now: datetime, login: Login
) -> None:
    federal = partner(barstow, now, "Federal Bureau", kind=PartnerClass.FEDERAL, state="")
    made = request_on_file(barstow, now, federal)
    person = portal_person(barstow, now, federal)
    ReleaseRequest.objects.filter(pk=made.pk).update(asked_by=person, recorded_by=None)
    approve = {"reason": "By warrant.", "override": Override("Warrant 26-SW-11", "City attorney, Nov 20")}
    lane = barstow.actor("lane", now)
    request_actions.approve_request(request=made, destroy_by=None, by=lane, now=now, **approve)
    client = login(person.username)
    page = reverse("releases:portal-request", args=[made.pk])
    assert "By warrant." not in text(client.get(page))
    request_actions.withdraw_request(request=made, reason="Solved.", by=barstow.actor("soto", now), now=now)
    shown = text(client.get(page))
    assert "Solved." in shown
    assert "By warrant." not in shown


def test_a_partner_sees_no_other_partners_requests_and_members_no_portal(
    barstow: Town, now: datetime, login: Login
) -> None:
    theirs = kept_portal_request(barstow, now)
    other = portal_person(barstow, now, partner(barstow, now, "City Police"))
    client = login(other.username)
    for name in ("releases:portal-request", "releases:portal-withdraw"):
        assert client.get(reverse(name, args=[theirs.pk])).status_code == HTTPStatus.NOT_FOUND
    assert theirs.number not in text(client.get(reverse("releases:portal")))
    assert client.get(reverse("releases:request", args=[theirs.pk])).status_code == HTTPStatus.FORBIDDEN
    assert login("cole").get(reverse("releases:portal")).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.clause("B-466.7", "B-466.10-accounts")
@pytest.mark.parametrize("state", [AccountState.SUSPENDED, AccountState.DEACTIVATED])
def test_an_account_of_a_partner_is_opened_again_for_a_reason_while_its_partner_may_receive(
    barstow: Town, now: datetime, login: Login, state: AccountState
) -> None:
    of = partner(barstow, now)
    person = portal_person(barstow, now, of)
    address = reverse("releases:partner-account-reopen", args=[person.partner_account.pk])
    client = login("cole")
    assert client.post(address, {"reason": "Back."}).status_code == HTTPStatus.FORBIDDEN  # it is active
    User.objects.filter(pk=person.pk).update(state=state)
    assert "open again" in text(client.get(reverse("releases:partner", args=[of.pk])))
    assert login("soto").post(address, {"reason": "Back."}).status_code == HTTPStatus.FORBIDDEN
    assert client.post(address, {"reason": ""}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    password = re.search(r'id="one-time">([^<]+)<', text(client.post(address, {"reason": "Back on duty."})))
    person.refresh_from_db()
    assert password
    assert person.check_password(password[1])
    assert person.state == AccountState.ACTIVE
    assert AuditRecord.objects.get(verb="accounts.partner.reopened").detail["reason"] == "Back on duty."

    User.objects.filter(pk=person.pk).update(state=state)
    client.post(reverse("releases:partner-end", args=[of.pk]), {"reason": "Dissolved."})
    assert client.post(address, {"reason": "Back."}).status_code == HTTPStatus.FORBIDDEN


def test_a_partner_off_the_register_invites_nobody_and_has_no_title(
    barstow: Town, now: datetime, login: Login
) -> None:
    of = partner(barstow, now)
    person = portal_person(barstow, now, of)
    client = login("cole")
    client.post(reverse("releases:partner-end", args=[of.pk]), {"reason": "Dissolved."})
    invited = {"full_name": "Quin Prosecutor", "username": "quin.p"}
    answer = client.post(reverse("releases:partner-invite", args=[of.pk]), invited)
    assert answer.status_code == HTTPStatus.FORBIDDEN
    account = reverse("accounts:account", args=[person.pk])
    assert "Change title" not in text(client.get(account))
    retitle = reverse("accounts:act", args=[person.pk, "title"])
    assert client.post(retitle, {"title": "detective"}).status_code == HTTPStatus.NOT_FOUND
    assert person.full_name not in text(client.get(reverse("accounts:people")))
