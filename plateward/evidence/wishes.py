"""Which reads a package is to hold."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Final, NamedTuple
from uuid import UUID

from plateward.alerts.models import Alert, Hit
from plateward.evidence import holding
from plateward.evidence.hold_models import Hold
from plateward.evidence.package_rules import UnusableWishError, Wanted
from plateward.evidence.seeing import held_among
from plateward.reads.models import Read
from plateward.reads.rules import captured_at_of
from plateward.walls import scope

_AT_ONCE: Final = 1_000


class Chosen(NamedTuple):
    """What of a read an order needs to know."""

    captured_at: datetime
    id: UUID
    plate: str


def chosen(agency: str, wanted: Wanted, before: Sequence[UUID] = ()) -> list[Chosen]:
    """The agency's reads that are wanted, the first captured first; `before` are those ordered once already.

    Of alerts and of a hold those that are there now. Raises UnusableWishError where there is none at all,
    and Read.DoesNotExist, Alert.DoesNotExist, Hold.DoesNotExist for what is named and not there, also for
    another agency's.
    """
    named = set(before) or set(wanted.reads)
    others = set() if before else _of_alerts(agency, wanted.alerts) | _of_hold(agency, wanted.hold)
    found = sorted(_seen_or_held(agency, named | others))
    if gone := named - {one.id for one in found}:
        raise Read.DoesNotExist(f"{len(gone):,} of the reads are not there, or were destroyed.")
    if not found:
        raise UnusableWishError("There is no read to be packed: none was made, or they were destroyed.")
    return found


def _seen_or_held(agency: str, ids: Collection[UUID]) -> list[Chosen]:
    """Those of the reads that are there, also what is deleted logically and held.

    Raises UnusableWishError where one is deleted logically and nobody holds it: it is not left out silently.
    """
    seen = list(_found(agency, ids))
    if not scope.told().hidden:
        return seen
    with scope.beyond("A package must not lack what is deleted logically and held."):
        there = list(_found(agency, ids))
    hidden = set(there) - set(seen)
    if hidden and (loose := {one.id for one in hidden} - held_among(agency, [one.id for one in hidden])):
        raise UnusableWishError(
            f"{len(loose):,} of the reads are deleted logically and not held. If they are evidence, have "
            "them held first; what is held can be packed."
        )
    return there


def _found(agency: str, ids: Collection[UUID]) -> Iterator[Chosen]:
    """Looked up by the times that the ids tell, which prune partitions; some at a time."""
    rest = iter(sorted(ids))
    while many := list(islice(rest, _AT_ONCE)):
        times = [captured_at_of(one) for one in many]
        rows = Read.objects.filter(
            agency_id=agency,
            captured_at__range=(min(times), max(times)),
            captured_at__in=times,
            id__in=many,
        )
        yield from (Chosen(*row) for row in rows.values_list("captured_at", "id", "plate"))


def _of_alerts(agency: str, alerts: Sequence[UUID]) -> set[UUID]:
    """The reads of alerts' hits. Raises Alert.DoesNotExist for an alert that is not the agency's."""
    if Alert.objects.filter(pk__in=alerts, agency_id=agency).count() != len(set(alerts)):
        raise Alert.DoesNotExist("No such alert.")
    return set(Hit.objects.filter(alert_id__in=alerts).values_list("read_id", flat=True))


def _of_hold(agency: str, hold: UUID | None) -> set[UUID]:
    """The reads that a hold covers now. Raises Hold.DoesNotExist for one that is not the agency's."""
    return set(holding.ids_of(Hold.objects.get(pk=hold, agency_id=agency))) if hold else set()
