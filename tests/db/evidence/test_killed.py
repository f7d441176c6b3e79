"""A worker that is killed (SIGKILL) while it builds: nothing half made is offered, the next ends right."""

import os
import select
import signal
from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from plateward.evidence import (
    disc_actions,
    disc_building,
    disc_work,
    package_actions,
    package_building,
    package_papers,
    package_store,
    package_work,
)
from plateward.evidence.disc_models import Disc
from plateward.evidence.disc_rules import Medium, SetState, WantedDiscs
from plateward.evidence.package_rules import PackageState
from plateward.walls import scope
from tests.packages import built, ordered, photographed
from tests.personas import Town

pytestmark = pytest.mark.django_db(transaction=True)
Patch = tuple[Any, str]


def killed_at(place: Any, name: str, work: Callable[[], object], after: int = 0) -> None:
    """Do the work in a process of its own, which is killed when it comes to this call for the nth time."""
    reached, arrived = os.pipe()
    child = os.fork()
    if not child:
        _work_until(place, name, work, after, arrived)
    os.close(arrived)
    came = select.select([reached], [], [], 60)[0] and os.read(reached, 1)
    os.close(reached)
    os.kill(child, signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert came == b"!", "the worker ended, or hung, before it came to this call"


def _work_until(place: Any, name: str, work: Callable[[], object], after: int, arrived: int) -> NoReturn:
    calls = 0
    actual = getattr(place, name)

    def waits(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > after:
            os.write(arrived, b"!")
            signal.pause()
        return actual(*args, **kwargs)

    try:
        _own_connection(connection)
        package_papers.typeset = _no_paper  # typst's threads are not here, and nobody will see the paper
        setattr(place, name, waits)
        work()
    finally:
        os._exit(1)


def _no_paper(*_: object, **__: object) -> bytes:
    return b"%PDF-1.7"


def _own_connection(inherited: BaseDatabaseWrapper) -> None:
    """A connection of this process: the one it was born with is its parent's, and is left alone."""
    inherited.connection = None
    inherited.connect()
    scope.become_system("A worker of the tests serves every agency.")


@pytest.mark.clause("B-466.5", "H-426.4")
@pytest.mark.parametrize(
    ("place", "name"),
    [
        (package_papers, "papers"),
        (package_building, "read_back"),
        (package_actions, "package_built"),
    ],
    ids=["while it is written", "before it is read back", "before it is said to be built"],
)
def test_a_package_whose_worker_was_killed_is_not_offered_and_is_built_by_the_next(
    barstow: Town, now: datetime, place: Any, name: str
) -> None:
    found = photographed(barstow, now, "8ABC123")
    diaz = barstow.actor("diaz", now)
    package = package_actions.order(by=diaz, wanted=ordered(*found), now=now)
    killed_at(place, name, lambda: package_work.work_waiting(now=now))

    package.refresh_from_db()
    assert (package.state, package.fingerprint) == (PackageState.BUILDING, "")
    with pytest.raises(ValidationError, match="no file to take"):
        package_actions.take(package=package, by=diaz, now=now)

    assert package_work.work_waiting(now=now) == 1
    package.refresh_from_db()
    assert package.state == PackageState.BUILT
    assert [path.name for path in package_store.folder(package).iterdir()] == [package_store.BAG]
    package_building.read_back(package, package.fingerprint)


@pytest.mark.parametrize(
    ("place", "name"),
    [(disc_building, "_sha256_of"), (disc_building.disc_check, "check_image"), (disc_actions, "disc_made")],
    ids=["while it is written", "before it is read back", "before it is said to be made"],
)
def test_a_disc_whose_worker_was_killed_is_not_offered_and_is_made_by_the_next(
    barstow: Town, now: datetime, place: Any, name: str
) -> None:
    package, diaz = built(barstow, now, "8ABC123"), barstow.actor("diaz", now)
    wanted = WantedDiscs(medium=Medium.CD)
    discs, _ = disc_actions.order_discs(package=package, wanted=wanted, by=diaz, now=now)
    killed_at(place, name, lambda: disc_work.work_waiting(now=now))

    discs.refresh_from_db()
    assert (discs.state, Disc.objects.count()) == (SetState.BUILDING, 0)
    assert disc_work.work_waiting(now=now) == 1
    discs.refresh_from_db()
    disc = discs.discs.get()
    assert discs.state == SetState.BUILT
    assert sorted(path.name for path in package_store.folder(package).iterdir()) == [
        package_store.BAG,
        disc.file,
    ]
    with disc_actions.take_image(disc=disc, by=diaz, now=now) as reader:
        assert reader.size == disc.size
