"""API tokens for tests, made through the product's own action."""

from datetime import datetime

from django.test import Client

from plateward.api import actions
from plateward.api.models import Token
from plateward.api.rules import CAPABILITIES
from tests.personas import Town

PURPOSE = "stolen-plate"
REASON = "Plate taken overnight from the lot"


def made(
    town: Town, username: str, now: datetime, purpose: str = PURPOSE, *capabilities: str
) -> tuple[Token, Client]:
    """A token of this person and a client that sends it."""
    actor = town.actor(username, now)
    opened = capabilities or [one for one in CAPABILITIES if actor.may(one)]
    token, text = actions.make_token(
        by=actor, use="Looks up calls", purpose=purpose, capabilities=opened, days=7, now=now
    )
    return Token.objects.get(pk=token.pk), Client(headers={"Authorization": f"Bearer {text}"})
