"""Second factors of the people in the tests: everybody has an app whose codes the tests compute."""

import base64
import hashlib
import re
from datetime import datetime

from django.test import Client
from django.utils import timezone

from plateward.accounts import codes, factor_actions
from plateward.accounts.factor_rules import CODE_LASTS_S, FactorKind
from plateward.accounts.models import Factor, User
from plateward.audit.who import Who

SECOND_FACTOR = "/login/second-factor/"


def secret_of(username: str) -> bytes:
    """The secret of this person's app."""
    return hashlib.sha1(username.encode(), usedforsecurity=False).digest()


def give_app(user: User, now: datetime) -> Factor:
    """Let the person have set an app up."""
    by = Who.system("tests")
    return factor_actions.give_app(user=user, secret=secret_of(user.username), name="Phone", by=by, now=now)


def code_of(secret: bytes, *, later: int = 0, at: datetime | None = None) -> str:
    """What an app shows now, or so many codes later."""
    return codes.code_at(secret, int((at or timezone.now()).timestamp()) // CODE_LASTS_S + later)


def fresh_code(username: str, secret: bytes = b"") -> str:
    """A code of the person's app that opens, as if time had gone on since the last one was used."""
    Factor.objects.filter(user__username=username, kind=FactorKind.APP).update(counter=0)
    return code_of(secret or secret_of(username))


def secret_shown(text: str) -> bytes:
    """The secret that a page shows for typing."""

    found = re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", text)
    assert found, text
    return base64.b32decode(found[0].replace(" ", ""))


def give_code(client: Client, username: str) -> str:
    """Give the second factor on its page; where it leads."""
    return client.post(SECOND_FACTOR, {"code": fresh_code(username)})["Location"]


def enroll_app(client: Client) -> list[str]:
    """Set up an app on its page; the recovery codes that are shown for it."""
    page = "/me/factors/app/"
    secret = secret_shown(client.get(page).content.decode())
    made = client.post(page, {"name": "Phone", "code": code_of(secret)})
    return re.findall(r">([a-z2-9]{5}-[a-z2-9]{5})<", made.content.decode())
