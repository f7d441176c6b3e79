"""The request as views above the gate see it."""

from django.http import HttpRequest

from plateward.accounts.models import User
from plateward.governance.actor import Actor


class ActorRequest(HttpRequest):
    """A request that passed the gate: `actor` is the person behind it, `user` their account."""

    actor: Actor
    user: User
