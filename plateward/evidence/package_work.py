"""The worker's part in packages: builds what was ordered, and begins anew what ended without a word."""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F

from plateward.audit.exporting import NothingSealedError
from plateward.audit.sealing import StaleKeyError, TamperedTreeError
from plateward.evidence import package_actions
from plateward.evidence.alone import alone
from plateward.evidence.package_building import UnsoundPackageError, pack
from plateward.evidence.package_models import Package
from plateward.evidence.package_rules import MOST_ATTEMPTS, PackageState
from plateward.evidence.packing import ReadGoneError
from plateward.governance.actor import Actor
from plateward.governance.queries import actor_for
from plateward.hotlists.room import NO_ROOM, is_disc_full
from plateward.policy import Refused
from plateward.reads.store import PictureUnavailableError
from plateward.vault.envelope import UnopenableError
from plateward.vault.masters import MasterKeyError
from plateward.walls import scope

log = logging.getLogger(__name__)

GIVEN_UP_AFTER: Final = timedelta(days=1)

_JOURNAL: Final = (NothingSealedError, TamperedTreeError, StaleKeyError)
_ENDS: Final = (
    *_JOURNAL,
    ReadGoneError,
    PictureUnavailableError,
    UnsoundPackageError,
    UnopenableError,
    MasterKeyError,
    OSError,
)
"""What ends a build with a reason that a person can do something about."""


def make(*, package: Package, by: Actor, now: datetime) -> Package:
    """Build what was ordered, unless somebody does; returns it as it stands then.

    A build that ends without a word leaves nothing but the state BUILDING, and is begun anew from there.
    """
    with alone(f"evidence.package {package.pk}") as is_alone:
        package.refresh_from_db()
        if is_alone and package.state == PackageState.BUILDING:
            return _made(package, by, now)
    return package


def _made(package: Package, by: Actor, now: datetime) -> Package:
    row = Package.objects.filter(pk=package.pk)
    if package.attempts >= MOST_ATTEMPTS:
        why = "It was begun several times and never ended; the worker's log says why. Tell the I.T. manager."
        return package_actions.package_failed(package=package, why=why, by=by, now=now)
    row.update(attempts=F("attempts") + 1, worked_at=now)
    try:
        by.require(package_actions.CAPABILITY)
        built = pack(package=package, by=by, now=now, progress=lambda count: row.update(read_count=count))
    except (Refused, *_ENDS) as error:
        log.warning("Package %s was not built: %s", package.pk, error)
        return package_actions.package_failed(package=package, why=told(error), by=by, now=now)
    return package_actions.package_built(package=package, built=built, by=by, now=now)


def told(error: Exception) -> str:
    """What went wrong and what to do, for the page and the journal."""
    if isinstance(error, Refused):
        return f"{error.decision.reason} {error.decision.remedy} ({error.decision.clause})"
    if is_disc_full(error):
        return f"{NO_ROOM}, then order it again."
    if isinstance(error, OSError):
        return f"A file could not be written or read: {error.strerror or error}. Have the I.T. manager look."
    if isinstance(error, _JOURNAL):
        return f"The journal cannot be sealed, so nothing could be proved: {error} See “plateward verify”."
    return str(error)


def work_waiting(*, now: datetime) -> int:
    """Build every package that waits, of each agency; returns how many."""
    with scope.as_system("Packages wait in every agency."):
        waiting = list(Package.objects.filter(state=PackageState.BUILDING).order_by("ordered_at"))
    done = 0
    for package in waiting:
        with scope.as_agency(package.agency_id):
            done += _tried(package, now)
    return done


def _tried(package: Package, now: datetime) -> bool:
    """Build one package; whatever goes wrong with it holds up no other. True when it is settled."""
    try:
        by = actor_for(package.ordered_by, at=now, address=package.asked_from)
        return make(package=package, by=by, now=now).state != PackageState.BUILDING
    except Exception:  # a fault of ours, or an agency without a policy: it is tried again, five times
        log.exception("Package %s was not built", package.pk)
        if now - package.ordered_at > GIVEN_UP_AFTER:  # what waits for ever would hold its reads for ever
            why = "It could not be begun for a day; the worker's log says why. Tell the I.T. manager."
            package_actions.package_given_up(package=package, why=why, now=now)
        return False
