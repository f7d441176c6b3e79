"""API tokens for tests, made through the product's own action."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.test import Client

from plateward.api import actions, problems
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


def refused(response: HttpResponse, kind: problems.Kind) -> dict[str, Any]:
    """The problem, after checking that it is this one and says what to do."""
    assert response.status_code == kind.status, response.content
    assert response["Content-Type"] == problems.MEDIA_TYPE
    told: dict[str, Any] = response.json()
    assert told["type"] == f"/api/#{kind.slug}"
    assert told["what_to_do"]
    return told
