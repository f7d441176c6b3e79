"""Logging in and out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from plateward.accounts.models import User
from plateward.audit.models import AuditRecord
from tests.factors import SECOND_FACTOR, fresh_code
from tests.personas import PASSWORD, Town

LOGIN = "/login/"
SAME = "The username or the password is wrong, or the account is not active."


def sent(client: Client, username: str, password: str = PASSWORD, **more: str) -> tuple[int, str]:
    form = {"username": username, "password": password, "acknowledged": "on"}
    answer = client.post(LOGIN + more.get("query", ""), form)
    if answer.headers.get("Location") == SECOND_FACTOR:
        answer = client.post(SECOND_FACTOR, {"code": fresh_code(username.lower())})
    return answer.status_code, answer.content.decode() or answer["Location"]


def journal() -> list[AuditRecord]:
    return list(AuditRecord.objects.filter(verb__startswith="accounts.session.").order_by("id"))


@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
@pytest.mark.usefixtures("barstow")
def test_logging_in_and_out_is_recorded_with_name_time_and_address(client: Client) -> None:
    assert sent(client, "Ortiz") == (HTTPStatus.FOUND, "/")
    client.post(reverse("accounts:logout"))
    opened, closed = journal()
    assert (opened.verb, closed.verb) == ("accounts.session.opened", "accounts.session.closed")
    assert (opened.name, opened.username, opened.address) == ("Olivia Ortiz", "ortiz", "127.0.0.1")
    assert client.get(reverse("hotlists:list")).status_code == HTTPStatus.FOUND


@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
@pytest.mark.usefixtures("barstow")
def test_failures_look_the_same_and_are_recorded_without_what_was_typed(client: Client) -> None:
    User.objects.filter(username="quinn").update(state="SUSPENDED")
    for username, password in (("ortiz", "wrong"), ("quinn", PASSWORD), ("my-secret-password", "x")):
        status, page = sent(client, username, password)
        assert status == HTTPStatus.UNPROCESSABLE_ENTITY
        assert SAME in page
    assert [(row.username, row.detail["why"]) for row in journal()] == [
        ("ortiz", "wrong password"),
        ("quinn", "inactive account"),
        ("", "unknown username"),
    ]
    assert "my-secret-password" not in str(list(AuditRecord.objects.values_list()))


def test_attempt_under_a_name_nobody_has_is_in_every_agencys_journal_once(
    barstow: Town, huntington_park: Town, client: Client, login: Callable[[str], Client]
) -> None:
    sent(client, "nobody-known", "x")
    sent(client, "ortiz", "wrong")
    assert barstow.agency != huntington_park.agency
    for username, own in (("cole", 1), ("hayes", 0)):
        page = login(username).get(reverse("audit:journal")).content.decode()
        assert page.count("was refused at login: unknown username") == 1
        assert page.count("was refused at login: wrong password") == own


@pytest.mark.usefixtures("barstow")
def test_session_of_an_account_made_inactive_ends_at_once(client: Client) -> None:
    sent(client, "ortiz")
    User.objects.filter(username="ortiz").update(state="SUSPENDED")
    assert client.get(reverse("accounts:me")).status_code == HTTPStatus.FOUND


@pytest.mark.usefixtures("barstow")
def test_session_ends_twelve_hours_after_the_login_whatever_happens_meanwhile(
    client: Client, now: datetime
) -> None:
    sent(client, "ortiz")
    ends = Session.objects.get().expire_date
    assert timedelta(hours=12) <= ends - now <= timedelta(hours=12, minutes=1)
    form = {"plate": "7ABC123", "purpose": "stolen-plate", "reason": "Taken from the Main Street lot."}
    assert client.post(reverse("hotlists:request"), form).status_code == HTTPStatus.FOUND
    client.get(reverse("hotlists:list"))
    assert Session.objects.get().expire_date == ends


@pytest.mark.usefixtures("barstow")
def test_empty_form_is_corrected_and_not_recorded_as_an_attempt(client: Client) -> None:
    assert sent(client, "", "")[0] == HTTPStatus.UNPROCESSABLE_ENTITY
    assert journal() == []


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example"])
@pytest.mark.usefixtures("barstow")
def test_login_never_leads_to_another_site(client: Client, elsewhere: str) -> None:
    assert sent(client, "ortiz", query=f"?next={elsewhere}") == (HTTPStatus.FOUND, "/")


@pytest.mark.usefixtures("barstow")
def test_logging_out_is_a_post(client: Client) -> None:
    sent(client, "ortiz")
    assert client.get(reverse("accounts:logout")).status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert client.get(reverse("accounts:me")).status_code == HTTPStatus.OK


@pytest.mark.django_db
def test_login_page_says_that_use_is_monitored_before_anybody_logs_in(client: Client) -> None:
    assert "monitored, recorded and audited" in client.get(LOGIN).content.decode()


@pytest.mark.usefixtures("barstow")
def test_login_that_cannot_be_journaled_does_not_happen(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the journal is down")

    with monkeypatch.context() as broken:
        broken.setattr(AuditRecord, "save", fail)
        with pytest.raises(RuntimeError):
            sent(client, "ortiz")
    assert client.get(reverse("accounts:me")).status_code == HTTPStatus.FOUND
