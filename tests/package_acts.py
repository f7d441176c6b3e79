"""Each act on evidence packages, for the test that every act writes its journal row."""

from collections.abc import Callable, Mapping

from plateward.evidence import custody_actions, disc_actions, package_actions
from plateward.evidence.custody_rules import Link, WantedLink
from plateward.evidence.disc_building import Image
from plateward.evidence.disc_models import DiscSet
from plateward.evidence.disc_rules import Medium, WantedDiscs
from plateward.evidence.package_building import Built
from plateward.evidence.package_models import Package
from plateward.evidence.stamping import Stamp
from tests.packages import built, on_discs, ordered, photographed, pressed
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
    package, outcome = waiting(s), Built("f" * 64, 1, 1, 1, 1, 0, Stamp())
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


def waiting_discs(s: Stage) -> DiscSet:
    """A set of discs that was ordered and is not made yet."""
    package = built(s.town, s.now, "8ABC123")
    wanted = WantedDiscs(medium=Medium.CD)
    return disc_actions.order_discs(package=package, wanted=wanted, **s.by("diaz"))[0]


def order_discs(s: Stage) -> Act:
    package = built(s.town, s.now, "8ABC123")
    wanted = WantedDiscs(medium=Medium.CD)
    return lambda: disc_actions.order_discs(package=package, wanted=wanted, **s.by("diaz"))


def disc_made(s: Stage) -> Act:
    discs, image = waiting_discs(s), Image("f" * 64, "e" * 64, 1)
    told = {"discs": discs, "number": 1, "total": 1, "image": image}
    return lambda: disc_actions.disc_made(**told, **s.by("diaz"))


def discs_made(s: Stage) -> Act:
    discs, image = waiting_discs(s), Image("f" * 64, "e" * 64, 1)
    disc_actions.disc_made(discs=discs, number=1, total=1, image=image, **s.by("diaz"))
    return lambda: disc_actions.discs_made(discs=discs, **s.by("diaz"))


def discs_failed(s: Stage) -> Act:
    discs = waiting_discs(s)
    return lambda: disc_actions.discs_failed(discs=discs, why="No room.", **s.by("diaz"))


def discs_given_up(s: Stage) -> Act:
    discs = waiting_discs(s)
    return lambda: disc_actions.discs_given_up(discs=discs, why="No policy.", now=s.now)


def order_discs_again(s: Stage) -> Act:
    discs = disc_actions.discs_failed(discs=waiting_discs(s), why="No room.", **s.by("diaz"))
    return lambda: disc_actions.order_discs_again(discs=discs, **s.by("diaz"))


def take_image(s: Stage) -> Act:
    discs, _ = on_discs(s.town, s.now, built(s.town, s.now, "8ABC123"))
    disc = discs.discs.get()
    return lambda: disc_actions.take_image(disc=disc, **s.by("diaz")).close()


def record_link(s: Stage) -> Act:
    disc = pressed(s.town)
    wanted = WantedLink(kind=Link.BURNED, serial="SN-1", told="Drive 2", happened_at=s.now)
    return lambda: custody_actions.record_link(disc=disc, wanted=wanted, **s.by("diaz"))


PACKAGE_ACTS: Mapping[str, Callable[[Stage], Act]] = {
    "evidence.order": order,
    "evidence.build": build,
    "evidence.package_built": is_built,
    "evidence.package_failed": fail,
    "evidence.order_again": order_again,
    "evidence.package_given_up": give_up,
    "evidence.take": take,
    "evidence.discard": discard,
    "evidence.order_discs": order_discs,
    "evidence.order_discs_again": order_discs_again,
    "evidence.disc_made": disc_made,
    "evidence.discs_made": discs_made,
    "evidence.discs_failed": discs_failed,
    "evidence.discs_given_up": discs_given_up,
    "evidence.take_image": take_image,
    "evidence.record_link": record_link,
}
