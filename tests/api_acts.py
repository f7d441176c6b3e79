"""The acts on API tokens, for test_every_act."""

from collections.abc import Callable, Mapping

from plateward.api import actions
from tests.stage import Act, Stage
from tests.tokens import PURPOSE, made


def make_token(s: Stage) -> Act:
    return lambda: actions.make_token(
        use="Looks up calls", purpose=PURPOSE, capabilities=["search.run"], days=7, **s.by("ortiz")
    )


def revoke_token(s: Stage) -> Act:
    token, _ = made(s.town, "ortiz", s.now)
    return lambda: actions.revoke_token(token_id=token.pk, **s.by("ortiz"))


def refuse_token(s: Stage) -> Act:
    token, _ = made(s.town, "ortiz", s.now)
    return lambda: actions.refuse_token(token=token, why="It has expired.", address="192.0.2.1", now=s.now)


API_ACTS: Mapping[str, Callable[[Stage], Act]] = {
    "api.make_token": make_token,
    "api.revoke_token": revoke_token,
    "api.refuse_token": refuse_token,
}
