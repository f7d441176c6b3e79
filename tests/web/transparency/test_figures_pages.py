"""The monthly figures in the browser: for everybody, in two languages, and the desk that publishes them."""

import json
from collections.abc import Callable
from datetime import date, datetime
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from plateward.transparency.figures_models import MonthlyFigures
from tests.personas import Town
from tests.publishing import month_over, published

pytestmark = pytest.mark.django_db

Login = Callable[[str], Client]


@pytest.fixture
def month(barstow: Town, now: datetime) -> date:
    over, after = month_over(barstow, now)
    published(barstow, over, after)
    return over


def test_everybody_reads_a_month_in_english_and_spanish_without_a_cookie(month: date, client: Client) -> None:
    english = client.get(reverse("transparency:figures", args=["barstow-pd"]))
    assert "Searches, by purpose" in english.content.decode()
    assert "does not say whether figures of use are published" in english.content.decode()
    assert not english.cookies
    spanish = client.get(reverse("transparency:figures-es", args=["barstow-pd"])).content.decode()
    assert "Búsquedas, según su propósito" in spanish
    assert f"{month:%Y-%m}" in spanish


def test_the_data_stand_at_an_address_of_their_own_and_are_not_sent_twice(
    month: date, client: Client
) -> None:
    address = reverse("transparency:figures-data", args=["barstow-pd", f"{month:%Y-%m}"])
    sent = client.get(address)
    assert json.loads(sent.content)["month"] == f"{month:%Y-%m}"
    again = client.get(address, headers={"If-None-Match": sent["ETag"]})
    assert again.status_code == HTTPStatus.NOT_MODIFIED
    edition = reverse("transparency:figures-edition", args=["barstow-pd", f"{month:%Y-%m}", 1])
    assert client.get(edition).content == sent.content


@pytest.mark.parametrize(
    "path",
    [
        "/public/barstow-pd/figures/1999-01.json",
        "/public/barstow-pd/figures/nonsense.json",
        "/public/barstow-pd/figures/9999-12.json",
        "/public/barstow-pd/figures/2026-01/7.json",
        "/public/nowhere-pd/figures",
    ],
)
def test_what_is_not_published_is_not_found(month: date, client: Client, path: str) -> None:
    del month
    assert client.get(path).status_code == HTTPStatus.NOT_FOUND


def test_one_agencys_figures_are_not_on_anothers_page(
    month: date, huntington_park: Town, client: Client
) -> None:
    del month, huntington_park
    page = client.get(reverse("transparency:figures", args=["huntington-park-pd"])).content.decode()
    assert "Nothing is published yet" in page


def test_the_commander_sees_what_waits_and_an_officer_does_not(
    month: date, login: Login
) -> None:
    cole = login("cole")
    desk = cole.get(reverse("transparency:publish")).content.decode()
    assert "Carl Cole" in desk
    page = cole.get(reverse("transparency:publish", query={"month": f"{month:%Y-%m}"})).content.decode()
    assert "This month is not over." in page
    sent = cole.post(reverse("transparency:publish", query={"month": f"{month:%Y-%m}"}), {"note": ""})
    assert sent.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert login("ortiz").get(reverse("transparency:publish")).status_code == HTTPStatus.FORBIDDEN
    assert MonthlyFigures.objects.count() == 1


def test_the_program_that_counts_again_is_there_for_everybody(month: date, client: Client) -> None:
    del month
    assert b"Counts published months again" in client.get(reverse("transparency:recount")).content
