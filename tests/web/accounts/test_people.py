"""One's own access, the roster, and certifying training."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from plateward.accounts.models import Certification
from plateward.audit.models import AuditRecord
from tests.days import day_of
from tests.personas import CONTENT, Town

Login = Callable[[str], Client]


def certify_url(town: Town, username: str) -> str:
    return reverse("accounts:certify", args=[town.users[username].pk])


def form(completed_date: str, **changes: str) -> dict[str, Any]:
    asked = {"course": "alpr-basic", "completed_date": completed_date, "expires_date": ""}
    return {**asked, "instructor": "Celia Cruz", "topics": CONTENT} | changes


@pytest.mark.clause("B-466.4(d)")
@pytest.mark.usefixtures("barstow")
def test_officer_without_training_sees_what_is_missing_and_what_to_do(login: Login) -> None:
    page = login("ruiz").get(reverse("accounts:me")).content.decode()
    assert "You cannot use the system yet" in page
    assert "ask the Administrative Training Corporal" in page


@pytest.mark.usefixtures("barstow")
def test_my_access_names_positions_and_the_clause_of_each_capability(login: Login) -> None:
    page = login("lane").get(reverse("accounts:me")).content.decode()
    assert "Operations Division Commander, Watch Commander" in page
    assert "Approve or refuse requested hotlist entries" in page
    assert "B-466.11" in page


@pytest.mark.clause("B-466.3.1(a)")
@pytest.mark.usefixtures("barstow")
def test_roster_lists_everybody_by_title_with_their_training(login: Login) -> None:
    page = login("ortiz").get(reverse("accounts:people")).content.decode()
    assert "Rey Ruiz" in page
    assert "has not been completed" in page
    assert "Detective Sergeant" in page
    assert "Certify training" not in page


@pytest.mark.clause("H-426.2.1(a)")
@pytest.mark.usefixtures("barstow", "huntington_park")
def test_roster_shows_only_ones_own_agency(login: Login) -> None:
    page = login("hayes").get(reverse("accounts:people")).content.decode()
    assert "Hana Hart" in page
    assert "Olivia Ortiz" not in page


@pytest.mark.clause("B-466.8-record")
def test_training_corporal_certifies_and_the_officer_gets_in(
    barstow: Town, login: Login, now: datetime
) -> None:
    ruiz = login("ruiz")
    assert ruiz.get(reverse("hotlists:list")).status_code == HTTPStatus.FORBIDDEN
    yesterday = (day_of(now) - timedelta(days=1)).isoformat()
    answer = login("cruz").post(certify_url(barstow, "ruiz"), form(yesterday))
    assert answer.status_code == HTTPStatus.FOUND
    assert ruiz.get(reverse("hotlists:list")).status_code == HTTPStatus.OK
    row = AuditRecord.objects.filter(verb="accounts.training.certified").latest("id")
    assert (row.username, row.subject) == ("cruz", f"accounts.User:{barstow.users['ruiz'].pk}")
    assert (row.detail["username"], row.detail["certified_by"]) == ("ruiz", "cruz")
    assert row.profile_version == "2026.2"


@pytest.mark.clause("H-426.7")
def test_training_manager_certifies_in_huntington_park(
    huntington_park: Town, login: Login, now: datetime
) -> None:
    huntington_park.users["hart"].certifications.all().delete()
    yesterday = (day_of(now) - timedelta(days=1)).isoformat()
    login("howe").post(certify_url(huntington_park, "hart"), form(yesterday))
    assert huntington_park.users["hart"].certifications.count() == 1


@pytest.mark.clause("B-466.8-record")
@pytest.mark.parametrize("username", ["ortiz", "cole", "imani"])
def test_nobody_else_certifies(barstow: Town, login: Login, now: datetime, username: str) -> None:
    answer = login(username).post(certify_url(barstow, "ruiz"), form(day_of(now).isoformat()))
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert not barstow.users["ruiz"].certifications.exists()


@pytest.mark.clause("B-466.8-record")
def test_nobody_certifies_their_own_training(barstow: Town, login: Login, now: datetime) -> None:
    before = Certification.objects.count()
    yesterday = (day_of(now) - timedelta(days=1)).isoformat()
    answer = login("cruz").post(certify_url(barstow, "cruz"), form(yesterday))
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "Nobody certifies their own training." in answer.content.decode()
    assert Certification.objects.count() == before


@pytest.mark.parametrize(
    "changes",
    [
        {"completed_date": "2999-01-01"},
        {"completed_date": "2026-01-02", "expires_date": "2026-01-01"},
        {"course": "basket-weaving"},
        {"completed_date": ""},
    ],
)
def test_impossible_certificates_come_back_with_the_mistake(
    barstow: Town, login: Login, changes: dict[str, str]
) -> None:
    answer = login("cruz").post(certify_url(barstow, "ruiz"), form("2026-01-02") | changes)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Please correct the following" in answer.content.decode()
    assert not barstow.users["ruiz"].certifications.exists()


def test_the_same_certificate_is_not_filed_twice(barstow: Town, login: Login) -> None:
    cruz = login("cruz")
    assert cruz.post(certify_url(barstow, "ruiz"), form("2026-01-02")).status_code == HTTPStatus.FOUND
    again = cruz.post(certify_url(barstow, "ruiz"), form("2026-01-02"))
    assert again.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
