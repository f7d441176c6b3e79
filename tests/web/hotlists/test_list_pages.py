"""The pages on which lists of others are taken in: what they show, and whom they refuse."""

import errno
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from plateward.hotlists.models import Entry, FileState, Hotlist, ListFile
from tests.listing import takes_lists_in, work_files
from tests.personas import Town

Login = Callable[[str], Client]
UPLOAD = "/hotlists/lists/upload/"


def sent(client: Client, text: str = "plate,state\n8STA733,NV\n---,NV\n", **changes: str) -> tuple[int, str]:
    """Upload a file; returns the status and the page or the address that comes next."""
    facts = {
        "source": "state-federal",
        "origin": "state",
        "purpose": "stolen-or-wanted-vehicle",
        "kind": "HEADED",
    }
    answer = client.post(UPLOAD, facts | changes | {"file": SimpleUploadedFile("e.csv", text.encode())})
    return answer.status_code, answer.headers.get("Location") or answer.content.decode()


@pytest.mark.clause("B-466.11¶3")
def test_a_file_is_looked_at_before_it_is_taken_in(barstow: Town, now: datetime, login: Login) -> None:
    takes_lists_in(barstow, now)
    soto = login("soto")
    status, address = sent(soto)
    assert status == HTTPStatus.FOUND
    page = soto.get(address).content.decode()
    assert "It waits for the worker." in page
    assert "What it would change" not in page
    work_files(now)
    assert soto.get(address, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    page = soto.get(address).content.decode()
    assert "What it would change" in page
    assert "8STA733" in page
    assert "No letter or digit is left of this plate" in page
    assert not Entry.objects.exists()
    soto.post(f"{address}take")
    assert not Entry.objects.exists()
    work_files(now)
    page = soto.get(address).content.decode()
    assert "Taken in" in page
    assert "confirmed by " in page
    overview = soto.get(reverse("hotlists:lists")).content.decode()
    assert "State and federal hotlists: state data" in overview
    assert "Lists of neighboring agencies" in overview
    assert "72 hours after it is received" in overview
    assert ListFile.objects.get().state == FileState.TAKEN


def test_a_full_disc_is_said_and_the_next_try_works(
    barstow: Town, now: datetime, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    takes_lists_in(barstow, now)
    soto = login("soto")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disc:
        disc.setattr(os, "fsync", full)
        status, page = sent(soto)
    assert status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "upload the file again: nothing of it was kept" in page
    assert not ListFile.objects.exists()
    assert sent(soto)[0] == HTTPStatus.FOUND


@pytest.mark.parametrize(("source", "is_guarded"), [("state-federal", True), ("neighbors", False)])
def test_where_the_policy_guards_no_list_against_shrinking_the_number_says_so(
    barstow: Town, now: datetime, login: Login, source: str, *, is_guarded: bool
) -> None:
    takes_lists_in(barstow, now)
    soto = login("soto")
    _, address = sent(soto, source=source)
    work_files(now)
    soto.post(f"{address}take")
    work_files(now)
    _, address = sent(soto, "plate,state\n8STA734,NV\n", source=source)
    work_files(now)
    page = soto.get(address).content.decode()
    assert ("1 of 1 entries would end, 100 %; the limit is 25 %." in page) == is_guarded
    assert ("The policy sets no share that may end at once: this is not guarded." in page) != is_guarded


def test_a_discarded_file_takes_nothing_in(barstow: Town, now: datetime, login: Login) -> None:
    takes_lists_in(barstow, now)
    soto = login("soto")
    _, address = sent(soto)
    assert "Nothing of it was taken in" in soto.post(f"{address}discard", follow=True).content.decode()
    answer = soto.post(f"{address}take")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "discarded already" in answer.content.decode()
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"text": "color\nblue\n"}, "No column is headed plate"),
        ({"kind": "KEPT"}, "Nobody laid down the columns of this list yet"),
        ({"kind": "NEW", "text": "8ABC\0\n"}, "NUL characters"),
        ({"text": ""}, "The file is empty: nothing of the list is in it."),
        ({"text": "%PDF-1.7"}, "The file is a PDF document."),
        ({"origin": ""}, "This field is required"),
        ({"origin": "department"}, "Select a valid choice"),
    ],
)
def test_a_file_that_cannot_be_used_comes_back_with_what_to_do(
    barstow: Town, now: datetime, login: Login, changes: dict[str, str], why: str
) -> None:
    takes_lists_in(barstow, now)
    status, page = sent(login("soto"), **changes)
    assert status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert why in page
    assert not ListFile.objects.exists()


@pytest.mark.clause("B-466.4(e)")
def test_only_who_was_given_it_and_may_see_the_data_takes_lists_in(
    barstow: Town, now: datetime, login: Login
) -> None:
    takes_lists_in(barstow, now)
    assert login("ortiz").get(UPLOAD).status_code == HTTPStatus.FORBIDDEN
    status, page = sent(login("cole"))  # may take lists in, may not see state data
    assert status == HTTPStatus.FORBIDDEN
    assert "B-466.4(e)" in page
    assert not ListFile.objects.exists()


def test_a_list_past_its_time_is_told_on_the_hotlist(barstow: Town, now: datetime, login: Login) -> None:
    takes_lists_in(barstow, now)
    soto = login("soto")
    _, address = sent(soto)
    work_files(now)
    soto.post(f"{address}take")
    work_files(now)
    assert "is past its time" not in login("dunn").get("/hotlists/").content.decode()
    Hotlist.objects.filter(kind="LISTED").update(expires_at=now - timedelta(seconds=1))
    assert "is past its time and matches nothing" in login("dunn").get("/hotlists/").content.decode()
    assert "old: matches nothing" in soto.get("/hotlists/lists/").content.decode()
