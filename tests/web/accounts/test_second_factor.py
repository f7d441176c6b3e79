"""The second factor: asked of everybody, taken once, counted when wrong, set up and reset."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from plateward.accounts import codes
from plateward.accounts.models import Factor, LoginSession, RecoveryCode, User
from plateward.audit.models import AuditRecord
from tests.factors import (
    SECOND_FACTOR,
    code_of,
    enroll_app,
    fresh_code,
    give_code,
    secret_of,
    secret_shown,
)
from tests.keys import SoftKey
from tests.personas import PASSWORD

Login = Callable[[str], Client]
HOME = "/"
pytestmark = pytest.mark.usefixtures("barstow")


def step_one(client: Client, username: str = "ortiz", password: str = PASSWORD) -> Any:
    form = {"username": username, "password": password, "acknowledged": "on"}
    return client.post("/login/", form)


def verbs(username: str = "ortiz") -> list[str]:
    return list(AuditRecord.objects.filter(username=username).order_by("id").values_list("verb", flat=True))


def stale(username: str, minutes: int = 15) -> None:
    proved = timezone.now() - timedelta(minutes=minutes)
    LoginSession.objects.filter(user__username=username).update(proved_at=proved)


def test_a_right_password_alone_opens_nothing(client: Client) -> None:
    assert step_one(client)["Location"] == SECOND_FACTOR
    assert client.get(reverse("hotlists:list"))["Location"].startswith("/login/")
    assert not LoginSession.objects.exists()
    assert give_code(client, "ortiz") == HOME
    assert client.get(reverse("hotlists:list")).status_code == HTTPStatus.OK


def test_each_code_opens_once(client: Client) -> None:
    code = fresh_code("ortiz")
    step_one(client)
    assert client.post(SECOND_FACTOR, {"code": code})["Location"] == HOME
    client.logout()
    step_one(client)
    again = client.post(SECOND_FACTOR, {"code": code})
    assert again.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "each opens once" in again.content.decode()


def test_wrong_codes_count_towards_the_lock_and_right_passwords_in_between_do_not_begin_anew(
    client: Client,
) -> None:
    for _ in range(5):
        step_one(client)
        client.post(SECOND_FACTOR, {"code": "000000"})
    assert User.objects.get(username="ortiz").locked_at is not None
    right = client.post(SECOND_FACTOR, {"code": fresh_code("ortiz")})
    assert right.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert step_one(client).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    refused = AuditRecord.objects.filter(verb="accounts.session.refused").order_by("id")
    assert [row.detail["why"] for row in refused] == ["wrong code"] * 5 + ["locked account"] * 2


def test_a_right_password_waits_for_ten_minutes_and_no_longer(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    step_one(client)
    later = timezone.now() + timedelta(minutes=10)
    with monkeypatch.context() as clock:
        clock.setattr("plateward.accounts.factor_views.timezone.now", lambda: later)
        assert client.get(SECOND_FACTOR)["Location"] == HOME


@pytest.mark.parametrize("change", [{"state": "SUSPENDED"}, {"password": "pbkdf2_sha256$1$a$b"}])
def test_what_changed_in_between_ends_the_log_in(client: Client, change: dict[str, str]) -> None:
    step_one(client)
    User.objects.filter(username="ortiz").update(**change)
    assert client.post(SECOND_FACTOR, {"code": fresh_code("ortiz")})["Location"] == HOME
    assert not LoginSession.objects.exists()


def test_secret_is_sealed_in_the_database_for_its_person_only() -> None:
    factor = Factor.objects.get(user__username="ortiz")
    assert secret_of("ortiz") not in bytes(factor.secret)
    with pytest.raises(codes.UnreadableSecretError):
        codes.unseal(bytes(factor.secret), "somebody else")


def test_app_of_a_replaced_secret_key_opens_nothing_and_breaks_nothing(client: Client) -> None:
    code = fresh_code("ortiz")
    Factor.objects.update(secret=b"x" * 48)
    step_one(client)
    assert client.post(SECOND_FACTOR, {"code": code}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def without_factor(username: str = "ortiz", hours: int = 1) -> None:
    Factor.objects.filter(user__username=username).delete()
    until = timezone.now() + timedelta(hours=hours)
    User.objects.filter(username=username).update(enroll_until_at=until)


def test_nothing_is_reachable_before_a_second_factor_is_set_up(client: Client) -> None:
    without_factor()
    assert step_one(client)["Location"] == HOME
    for page in ("home", "accounts:me", "hotlists:list", "accounts:people"):
        assert client.get(reverse(page))["Location"] == reverse("accounts:factors"), page
    assert len(enroll_app(client)) == 10
    assert client.get(reverse("accounts:me")).status_code == HTTPStatus.OK
    client.logout()
    assert step_one(client)["Location"] == SECOND_FACTOR


def test_who_takes_long_to_set_one_up_gives_the_password_again_and_goes_on(client: Client) -> None:
    without_factor()
    step_one(client)
    stale("ortiz")
    asked = client.get(reverse("accounts:factors"), follow=True)
    assert [status for _, status in asked.redirect_chain] == [HTTPStatus.FOUND], "no circle"
    assert client.get(reverse("hotlists:list"))["Location"] == reverse("accounts:factors")
    client.post(reverse("accounts:prove"), {"password": PASSWORD})
    assert client.get(reverse("accounts:add-app")).status_code == HTTPStatus.OK
    assert client.get(reverse("hotlists:list"))["Location"] == reverse("accounts:factors")


def test_account_without_a_second_factor_closes_after_its_time(client: Client) -> None:
    without_factor(hours=0)
    assert step_one(client).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_app_that_shows_another_code_is_not_set_up(login: Login) -> None:
    ortiz = login("ortiz")
    ortiz.get(reverse("accounts:add-app"))
    wrong = ortiz.post(reverse("accounts:add-app"), {"name": "Tablet", "code": "000000"})
    assert "another code" in wrong.content.decode()
    taken = ortiz.post(reverse("accounts:add-app"), {"name": "phone", "code": "000000"})
    assert taken.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert Factor.objects.filter(user__username="ortiz").count() == 1


def options_of(page: str) -> dict[str, Any]:
    found = re.search(r'data-options="([^"]+)"', page)
    assert found
    return dict(json.loads(found[1].replace("&quot;", '"')))


def with_key(ortiz: Client) -> SoftKey:
    key, page = SoftKey(), reverse("accounts:add-key")
    answer = key.make(options_of(ortiz.get(page).content.decode()))
    made = ortiz.post(page, {"name": "Key on my ring", "answer": answer})
    assert made.status_code == HTTPStatus.OK
    assert "recovery codes" in made.content.decode()
    return key


def test_security_key_opens_and_its_answer_does_so_once(login: Login, client: Client) -> None:
    key = with_key(login("ortiz"))
    step_one(client)
    answer = key.answer(options_of(client.get(SECOND_FACTOR).content.decode()))
    assert client.post(SECOND_FACTOR, {"answer": answer})["Location"] == HOME
    client.logout()
    step_one(client)
    replayed = client.post(SECOND_FACTOR, {"answer": answer})
    assert replayed.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_answer_given_to_another_site_opens_nothing(login: Login, client: Client) -> None:
    key = with_key(login("ortiz"))
    step_one(client)
    asked = options_of(client.get(SECOND_FACTOR).content.decode())
    answer = key.answer(asked, origin="https://plateward.example.evil")
    assert client.post(SECOND_FACTOR, {"answer": answer}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_copied_key_is_betrayed_by_its_counter(login: Login, client: Client) -> None:
    key = with_key(login("ortiz"))
    Factor.objects.filter(kind="KEY").update(counter=9)
    step_one(client)
    answer = key.answer(options_of(client.get(SECOND_FACTOR).content.decode()))
    assert client.post(SECOND_FACTOR, {"answer": answer}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


@pytest.mark.parametrize("answer", ["", "{}", "[]", "no json", '{"id": 1}'])
def test_nonsense_for_an_answer_is_a_wrong_one(login: Login, client: Client, answer: str) -> None:
    with_key(login("ortiz"))
    step_one(client)
    client.get(SECOND_FACTOR)
    assert client.post(SECOND_FACTOR, {"answer": answer}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_recovery_codes_are_hashed_shown_once_and_open_once(login: Login, client: Client) -> None:
    made = login("ortiz").post(reverse("accounts:renew-codes")).content.decode()
    shown = re.findall(r">([a-z2-9]{5}-[a-z2-9]{5})<", made)
    assert len(set(shown)) == 10
    assert all(code.digest.startswith("pbkdf2_sha256$") for code in RecoveryCode.objects.all())
    for is_first in (True, False):
        step_one(client)
        given = client.post(f"{SECOND_FACTOR}?with=RECOVERY", {"code": shown[3].upper()})
        assert (given.status_code == HTTPStatus.FOUND) is is_first
        client.logout()
    assert AuditRecord.objects.get(verb="accounts.recovery.used").detail["left"] == 9


def test_changed_factors_end_the_other_sessions_and_the_last_one_stays(login: Login) -> None:
    here, there = login("ortiz"), login("ortiz")
    enroll_app_named(here, "Tablet")
    assert there.get(reverse("accounts:me")).status_code == HTTPStatus.FOUND
    for expected in (1, 1):
        first = Factor.objects.filter(user__username="ortiz").earliest("added_at")
        here.post(reverse("accounts:remove-factor"), {"factor": first.pk})
        assert Factor.objects.filter(user__username="ortiz").count() == expected
    assert "no account works without one" in here.get(reverse("accounts:factors")).content.decode()


def enroll_app_named(client: Client, name: str) -> None:
    page = reverse("accounts:add-app")
    secret = secret_shown(client.get(page).content.decode())
    assert client.post(page, {"name": name, "code": code_of(secret)}).status_code == HTTPStatus.OK


def test_nobody_removes_anothers_factor(login: Login) -> None:
    theirs = Factor.objects.get(user__username="quinn")
    login("ortiz").post(reverse("accounts:remove-factor"), {"factor": theirs.pk})
    assert Factor.objects.filter(pk=theirs.pk).exists()


def test_lost_factor_is_reset_by_an_account_manager_and_its_person_sets_up_another(
    login: Login, client: Client
) -> None:
    here, quinn = login("quinn"), User.objects.get(username="quinn")
    address = reverse("accounts:act", args=[quinn.pk, "factors"])
    answer = login("cole").post(address, {"reason": "Phone lost in the river."})
    shown = re.search(r'id="one-time">([^<]+)<', answer.content.decode())
    assert shown
    row = AuditRecord.objects.get(verb="accounts.factor.reset")
    assert (row.username, row.detail["reason"]) == ("cole", "Phone lost in the river.")
    assert here.get(reverse("accounts:me")).status_code == HTTPStatus.FOUND
    assert step_one(client, "quinn").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert step_one(client, "quinn", shown[1])["Location"] == HOME
    own = "quite another phrase"
    client.post(
        reverse("accounts:password"), {"old_password": shown[1], "new_password": own, "again": own}
    )
    assert client.get(HOME)["Location"] == reverse("accounts:factors")


def test_nobody_resets_their_own(login: Login) -> None:
    cole = User.objects.get(username="cole")
    answer = login("cole").post(reverse("accounts:act", args=[cole.pk, "factors"]), {"reason": "Lost."})
    assert answer.status_code == HTTPStatus.FORBIDDEN


def test_privileged_page_asks_for_both_factors_again_and_leads_back(login: Login) -> None:
    cole, page = login("cole"), reverse("accounts:create")
    assert cole.get(page).status_code == HTTPStatus.OK
    stale("cole")
    assert cole.get(reverse("accounts:people")).status_code == HTTPStatus.OK
    asked = cole.get(page)["Location"]
    assert asked == f"{reverse('accounts:prove')}?next=%2Fpeople%2Fnew%2F"
    assert cole.post(asked, {"password": "wrong"}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert cole.post(asked, {"password": PASSWORD})["Location"] == SECOND_FACTOR
    assert cole.get(page).status_code == HTTPStatus.FOUND
    assert give_code(cole, "cole") == page
    assert cole.get(page).status_code == HTTPStatus.OK
    assert "accounts.session.proved" in verbs("cole")


def test_form_shown_in_time_is_taken_later_and_one_sent_too_late_is_told_of(login: Login) -> None:
    cole, page = login("cole"), reverse("accounts:create")
    stale("cole", 44)
    new = {"full_name": "Nina Novak", "username": "novak", "title": "patrol-officer"}
    assert cole.post(page, new)["Location"].startswith("/people/")
    stale("cole", 45)
    late = cole.post(page, new | {"username": "other"}, headers={"Referer": f"http://testserver{page}"})
    assert late["Location"] == f"{reverse('accounts:prove')}?next=%2Fpeople%2Fnew%2F"
    assert "What you sent was not done" in cole.get(late["Location"]).content.decode()
    assert not User.objects.filter(username="other").exists()


def test_proving_oneself_does_not_lengthen_the_twelve_hours(login: Login) -> None:
    cole = login("cole")
    LoginSession.objects.update(opened_at=timezone.now() - timedelta(hours=12))
    assert cole.get(reverse("accounts:people"))["Location"].startswith("/login/")
    assert cole.get("/login/").status_code == HTTPStatus.OK


def test_changed_position_asks_for_both_factors_again(login: Login) -> None:
    soto = login("soto")
    assert soto.get(reverse("accounts:people")).status_code == HTTPStatus.OK
    LoginSession.objects.update(roles="sergeant: watch-commander")
    assert soto.get(reverse("accounts:people"))["Location"].startswith(reverse("accounts:prove"))
    soto.post(reverse("accounts:prove"), {"password": PASSWORD, "next": "/people/"})
    assert give_code(soto, "soto") == "/people/"
    assert soto.get(reverse("accounts:people")).status_code == HTTPStatus.OK
