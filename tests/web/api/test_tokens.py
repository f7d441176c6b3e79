"""One's own tokens in the browser, and those of others for whoever manages accounts."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from django.test import Client
from django.urls import reverse

from plateward.accounts.models import LoginSession
from plateward.api.models import Token
from plateward.api.rules import digest
from plateward.audit.models import AuditRecord
from tests.exceptions import opened_window
from tests.personas import Town
from tests.tokens import PURPOSE, made

Login = Callable[[str], Client]
TYPED = {"use": "Looks up calls", "purpose": PURPOSE, "capabilities": ["devices.view"], "days": 7}


def test_a_token_is_made_and_shown_once(barstow: Town, now: datetime, login: Login) -> None:
    client = login("ortiz")
    shown = client.post(reverse("api:make"), TYPED).content.decode()
    (text,) = re.findall(r"pw_[\w-]{43}", shown)
    token = Token.objects.get()
    assert token.sha256 == digest(text)
    assert token.expires_at == token.made_at + timedelta(days=7)
    assert text not in client.get(reverse("api:tokens")).content.decode()
    assert AuditRecord.objects.filter(verb="api.token.made", username="ortiz").count() == 1
    assert Client(headers={"Authorization": f"Bearer {text}"}).get(reverse("api:devices")).status_code == 200
    assert barstow.users
    assert now


def test_making_one_asks_for_both_factors_again(barstow: Town, now: datetime, login: Login) -> None:
    client = login("ortiz")
    LoginSession.objects.update(proved_at=now - timedelta(hours=1))
    assert client.post(reverse("api:make"), TYPED).status_code == 302
    assert not Token.objects.exists()
    assert barstow.users


def test_nobody_makes_one_for_what_they_may_not_do(barstow: Town, login: Login) -> None:
    typed = TYPED | {"capabilities": ["search.run"]}
    assert login("imani").post(reverse("api:make"), typed).status_code == 422
    assert login("ruiz").post(reverse("api:make"), TYPED).status_code == 403
    assert not Token.objects.exists()
    assert barstow.users


def test_vendor_staff_get_none_even_in_their_window(barstow: Town, now: datetime, login: Login) -> None:
    opened_window(barstow, now)
    response = login("vendor").get(reverse("api:make"))
    assert response.status_code == 403
    assert "Vendor staff get no API tokens" in response.content.decode()


def test_its_person_and_whoever_manages_accounts_end_a_token(
    barstow: Town, now: datetime, login: Login
) -> None:
    (first, asks), (second, _) = made(barstow, "ortiz", now), made(barstow, "ortiz", now)
    login("ortiz").post(reverse("api:revoke", args=[first.pk]))
    assert asks.get(reverse("api:devices")).status_code == 401
    manager = login("imani")
    listed = manager.get(reverse("api:of-person", args=[barstow.users["ortiz"].pk])).content.decode()
    assert "It was revoked." in listed
    manager.post(reverse("api:revoke", args=[second.pk]))
    second.refresh_from_db()
    assert second.revoked_by == "Ivy Imani"
    assert AuditRecord.objects.filter(verb="api.token.revoked").count() == 2


def test_nobody_else_ends_it(barstow: Town, now: datetime, login: Login) -> None:
    token, _ = made(barstow, "ortiz", now)
    assert login("quinn").post(reverse("api:revoke", args=[token.pk])).status_code == 403
    token.refresh_from_db()
    assert token.revoked_at is None


def test_the_manual_and_the_document_describe_every_address(barstow: Town, login: Login) -> None:
    page = login("ortiz").get(reverse("api:manual")).content.decode()
    document = Client().get(reverse("api:document")).json()
    for path in document["paths"]:
        assert path in page
    assert barstow.users
