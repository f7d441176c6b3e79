"""The transfer log: what of a unit's spool arrived, what is missing, what was thinned (B-466.5, H-426.4)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from plateward.audit.who import Who
from plateward.policy import enforces
from plateward.units import queries, rules
from plateward.units.actions import record
from plateward.units.models import Spool, ThinnedPictures, Unit
from plateward.units.rules import Gone
from plateward.unitwire.calls import Given, Thinned, TransferReport

UNIT = Who.system("unit")


@enforces("B-466.5", "H-426.4")
@transaction.atomic
def announce(*, unit: Unit, report: TransferReport, now: datetime) -> Spool:
    """Keep how far a spool goes and what was thinned; put on record what of it has arrived.

    Sent again it changes nothing. A number lower than the one announced before does not lower that.
    """
    Unit.objects.select_for_update().get(pk=unit.pk)
    spool, _ = Spool.objects.get_or_create(
        device_id=unit.device_id,
        spool=report.spool,
        defaults={"agency_id": unit.agency_id, "announced_at": now, "first_at": now},
    )
    spool.announced, spool.announced_at = max(spool.announced, report.highest_sequence), now
    _fold(spool, now)
    spool.save()
    for what, verb in _VERBS.items():
        if new := [one for one in report.thinned if one.what == what]:
            _put_on_record(unit, spool, verb, _kept(spool, new, now), now)
    return spool


_VERBS: Final[Mapping[Given, str]] = {
    "pictures": "units.pictures.thinned",
    "read": "units.reads.lost",
    "number": "units.reads.renumbered",
}


def _put_on_record(
    unit: Unit, spool: Spool, verb: str, new: Sequence[ThinnedPictures], now: datetime
) -> None:
    if not new:
        return
    record(
        unit.device,
        verb,
        UNIT,
        now,
        name=unit.device.name,
        count=len(new),
        spool=str(spool.spool),
        why=new[0].why,
        of=rules.in_words((new[0].sequence, new[-1].sequence)),
    )


@transaction.atomic
def fold(*, unit: Unit, now: datetime) -> None:
    """Put on record what has arrived of each of a unit's spools."""
    for spool in Spool.objects.select_for_update().filter(device_id=unit.device_id):
        _fold(spool, now)
        spool.save()


def _fold(spool: Spool, now: datetime) -> None:
    received = queries.received_of(spool)
    if list(map(list, received)) != spool.received:
        spool.received, spool.received_at = [list(one) for one in received], now


def _kept(spool: Spool, told: Iterable[Thinned], now: datetime) -> list[ThinnedPictures]:
    known = set(spool.thinned.values_list("sequence", "why"))
    new = {
        (one.sequence, one.why): ThinnedPictures(
            agency_id=spool.agency_id,
            spool=spool,
            sequence=one.sequence,
            what=Gone(one.what.upper()),
            why=one.why,
            thinned_at=one.at,
            told_at=now,
        )
        for one in told
        if (one.sequence, one.why) not in known
    }
    return ThinnedPictures.objects.bulk_create([new[key] for key in sorted(new)])
