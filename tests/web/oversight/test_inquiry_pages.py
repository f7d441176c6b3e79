"""The page that answers who looked, its file, and everybody's own record."""

import csv
import io
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AccessRecord
from tests.personas import Town

pytestmark = pytest.mark.django_db

Login = Callable[[str], Client]


def search(client: Client, plate: str, **changed: Any) -> None:
    data = {
        "plate": plate,
        "from_at": "2026-01-01T00:00",
        "until_at": "2030-01-01T00:00",
        "purpose": "stolen-plate",
        "reason": "=Seen leaving the robbery at 1st and Main",
    }
    assert client.post(reverse("search:new"), data | changed).status_code == HTTPStatus.OK


def ask(client: Client, **changed: str) -> Any:
    data = {
        "subject": "PLATE",
        "wanted": "7ABC 123",
        "purpose": "oversight-records-request",
        "reason": "Records request 26-44 of the Desert Dispatch",
    }
    return client.post(reverse("oversight:inquire"), data | changed)


@pytest.mark.usefixtures("barstow")
def test_the_commander_learns_in_one_step_who_looked_at_a_plate(login: Login) -> None:
    search(login("ortiz"), "7ABC*")

    page = ask(login("cole")).content.decode()

    assert "Olivia Ortiz" in page
    assert "The partial plate 7ABC* covers it" in page
    assert "Public records request" in page


@pytest.mark.usefixtures("barstow")
def test_the_answer_as_a_file_is_an_access_of_its_own_and_holds_no_formula(login: Login) -> None:
    search(login("ortiz"), "7ABC123")

    answer = ask(login("cole"), file="csv")

    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["username"], row["plate"], row["reason"]) for row in rows] == [
        ("ortiz", "7ABC123", "'=Seen leaving the robbery at 1st and Main")
    ]
    assert AccessRecord.objects.latest("pk").elements["answered_as"] == "file"


@pytest.mark.usefixtures("barstow")
@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"wanted": "7ABC*"}, "Write the whole plate"),
        ({"subject": "PERSON", "wanted": "nobody"}, "No one person of this agency is called so"),
        ({"purpose": ""}, "This field is required"),
        ({"from_date": "2026-11-02", "until_date": "2026-11-01"}, "The last day lies before the first"),
    ],
)
def test_a_question_that_cannot_be_answered_says_what_to_change(
    login: Login, changed: dict[str, str], message: str
) -> None:
    answer = ask(login("cole"), **changed)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert message in answer.content.decode()
    assert not AccessRecord.objects.exists()


@pytest.mark.usefixtures("barstow")
def test_a_patrol_officer_sees_their_own_record_with_what_was_refused(login: Login) -> None:
    client = login("ortiz")
    search(client, "7ABC123")
    assert ask(client).status_code == HTTPStatus.FORBIDDEN

    page = client.get(reverse("oversight:mine")).content.decode()

    assert "7ABC123" in page
    assert "Was refused POST /oversight/who-looked/" in page
