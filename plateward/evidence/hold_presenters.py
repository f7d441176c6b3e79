"""What the pages of other subjects show of holds."""

from collections.abc import Iterator

from django.urls import reverse

from plateward.evidence.holding import holds_of
from plateward.evidence.package_models import Package
from plateward.evidence.package_rules import PackageState
from plateward.governance.actor import Actor
from plateward.reads.beside import Line
from plateward.reads.models import Read


def beside_read(actor: Actor, read: Read) -> Iterator[Line]:
    """What keeps a read from being purged, and the ways to hold it and to pack it."""
    if not actor.may("evidence.hold"):
        return
    for hold in holds_of(read):
        yield Line(
            f"Held by {str(hold).lower()}: {hold.get_state_display()}",
            reverse("evidence:hold", args=[hold.pk]),
        )
    for package in Package.objects.filter(state=PackageState.BUILDING.value, packed__read_id=read.id):
        yield Line(
            f"Kept while package {package.name} is being built",
            reverse("evidence:package", args=[package.pk]),
        )
    yield Line("Ask for a hold", f"{reverse('evidence:new-hold')}?read={read.id}", is_act=True)
    if actor.may("evidence.package"):
        yield Line("Pack as evidence", f"{reverse('evidence:new-package')}?read={read.id}", is_act=True)
