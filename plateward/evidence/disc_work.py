"""The worker's part in discs: makes the images of what was ordered, and goes on where a killed one ended."""

import logging
from datetime import datetime
from typing import Final

from django.db.models import F

from plateward.evidence import disc_actions
from plateward.evidence.alone import alone
from plateward.evidence.disc_building import DiscMaker
from plateward.evidence.disc_models import DiscSet
from plateward.evidence.disc_rules import DoesNotFitError, SetState
from plateward.evidence.package_actions import CAPABILITY
from plateward.evidence.package_building import UnsoundPackageError
from plateward.evidence.package_models import PackageKey
from plateward.evidence.package_rules import MOST_ATTEMPTS
from plateward.evidence.package_work import GIVEN_UP_AFTER, told
from plateward.governance.actor import Actor
from plateward.governance.queries import actor_for
from plateward.policy import Refused
from plateward.vault.envelope import UnopenableError
from plateward.vault.masters import MasterKeyError
from plateward.walls import scope

log = logging.getLogger(__name__)

_ENDS: Final = (
    DoesNotFitError,
    UnsoundPackageError,
    UnopenableError,
    MasterKeyError,
    PackageKey.DoesNotExist,
    OSError,
    Refused,
)
"""What ends the work with a reason that a person can do something about."""


def make(*, discs: DiscSet, by: Actor, now: datetime) -> DiscSet:
    """Make the images of a set, unless somebody does; returns it as it stands then.

    Each disc counts once it was read back. Work that ends without a word goes on behind the last such disc.
    """
    with alone(f"evidence.discs {discs.pk}") as is_alone:
        discs.refresh_from_db()
        if is_alone and discs.state == SetState.BUILDING:
            return _made(discs, by, now)
    return discs


def _made(discs: DiscSet, by: Actor, now: datetime) -> DiscSet:
    if discs.attempts >= MOST_ATTEMPTS + discs.discs.count():
        why = "It was begun several times and never ended; the worker's log says why. Tell the I.T. manager."
        return disc_actions.discs_failed(discs=discs, why=why, by=by, now=now)
    DiscSet.objects.filter(pk=discs.pk).update(attempts=F("attempts") + 1)
    try:
        by.require(CAPABILITY)
        with DiscMaker(discs) as maker:
            there = set(discs.discs.values_list("number", flat=True))
            for number in range(1, maker.plan.total + 1):
                if number not in there:
                    total, image = maker.plan.total, maker.make(number)
                    disc_actions.disc_made(
                        discs=discs, number=number, total=total, image=image, by=by, now=now
                    )
    except _ENDS as error:
        log.warning("The discs of package %s were not made: %s", discs.package_id, error)
        return disc_actions.discs_failed(discs=discs, why=told(error), by=by, now=now)
    return disc_actions.discs_made(discs=discs, by=by, now=now)


def work_waiting(*, now: datetime) -> int:
    """Make every set that waits, of each agency; returns how many."""
    with scope.as_system("Discs wait in every agency."):
        waiting = list(DiscSet.objects.filter(state=SetState.BUILDING.value).order_by("ordered_at"))
    done = 0
    for discs in waiting:
        with scope.as_agency(discs.agency_id):
            done += _tried(discs, now)
    return done


def _tried(discs: DiscSet, now: datetime) -> bool:
    """Make one set; whatever goes wrong with it holds up no other. True when it is settled."""
    try:
        by = actor_for(discs.ordered_by, at=now, address=discs.asked_from)
        return make(discs=discs, by=by, now=now).state != SetState.BUILDING
    except Exception:  # a fault of ours, or an agency without a policy: it is tried again, five times
        log.exception("The discs of package %s were not made", discs.package_id)
        if now - discs.ordered_at > GIVEN_UP_AFTER:
            why = "It could not be begun for a day; the worker's log says why. Tell the I.T. manager."
            disc_actions.discs_given_up(discs=discs, why=why, now=now)
        return False
