"""Why our copy of a package has to stay, for the act that would destroy it and the page that offers it."""

from plateward.evidence.booking_rules import discard_problem
from plateward.evidence.copies import booked_keys, copies_of
from plateward.evidence.package_models import Package
from plateward.evidence.package_rules import PackageState
from plateward.governance.actor import Actor


def why_kept(package: Package, by: Actor) -> str:
    """Why this person cannot destroy our copy now, "" for nothing; the screen shows it instead of the act."""
    if package.disc_sets.filter(state="BUILDING").exists():
        return "Discs of this package are being made: wait until they are."
    bookings = list(package.bookings.all())
    if not bookings:
        waits = package.hold is not None and package.hold.is_blocking and package.state == PackageState.BUILT
        return "It waits to be booked into evidence, or for its hold's release." if waits else ""
    if by.user_id in {package.ordered_by_id, *(one.recorded_by_id for one in bookings)}:
        return (
            "What was booked rests on this package: somebody who neither ordered nor booked it destroys our "
            "copy, once they have checked what was booked."
        )
    return discard_problem(by.profile, booked_keys(package), copies_of(package)[package.pk])
