"""The acts on identities at an agency's provider, for test_every_act."""

from collections.abc import Callable, Mapping

from django.test import override_settings

from plateward.accounts import identity_actions, session_actions
from plateward.accounts.models import Identity
from plateward.accounts.providers import Provider
from tests.stage import Act, Stage

PROVIDER = Provider(
    agency="barstow-pd",
    name="City account",
    issuer="https://login.city.example",
    client_id="plateward",
    client_secret="secret",
)


def link_identity(s: Stage) -> Act:
    def act() -> None:
        with override_settings(LOGIN_PROVIDERS={"barstow-pd": PROVIDER}):
            identity_actions.link_identity(user=s.town.users["ortiz"], subject="o-1", **s.by("cole"))

    return act


def linked(s: Stage) -> None:
    Identity.objects.create(
        agency=s.town.agency,
        user=s.town.users["ortiz"],
        issuer=PROVIDER.issuer,
        subject="o-1",
        linked_by="Carl Cole",
        linked_at=s.now,
    )


def unlink_identity(s: Stage) -> Act:
    linked(s)
    return lambda: identity_actions.unlink_identity(
        user=s.town.users["ortiz"], reason="A new one.", **s.by("cole")
    )


def forget_identities(s: Stage) -> Act:
    linked(s)
    return lambda: identity_actions.forget_identities(
        user=s.town.users["ortiz"], reason="Left.", profile_version="", **s.setup
    )


def refuse_identity(s: Stage) -> Act:
    return lambda: session_actions.refuse_identity(
        agency="barstow-pd", user=None, why="unlinked identity", address="127.0.0.1", now=s.now
    )


IDENTITY_ACTS: Mapping[str, Callable[[Stage], Act]] = {
    "accounts.link_identity": link_identity,
    "accounts.unlink_identity": unlink_identity,
    "accounts.forget_identities": forget_identities,
    "accounts.refuse_identity": refuse_identity,
}
