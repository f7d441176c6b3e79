"""Each act on evidence packages, for the test that every act writes its journal row."""

from collections.abc import Callable, Mapping

from plateward.evidence import disc_actions, package_actions
from plateward.evidence.disc_rules import Link, Medium
from plateward.evidence.package_building import Built
from plateward.evidence.package_models import Package
from tests.packages import built, ordered, photographed, pressed
from tests.stage import Act, Stage


def waiting(s: Stage) -> Package:
    """A package that was ordered and is not built yet."""
    found = photographed(s.town, s.now, "8ABC123")
    return package_actions.order(wanted=ordered(*found), **s.by("diaz"))


def order(s: Stage) -> Act:
    found = photographed(s.town, s.now, "8ABC123")
    return lambda: package_actions.order(wanted=ordered(*found), **s.by("diaz"))


def build(s: Stage) -> Act:
    found = photographed(s.town, s.now, "8ABC123")
    return lambda: package_actions.build(wanted=ordered(*found), **s.by("diaz"))


def is_built(s: Stage) -> Act:
    package, outcome = waiting(s), Built("f" * 64, 1, 1, 1, 1, 0)
    return lambda: package_actions.package_built(package=package, built=outcome, **s.by("diaz"))


def fail(s: Stage) -> Act:
    package = waiting(s)
    return lambda: package_actions.package_failed(package=package, why="No room.", **s.by("diaz"))


def give_up(s: Stage) -> Act:
    package = waiting(s)
    return lambda: package_actions.package_given_up(package=package, why="No policy.", now=s.now)


def order_again(s: Stage) -> Act:
    package = package_actions.package_failed(package=waiting(s), why="No room.", **s.by("diaz"))
    return lambda: package_actions.order_again(package=package, **s.by("diaz"))


def take(s: Stage) -> Act:
    package = built(s.town, s.now, "8ABC123")
    return lambda: package_actions.take(package=package, **s.by("diaz")).close()


def discard(s: Stage) -> Act:
    package = built(s.town, s.now, "8ABC123")
    return lambda: package_actions.discard(package=package, because="Booked as 26-7.", **s.by("diaz"))


def make_discs(s: Stage) -> Act:
    package = built(s.town, s.now, "8ABC123")
    return lambda: disc_actions.make_discs(package=package, medium=Medium.CD, **s.by("diaz"))


def take_image(s: Stage) -> Act:
    package = built(s.town, s.now, "8ABC123")
    (disc,) = disc_actions.make_discs(package=package, medium=Medium.CD, **s.by("diaz"))
    return lambda: disc_actions.take_image(disc=disc, **s.by("diaz")).close()


def record_link(s: Stage) -> Act:
    disc = pressed(s.town)
    told = {"serial": "SN-1", "told": "Drive 2", "is_verified": False, "happened_at": s.now}
    return lambda: disc_actions.record_link(disc=disc, kind=Link.BURNED, **told, **s.by("diaz"))


PACKAGE_ACTS: Mapping[str, Callable[[Stage], Act]] = {
    "evidence.order": order,
    "evidence.build": build,
    "evidence.package_built": is_built,
    "evidence.package_failed": fail,
    "evidence.order_again": order_again,
    "evidence.package_given_up": give_up,
    "evidence.take": take,
    "evidence.discard": discard,
    "evidence.make_discs": make_discs,
    "evidence.take_image": take_image,
    "evidence.record_link": record_link,
}
