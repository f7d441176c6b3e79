"""Taking results out: the page that says the rules, the file, and what is refused."""

import hashlib
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.search import queries
from plateward.search.models import Search
from tests.personas import Town
from tests.sightings import seen
from tests.web.search.test_search_pages import ask, text

Login = Callable[[str], Client]


def searched(client: Client, now: datetime, **changes: object) -> str:
    """Ask, and return the address of taking the results out."""
    ask(client, now, **changes)
    return reverse("search:export", args=[Search.objects.latest("searched_at").pk])


def body(response: HttpResponse) -> bytes:
    assert isinstance(response, StreamingHttpResponse)

    async def gathered() -> bytes:
        return b"".join([chunk async for chunk in response])

    return async_to_sync(gathered)()


@pytest.mark.clause("B-466.6(a)")
def test_a_detective_takes_a_file_out_and_finds_its_hash(barstow: Town, now: datetime, login: Login) -> None:
    seen(barstow.camera, "7ABC123", now - timedelta(hours=1))
    client = login("diaz")
    address = searched(client, now)
    told = text(client.get(address))
    assert "newest 1,000 reads found now" in told
    assert "For the official use of this department" in told
    assert AccessRecord.objects.count() == 1, "reading the rules shows no read"
    answer = client.post(address)
    data = body(answer)
    digest = hashlib.sha256(data)
    record = AccessRecord.objects.latest("pk")
    name = f"plateward-{record.pk}-{digest.hexdigest()[:12]}.csv"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["Repr-Digest"] == f"sha-256=:{b64encode(digest.digest()).decode()}:"
    assert (answer["Content-Type"], answer["Content-Length"]) == ("text/csv; charset=utf-8", str(len(data)))
    assert "no-store" in answer["Cache-Control"]
    listed = text(client.get(address))
    assert digest.hexdigest() in listed
    assert name in listed


@pytest.mark.clause("B-466.6(b)")
def test_an_officer_is_shown_no_way_and_refused_on_record(barstow: Town, now: datetime, login: Login) -> None:
    seen(barstow.camera, "7ABC123", now - timedelta(hours=1))
    client = login("ortiz")
    assert "Take out as a file" not in text(ask(client, now))
    address = reverse("search:export", args=[Search.objects.get().pk])
    for refused in (client.get(address), client.post(address)):
        assert refused.status_code == 403
        assert "take results of their searches out as a file" in text(refused)
    assert AuditRecord.objects.filter(verb="governance.access.refused").count() == 2
    assert AccessRecord.objects.count() == 1


@pytest.mark.clause("B-466.6(b)")
def test_without_a_case_the_page_says_what_to_do_and_sends_nothing(
    barstow: Town, now: datetime, login: Login
) -> None:
    client = login("diaz")
    address = searched(client, now, reference="")
    told = text(client.get(address))
    assert "asks for a case or incident number" in told
    assert "Take out as CSV" not in told
    refused = client.post(address)
    assert refused.status_code == 403
    assert AuditRecord.objects.filter(verb="governance.access.refused").count() == 1
    assert AccessRecord.objects.count() == 1


def test_somebody_elses_search_is_no_search(barstow: Town, now: datetime, login: Login) -> None:
    address = searched(login("ortiz"), now)
    assert login("diaz").get(address).status_code == 404
    assert login("diaz").post(address).status_code == 404


def test_a_search_that_takes_too_long_sends_nothing(
    barstow: Town, now: datetime, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = login("diaz")
    address = searched(client, now)

    def too_long(*_: object) -> None:
        raise queries.SearchTooBroad

    monkeypatch.setattr(queries, "newest_keys", too_long)
    stopped = client.post(address)
    assert stopped.status_code == 422
    assert "took too long" in text(stopped)
    assert AccessRecord.objects.count() == 1
