"""The acts on second factors and passwords, for test_every_act."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from django.test import Client

from plateward.accounts import codes, factor_actions
from plateward.accounts.models import Factor, LoginSession, User
from tests.factors import code_of
from tests.keys import SoftKey
from tests.personas import PASSWORD, SETUP, open_session
from tests.stage import Act, Stage


def with_session(s: Stage) -> LoginSession:
    open_session(Client(), "ortiz")
    return LoginSession.objects.get(user=s.town.users["ortiz"])


def give_app_act(s: Stage) -> Act:
    return lambda: factor_actions.give_app(
        user=s.town.users["ortiz"], secret=b"s" * 20, name="Tablet", **s.setup
    )


def add_app(s: Stage) -> Act:
    opened = with_session(s)
    given = {"sealed": codes.seal(b"s" * 20, str(opened.user_id)), "code": code_of(b"s" * 20, at=s.now)}
    return lambda: factor_actions.add_app(session=opened, name="Tablet", **given, **s.setup)


def add_key(s: Stage) -> Act:
    opened = with_session(s)
    state, answer = SoftKey().made_for(opened.user)
    return lambda: factor_actions.add_key(session=opened, state=state, answer=answer, name="Key", **s.setup)


def remove_factor(s: Stage) -> Act:
    opened = with_session(s)
    tablet = give_app_act(s)()
    assert isinstance(tablet, Factor)
    return lambda: factor_actions.remove_factor(session=opened, factor_id=tablet.pk, **s.setup)


def renew_recovery_codes(s: Stage) -> Act:
    opened = with_session(s)
    return lambda: factor_actions.renew_recovery_codes(session=opened, **s.setup)


def take_recovery_code(s: Stage) -> Act:
    opened = with_session(s)
    given = factor_actions.renew_recovery_codes(session=opened, **s.setup)[0]
    return lambda: factor_actions.take_recovery_code(user=opened.user, code=given, **s.setup)


def compare_password(s: Stage) -> Act:
    later = s.now + timedelta(days=90)
    return lambda: factor_actions.compare_password(
        user=User.objects.get(username="ortiz"), password=PASSWORD, by=SETUP, now=later
    )


FACTOR_ACTS: Mapping[str, Callable[[Stage], Act]] = {
    "accounts.add_app": add_app,
    "accounts.add_key": add_key,
    "accounts.remove_factor": remove_factor,
    "accounts.renew_recovery_codes": renew_recovery_codes,
    "accounts.take_recovery_code": take_recovery_code,
    "accounts.compare_password": compare_password,
    "accounts.give_app": give_app_act,
}
