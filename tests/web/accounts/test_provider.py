"""Logging in through an agency's OpenID Connect provider, and everything that is refused."""

import html
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from joserfc.jwk import ECKey, RSAKey
from pytest_django import Settings

from plateward.accounts.models import Factor, Identity, LoginSession, User
from plateward.accounts.providers import load
from plateward.audit.models import AuditRecord
from tests.factors import SECOND_FACTOR, give_code
from tests.personas import PASSWORD, Town
from tests.provider import NAME, Provider, running_provider

Login = Callable[[str], Client]
BEGIN, AGAIN = "/login/with/barstow-pd/", "/locked/provider/"
Configure = Callable[..., None]


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.fixture
def configure(server: Provider, tmp_path: Path, settings: Settings) -> Configure:
    def to(**lines: str) -> None:
        settings.LOGIN_PROVIDERS = load(server.settings(tmp_path, **lines))

    return to


@pytest.fixture
def provider(server: Provider, barstow: Town, configure: Configure) -> Iterator[Provider]:
    """A provider of Barstow's, with Officer Ortiz linked to one of its identities."""
    cache.clear()
    configure()
    server.honest()
    link(barstow, "ortiz", "o-1", server)
    yield server
    cache.clear()


def link(town: Town, username: str, subject: str, provider: Provider) -> None:
    Identity.objects.create(
        agency=town.agency,
        user=town.users[username],
        issuer=provider.issuer,
        subject=subject,
        linked_by="Carl Cole",
        linked_at=timezone.now(),
    )


def went_to(answer: Any) -> str:
    """The provider's address that a page sends the browser to."""
    found = re.search(r'url=([^"]+)"', answer.content.decode())
    assert found, answer.content.decode()
    return html.unescape(found[1])


def comes_back(client: Client, provider: Provider, subject: str = "o-1", path: str = BEGIN) -> Any:
    """Go to the provider, sign in there, and take its answer back."""
    data = {"acknowledged": "on"} if path == BEGIN else {"next": "/me/factors/"}
    back = urlsplit(provider.signed_in(went_to(client.post(path, data)), subject))
    assert back.path == "/login/with/barstow-pd/return/"
    return client.get(f"{back.path}?{back.query}")


def why_refused() -> str:
    return str(AuditRecord.objects.filter(verb="accounts.session.refused").latest("id").detail["why"])


def test_a_linked_identity_opens_the_account_with_our_own_second_factor(
    provider: Provider, client: Client
) -> None:
    assert comes_back(client, provider)["Location"] == SECOND_FACTOR
    assert not LoginSession.objects.exists()
    assert give_code(client, "ortiz") == "/"
    assert client.get(reverse("hotlists:list")).status_code == HTTPStatus.OK
    opened = AuditRecord.objects.get(verb="accounts.session.opened")
    told = (opened.username, opened.detail["way"], opened.detail["factor"], opened.detail["banner"])
    assert told == ("ortiz", "provider", "APP", "acknowledged")


def test_the_providers_factor_counts_only_where_the_agency_says_which(
    provider: Provider, client: Client, configure: Configure
) -> None:
    configure(factor_amr='["hwk"]')
    assert comes_back(client, provider)["Location"] == SECOND_FACTOR
    provider.amr = ["pwd", "hwk"]
    assert comes_back(client, provider)["Location"] == "/"
    assert LoginSession.objects.get().factor == "PROVIDER"
    assert client.get(reverse("hotlists:list")).status_code == HTTPStatus.OK


def test_acr_counts_the_same_and_is_asked_for(
    provider: Provider, client: Client, configure: Configure
) -> None:
    configure(factor_acr='["phr"]')
    provider.lies = {"acr": "phr"}
    address = went_to(client.post(BEGIN, {"acknowledged": "on"}))
    assert parse_qs(urlsplit(address).query)["acr_values"] == ["phr"]
    assert comes_back(client, provider)["Location"] == "/"


def test_nobody_goes_to_the_provider_without_acknowledging_the_notice(
    provider: Provider, client: Client
) -> None:
    assert client.post(BEGIN).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not provider.asked


def test_provider_is_named_for_its_agency_only(provider: Provider, client: Client) -> None:
    del provider
    assert f"Barstow PD: {NAME}" in client.get("/login/").content.decode()
    for agency in ("huntington-park-pd", "nowhere"):
        assert client.get(f"/login/with/{agency}/").status_code == HTTPStatus.NOT_FOUND
        assert client.get(f"/login/with/{agency}/return/").status_code == HTTPStatus.NOT_FOUND


LIES: dict[str, tuple[dict[str, Any], str]] = {
    "nonce": ({"nonce": "another"}, "nonce"),
    "no nonce": ({"nonce": None}, "nonce"),
    "audience": ({"aud": "another"}, "aud"),
    "another party": ({"azp": "another"}, "another party"),
    "many parties": ({"aud": ["plateward", "another"]}, "another party"),
    "issuer": ({"iss": "https://evil.example"}, "iss"),
    "expired": ({"exp": 1_700_000_000}, "expired"),
    "no end": ({"exp": None}, "exp"),
    "made later": ({"iat": 4_000_000_000}, "in the future"),
    "made before": ({"iat": 1_700_000_000}, "prove anew"),
    "no subject": ({"sub": None}, "sub"),
    "no time of log-in": ({"auth_time": None}, "auth_time"),
    "an old log-in": ({"auth_time": 1_700_000_000}, "prove anew"),
    "a time that is none": ({"auth_time": "now"}, "none"),
}


@pytest.mark.parametrize("lie", LIES)
def test_token_that_does_not_fit_opens_nothing(provider: Provider, client: Client, lie: str) -> None:
    provider.lies, said = LIES[lie]
    answer = comes_back(client, provider)
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert said in why_refused()
    assert why_refused() not in answer.content.decode()
    assert not LoginSession.objects.exists()


def test_only_the_providers_own_signature_counts(provider: Provider, client: Client) -> None:
    comes_back(client, provider)
    for alg in ("none", "RS512", "PS256"):
        provider.alg = alg
        assert comes_back(client, provider).status_code == HTTPStatus.FORBIDDEN, alg
        assert "token refused" in why_refused()
    published, provider.alg = provider.key.as_dict(private=False), "RS256"
    provider.key = RSAKey.generate_key(2048, {"kid": "first"})
    provider.key.as_dict = lambda **_: published  # type: ignore[method-assign]  # what it publishes is another's
    assert comes_back(client, provider).status_code == HTTPStatus.FORBIDDEN


def test_keys_are_kept_and_new_ones_are_found(provider: Provider, client: Client) -> None:
    comes_back(client, provider)
    comes_back(client, provider)
    assert provider.calls == ["/.well-known/openid-configuration", "/keys"]
    provider.key, provider.alg = ECKey.generate_key("P-256", {"kid": "second"}), "ES256"
    assert comes_back(client, provider)["Location"] == SECOND_FACTOR
    assert provider.calls[2:] == ["/keys"]


def test_clocks_may_differ_by_a_minute(provider: Provider, client: Client) -> None:
    now = int(timezone.now().timestamp())
    provider.lies = {"iat": now + 40, "auth_time": now - 40, "exp": now - 20}
    assert comes_back(client, provider)["Location"] == SECOND_FACTOR


def test_answer_counts_once_and_only_in_the_browser_that_asked(provider: Provider, client: Client) -> None:
    back = urlsplit(provider.signed_in(went_to(client.post(BEGIN, {"acknowledged": "on"})), "o-1"))
    stranger = Client()
    assert stranger.get(f"{back.path}?{back.query}").status_code == HTTPStatus.FORBIDDEN
    assert not AuditRecord.objects.filter(verb="accounts.session.refused").exists()
    stranger.post(BEGIN, {"acknowledged": "on"})
    assert stranger.get(f"{back.path}?{back.query}").status_code == HTTPStatus.FORBIDDEN
    assert why_refused() == "wrong state"
    assert client.get(f"{back.path}?{back.query}")["Location"] == SECOND_FACTOR
    assert client.get(f"{back.path}?{back.query}").status_code == HTTPStatus.FORBIDDEN


def test_unlinked_identity_is_refused_and_the_journal_says_which(provider: Provider, client: Client) -> None:
    answer = comes_back(client, provider, "nobody-7")
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "nobody-7" not in answer.content.decode()
    row = AuditRecord.objects.filter(verb="accounts.session.refused").latest("id")
    assert (row.agency, row.detail["why"], row.detail["identity"]) == (
        "barstow-pd",
        "unlinked identity",
        "nobody-7",
    )
    assert not User.objects.filter(username__contains="nobody").exists()


def test_identity_of_another_agencys_person_opens_nothing_here(
    provider: Provider, huntington_park: Town, client: Client
) -> None:
    link(huntington_park, "hart", "h-1", provider)
    assert comes_back(client, provider, "h-1").status_code == HTTPStatus.FORBIDDEN
    assert why_refused() == "unlinked identity"


@pytest.mark.parametrize(
    ("change", "why"),
    [({"state": "SUSPENDED"}, "inactive account"), ({"locked_at": timezone.now()}, "locked account")],
)
def test_suspended_or_locked_account_stays_shut(
    provider: Provider, client: Client, change: dict[str, Any], why: str
) -> None:
    User.objects.filter(username="ortiz").update(**change)
    assert comes_back(client, provider).status_code == HTTPStatus.FORBIDDEN
    assert why_refused() == why


def test_training_keeps_out_whoever_the_provider_lets_through(
    provider: Provider, barstow: Town, client: Client
) -> None:
    link(barstow, "ruiz", "r-1", provider)
    assert comes_back(client, provider, "r-1")["Location"] == SECOND_FACTOR
    give_code(client, "ruiz")
    assert client.get(reverse("hotlists:list")).status_code == HTTPStatus.FORBIDDEN


def test_without_any_second_factor_only_the_time_to_set_one_up_opens(
    provider: Provider, client: Client
) -> None:
    Factor.objects.filter(user__username="ortiz").delete()
    User.objects.filter(username="ortiz").update(enroll_until_at=timezone.now() - timedelta(hours=1))
    assert comes_back(client, provider).status_code == HTTPStatus.FORBIDDEN
    assert why_refused() == "no second factor"
    User.objects.filter(username="ortiz").update(enroll_until_at=timezone.now() + timedelta(hours=1))
    assert comes_back(client, provider)["Location"] == "/"
    shown = client.get(reverse("home"), follow=True)
    assert shown.redirect_chain[-1][0] == reverse("accounts:factors")
    assert 'aria-label="Main"' not in shown.content.decode()


def test_provider_that_is_down_points_to_the_password_where_it_counts(
    provider: Provider, client: Client, configure: Configure
) -> None:
    provider.is_down = True
    answer = client.post(BEGIN, {"acknowledged": "on"})
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "Use your password" in answer.content.decode()
    configure(issuer='"http://127.0.0.1:9"', passwords="false")
    answer = client.post(BEGIN, {"acknowledged": "on"})
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "Use your password" not in answer.content.decode()


def test_where_passwords_do_not_count_a_linked_person_comes_in_by_the_provider_only(
    provider: Provider, client: Client, configure: Configure
) -> None:
    configure(passwords="false")
    form = {"username": "ortiz", "password": PASSWORD, "acknowledged": "on"}
    assert client.post("/login/", form).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "provider only" in why_refused()
    assert client.post("/login/", {**form, "username": "soto"})["Location"] == SECOND_FACTOR
    assert comes_back(Client(), provider)["Location"] == SECOND_FACTOR


def test_a_password_that_is_a_year_old_is_not_asked_of_those_who_use_the_provider(
    provider: Provider, client: Client
) -> None:
    User.objects.update(password_changed_at=timezone.now() - timedelta(days=400))
    comes_back(client, provider)
    give_code(client, "ortiz")
    assert client.get(reverse("hotlists:list")).status_code == HTTPStatus.OK


def test_provider_unlocks_a_session_and_makes_it_fresh(provider: Provider, login: Login) -> None:
    ortiz = login("ortiz")
    old = timezone.now() - timedelta(minutes=40)
    LoginSession.objects.update(active_at=old, proved_at=old)
    locked = ortiz.get("/me/factors/")["Location"]
    assert NAME in ortiz.get(locked).content.decode()
    assert comes_back(ortiz, provider, path=AGAIN)["Location"] == SECOND_FACTOR
    assert give_code(ortiz, "ortiz") == "/me/factors/"
    LoginSession.objects.update(proved_at=old)
    assert NAME in ortiz.get(ortiz.get("/me/factors/")["Location"]).content.decode()
    comes_back(ortiz, provider, path=AGAIN)
    give_code(ortiz, "ortiz")
    assert ortiz.get("/me/factors/").status_code == HTTPStatus.OK
    verbs = AuditRecord.objects.filter(username="ortiz").order_by("id").values_list("verb", flat=True)
    assert [verb for verb in verbs if "session" in verb] == [
        "accounts.session.unlocked",
        "accounts.session.proved",
    ]


def test_somebody_elses_identity_unlocks_nothing(provider: Provider, barstow: Town, login: Login) -> None:
    link(barstow, "soto", "s-1", provider)
    assert comes_back(login("ortiz"), provider, "s-1", AGAIN).status_code == HTTPStatus.FORBIDDEN
    assert why_refused() == "identity of another than the session"


def test_nobody_confirms_without_a_session(provider: Provider, client: Client) -> None:
    del provider
    assert client.post(AGAIN)["Location"] == reverse("accounts:login")


def test_password_alone_confirms_nothing_where_the_provider_gave_the_only_factor(
    provider: Provider, client: Client, configure: Configure
) -> None:
    configure(factor_amr='["hwk"]')
    provider.amr = ["hwk"]
    Factor.objects.filter(user__username="ortiz").delete()
    comes_back(client, provider)
    LoginSession.objects.update(proved_at=timezone.now() - timedelta(minutes=20))
    prove = client.get("/me/factors/")["Location"]
    assert "Password" not in client.get(prove).content.decode()
    client.post(prove, {"password": PASSWORD})
    assert client.get("/me/factors/")["Location"] == prove
    provider.amr = ["pwd"]
    assert comes_back(client, provider, path=AGAIN).status_code == HTTPStatus.FORBIDDEN
    assert why_refused() == "no second factor"
    provider.amr = ["hwk"]
    assert comes_back(client, provider, path=AGAIN)["Location"] == "/me/factors/"


def test_account_manager_links_and_unlinks(provider: Provider, barstow: Town, login: Login) -> None:
    cole, soto = login("cole"), barstow.users["soto"]
    page = reverse("accounts:act", args=[soto.pk, "link"])
    taken = cole.post(page, {"subject": "o-1"})
    assert "linked to another account" in taken.content.decode()
    cole.post(page, {"subject": "s-1"})
    assert "s-1" in cole.get(reverse("accounts:account", args=[soto.pk])).content.decode()
    assert comes_back(Client(), provider, "s-1")["Location"] == SECOND_FACTOR
    login("soto")
    cole.post(reverse("accounts:act", args=[soto.pk, "unlink"]), {"reason": "Another identity"})
    assert not LoginSession.objects.filter(user=soto).exists()
    assert comes_back(Client(), provider, "s-1").status_code == HTTPStatus.FORBIDDEN
    verbs = AuditRecord.objects.filter(verb__startswith="accounts.identity").order_by("id")
    assert [(row.verb, row.username, row.detail["identity"]) for row in verbs] == [
        ("accounts.identity.linked", "cole", "s-1"),
        ("accounts.identity.unlinked", "cole", "s-1"),
    ]


def test_linking_is_privileged_and_never_ones_own(provider: Provider, barstow: Town, login: Login) -> None:
    del provider
    cole = login("cole")
    own = cole.post(reverse("accounts:act", args=[barstow.users["cole"].pk, "link"]), {"subject": "c-1"})
    assert own.status_code == HTTPStatus.FORBIDDEN
    page = reverse("accounts:act", args=[barstow.users["soto"].pk, "link"])
    assert login("ortiz").post(page, {"subject": "s-1"}).status_code == HTTPStatus.FORBIDDEN
    LoginSession.objects.update(proved_at=timezone.now() - timedelta(hours=1))
    assert cole.post(page, {"subject": "s-1"})["Location"].startswith("/me/prove/")
    assert not Identity.objects.filter(subject__in=["c-1", "s-1"]).exists()


def test_deactivation_takes_the_identity_away(provider: Provider, barstow: Town, login: Login) -> None:
    del provider
    login("cole").post(
        reverse("accounts:act", args=[barstow.users["ortiz"].pk, "deactivate"]), {"reason": "Left"}
    )
    assert not Identity.objects.exists()
    assert AuditRecord.objects.filter(verb="accounts.identity.unlinked").exists()
