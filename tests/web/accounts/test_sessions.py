"""The lock after inactivity, the banner, and one's own sessions."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from plateward.accounts.models import LoginSession, User
from plateward.audit.models import AuditRecord
from tests.factors import SECOND_FACTOR, give_code
from tests.personas import PASSWORD

Login = Callable[[str], Client]
BACKGROUND = {"X-Plateward-Background": "1", "HX-Request": "true"}
pytestmark = pytest.mark.usefixtures("barstow")


def idle(username: str, minutes: int) -> None:
    moment = timezone.now() - timedelta(minutes=minutes)
    LoginSession.objects.filter(user__username=username).update(active_at=moment)


def minutes_idle(username: str) -> float:
    return (timezone.now() - LoginSession.objects.get(user__username=username).active_at).total_seconds() / 60


def test_after_half_an_hour_nothing_is_shown_until_both_factors_are_given_again(login: Login) -> None:
    ortiz = login("ortiz")
    idle("ortiz", 30)
    page = reverse("hotlists:list") + "?page=1"
    locked = ortiz.get(page)
    assert locked["Location"] == "/locked/?next=%2Fhotlists%2F%3Fpage%3D1"
    shown = ortiz.get(locked["Location"]).content.decode()
    assert "Olivia Ortiz" in shown
    assert "Log out" in shown
    assert ortiz.get(reverse("accounts:me")).status_code == HTTPStatus.FOUND
    wrong = ortiz.post(locked["Location"], {"password": "wrong"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    right = ortiz.post(locked["Location"], {"password": PASSWORD})
    assert right["Location"] == SECOND_FACTOR
    assert ortiz.get(page)["Location"] == locked["Location"]
    assert give_code(ortiz, "ortiz") == page
    assert ortiz.get(page).status_code == HTTPStatus.OK
    verbs = AuditRecord.objects.filter(username="ortiz").order_by("id").values_list("verb", flat=True)
    assert [verb for verb in verbs if "session" in verb] == [
        "accounts.session.refused",
        "accounts.session.unlocked",
    ]


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_lock_page_leads_back_to_this_site_only(login: Login, elsewhere: str) -> None:
    ortiz = login("ortiz")
    idle("ortiz", 31)
    ortiz.post("/locked/", {"password": PASSWORD, "next": elsewhere})
    assert give_code(ortiz, "ortiz") == "/"


def test_refreshed_parts_of_an_open_console_keep_no_session_alive(login: Login) -> None:
    dunn = login("dunn")
    idle("dunn", 20)
    assert dunn.get(reverse("console:queue"), headers=BACKGROUND).status_code == HTTPStatus.OK
    left = int(dunn.get(reverse("accounts:still-open")).content)
    assert 590 <= left <= 600
    assert minutes_idle("dunn") >= 20
    idle("dunn", 30)
    part = dunn.get(
        reverse("console:queue"), headers=BACKGROUND | {"HX-Current-URL": "http://testserver/dispatch/?open=1"}
    )
    assert part.status_code == HTTPStatus.UNAUTHORIZED
    assert part["HX-Redirect"] == "/locked/?next=%2Fdispatch%2F%3Fopen%3D1"


def test_what_a_person_does_is_activity_whatever_the_page_claims(login: Login) -> None:
    dunn = login("dunn")
    idle("dunn", 20)
    dunn.get(reverse("console:dispatch"))
    assert minutes_idle("dunn") < 1
    idle("dunn", 20)
    dunn.post(reverse("accounts:end-session"), {"session": ""}, headers=BACKGROUND)
    assert minutes_idle("dunn") < 1


def test_five_wrong_passwords_at_the_lock_lock_the_account(login: Login) -> None:
    ortiz = login("ortiz")
    idle("ortiz", 31)
    for _ in range(5):
        ortiz.post("/locked/", {"password": "wrong"})
    assert User.objects.get(username="ortiz").locked_at is not None
    refused = ortiz.post("/locked/", {"password": PASSWORD})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_lock_page_is_for_sessions_that_are_locked(login: Login) -> None:
    assert Client().get("/locked/")["Location"] == reverse("accounts:login")
    assert login("ortiz").get("/locked/?next=/me/")["Location"] == "/me/"


def test_notice_is_acknowledged_or_nobody_logs_in(client: Client) -> None:
    for password in (PASSWORD, "wrong"):
        refused = client.post("/login/", {"username": "ortiz", "password": password})
        assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "Acknowledge the notice" in refused.content.decode()
    assert not AuditRecord.objects.filter(verb__startswith="accounts.session").exists()
    client.post("/login/", {"username": "ortiz", "password": PASSWORD, "acknowledged": "on"})
    give_code(client, "ortiz")
    opened = AuditRecord.objects.get(verb="accounts.session.opened")
    assert opened.detail == {"banner": "acknowledged", "way": "password", "factor": "APP"}


def test_person_sees_their_sessions_and_ends_another(login: Login) -> None:
    here, there = login("ortiz"), login("ortiz")
    other = LoginSession.objects.get(session_id=there.session.session_key)
    page = here.get(reverse("accounts:me")).content.decode()
    assert str(other.pk) in page
    here.post(reverse("accounts:end-session"), {"session": other.pk})
    assert there.get(reverse("accounts:me")).status_code == HTTPStatus.FOUND
    assert here.get(reverse("accounts:me")).status_code == HTTPStatus.OK
    assert AuditRecord.objects.filter(verb="accounts.session.ended", username="ortiz").count() == 1


def test_nobody_ends_anothers_session(login: Login) -> None:
    login("quinn")
    theirs = LoginSession.objects.get(user__username="quinn")
    login("ortiz").post(reverse("accounts:end-session"), {"session": theirs.pk})
    assert LoginSession.objects.filter(pk=theirs.pk).exists()


def test_changed_password_ends_the_other_sessions_and_keeps_this_one(login: Login) -> None:
    here, there = login("ortiz"), login("ortiz")
    own = "quite another phrase"
    form = {"old_password": PASSWORD, "new_password": own, "again": own}
    assert here.post(reverse("accounts:password"), form).status_code == HTTPStatus.FOUND
    assert here.get(reverse("accounts:me")).status_code == HTTPStatus.OK
    assert there.get(reverse("accounts:me")).status_code == HTTPStatus.FOUND


def test_session_that_no_log_in_opened_opens_nothing(client: Client) -> None:
    client.force_login(User.objects.get(username="ortiz"))
    assert client.get(reverse("accounts:me")).status_code == HTTPStatus.FOUND
