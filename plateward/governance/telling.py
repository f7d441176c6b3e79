"""Whom a notice is for, when it is for whoever may do something."""

from collections.abc import Collection, Iterator
from datetime import datetime

from plateward.accounts.queries import people_of
from plateward.accounts.rules import AccountState
from plateward.governance.queries import actor_for
from plateward.notices.rules import Addressee, to_person, to_position
from plateward.policy import Profile


def told(
    profile: Profile, agency: str, capabilities: Collection[str], now: datetime
) -> Iterator[tuple[Addressee, frozenset[str]]]:
    """Positions with any of these capabilities, then people who have one without such a position.

    Each with those of them that it has.
    """
    wanted = frozenset(capabilities)
    offices = {
        name: wanted.intersection(office.capabilities.settled or ())
        for name, office in profile.positions.items()
    }
    telling = {name: held for name, held in offices.items() if held}
    yield from ((to_position(name), held) for name, held in telling.items())
    for user in people_of(agency).filter(state=AccountState.ACTIVE):
        actor = actor_for(user, at=now)
        held = frozenset(filter(actor.may, wanted))
        if held and telling.keys().isdisjoint(actor.positions):
            yield to_person(user.pk, user.full_name), held
