"""What a password may be, and how long."""

import inspect
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from plateward.accounts.models import User
from plateward.audit.models import AuditRecord
from tests.factors import give_code
from tests.personas import PASSWORD

Login = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("barstow")


def faults(password: str) -> str:
    try:
        validate_password(password, User.objects.get(username="ortiz"))
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("password1", "common or stolen"),
        ("P.a.s.s.w.o.r.d.1", "common or stolen"),
        ("sdfghjkl;'", "keys are easy to guess"),
        ("aaaaaaaaaaaaaaaa", "Repeats"),
        ("87654321", "common or stolen"),
        ("Summer2026", "guessed within few tries"),
        ("sergeant99", "guessed within few tries"),
        ("Olivia1987", "which everybody here knows"),
        ("barstowpd2026", "which everybody here knows"),
    ],
)
def test_listed_and_soon_guessed_passwords_are_refused_with_the_reason(password: str, said: str) -> None:
    assert said in faults(password)


@pytest.mark.parametrize(
    "password", ["my dog ate it", "ünïcode and späces", "x9$kT!mw", " leading and trailing ", "long phrase " * 40]
)
def test_any_characters_and_long_phrases_are_welcome(password: str) -> None:
    assert faults(password) == ""


def test_no_letter_of_a_long_password_is_cut_off() -> None:
    user, long = User.objects.get(username="ortiz"), "long phrase " * 40
    user.set_password(long)
    assert user.check_password(long)
    assert not user.check_password(long[:-1])


def test_passwords_are_kept_as_pbkdf2_with_a_salt_of_128_bits_and_todays_iterations() -> None:
    assert User.objects.get(username="ortiz").password.startswith("pbkdf2_sha256$")
    assert PBKDF2PasswordHasher.salt_entropy >= 128
    shipped = inspect.getsource(PBKDF2PasswordHasher)  # the tests lower the number in the running class
    found = re.search(r"iterations = ([\d_]+)", shipped)
    assert found
    assert int(found[1]) >= 600_000  # OWASP's for PBKDF2-HMAC-SHA256


def enter(client: Client) -> None:
    client.post("/login/", {"username": "ortiz", "password": PASSWORD, "acknowledged": "on"})
    give_code(client, "ortiz")


def test_each_quarter_the_password_is_compared_again_at_log_in(client: Client) -> None:
    enter(client)
    assert not AuditRecord.objects.filter(verb="accounts.password.compared").exists()
    User.objects.update(password_compared_at=timezone.now() - timedelta(days=91))
    client.logout()
    enter(client)
    row = AuditRecord.objects.get(verb="accounts.password.compared")
    assert row.detail["outcome"] == "may stay"
    compared = User.objects.get(username="ortiz").password_compared_at
    assert compared is not None
    assert timezone.now() - compared < timedelta(minutes=1)


def test_password_that_a_new_list_holds_is_changed_before_anything_else(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plateward.accounts.banned.VERSION", "2")
    monkeypatch.setattr("plateward.accounts.banned._common", lambda: frozenset({PASSWORD}))
    enter(client)
    assert client.get(reverse("hotlists:list"))["Location"] == reverse("accounts:password")
    shown = client.get(reverse("accounts:password")).content.decode()
    assert "known to be common or stolen" in shown
    own = "quite another phrase"
    form = {"old_password": PASSWORD, "new_password": own, "again": own}
    client.post(reverse("accounts:password"), form)
    assert client.get(reverse("hotlists:list")).status_code == 200


def test_password_is_changed_every_year(login: Login) -> None:
    ortiz = login("ortiz")
    User.objects.update(password_changed_at=timezone.now() - timedelta(days=365))
    assert ortiz.get(reverse("hotlists:list"))["Location"] == reverse("accounts:password")
