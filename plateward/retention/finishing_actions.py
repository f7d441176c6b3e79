"""The end of a purge: looked at once more, certified, and told to the custodian; and the whole of a run."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import Error, transaction
from django.db.models import Q
from django.urls import reverse

from plateward.audit import actions as audit
from plateward.audit.who import CLOCK
from plateward.evidence.holding import held_condition, lock_holds
from plateward.governance.queries import profile_for
from plateward.notices import actions as notices
from plateward.notices.rules import to_position
from plateward.policy import enforces
from plateward.reads.models import DataKey, Picture
from plateward.reads.store import PictureError, PictureStore
from plateward.retention import (
    certificates,
    destruction,
    picture_actions,
    picture_counts,
    purge_list,
    running_actions,
    standing,
    tidying_actions,
)
from plateward.retention.models import Certificate, HeldRead, Purge
from plateward.retention.purge_actions import span_of
from plateward.retention.rules import PurgeState
from plateward.retention.running_actions import PurgeStoppedError, UnevenError
from plateward.vault.masters import MasterKeyError

log = logging.getLogger(__name__)

CUSTODIAN: Final = "custodian-of-records"
_LOOKS: Final = 5
"""So often partitions are looked at anew for what came meanwhile; the next purge takes what comes later."""


def checked(purge: Purge) -> dict[str, int]:
    """What of the purge's span is left that should be gone; all zero when the purge was whole."""
    span = span_of(purge)
    unheld = {} if purge.pictures_only else destruction.counts(span, _to_go(purge))
    held = HeldRead.objects.filter(purge=purge).values("read_id")
    of_days = Q(
        data_key__agency=purge.agency_id,
        data_key__device__in=purge.devices,
        captured_at__gte=purge.from_at,
        captured_at__lt=purge.until_at,
    )
    keys = DataKey.objects.filter(
        agency_id=purge.agency_id,
        device_id__in=purge.devices,
        captured_date__gte=purge.from_at.date(),
        captured_date__lt=purge.until_at.date(),
        wrapped__isnull=False,
    )
    return {
        "unheld_reads": sum(unheld.values()),
        "pictures": Picture.objects.filter(of_days).exclude(read_id__in=held).count(),
        "living_keys": keys.exclude(
            pk__in=Picture.objects.filter(read_id__in=held).values("data_key")
        ).count(),
    }


# A hold released since this purge looked leaves its reads to the next purge.
_NOT_NOTED: Final = (
    "NOT EXISTS (SELECT FROM retention_heldread AS noted WHERE noted.purge_id = '{}'::uuid "
    "AND noted.captured_at = read.captured_at AND noted.read_id = read.id)"
)


def _told(purge: Purge, told: Mapping[str, Any]) -> Mapping[str, int]:
    """What the journal says of a certificate's figures."""
    total: Mapping[str, int] = told["total"]
    if not purge.pictures_only:
        return total
    return {"pictures": told["pictures"]["purged"], "held": told["pictures"]["held"]}


def _to_go(purge: Purge) -> str:
    """The condition on `read` of what the purge is to destroy."""
    return f"NOT ({held_condition('read')}) AND {_NOT_NOTED.format(purge.pk)}"


_TO_CERTIFY: Final = Q(state=PurgeState.RUNNING) | Q(state=PurgeState.ENDED, done_at=None)


@enforces("CC-1798.90.51", "B-466.5¶2", "H-426.4¶2")
@transaction.atomic
def finish(*, purge_id: UUID, now: datetime) -> Certificate:
    """Look at a purge once more and certify it: purged, held and ingested of each day, to the custodian.

    One that was ended is certified for the days that it did destroy. Raises UnevenError while something is
    left that should be gone.
    """
    purge = Purge.objects.select_for_update().get(_TO_CERTIFY, pk=purge_id)
    lock_holds(purge.agency_id, alone=True)
    found: dict[str, int] = {}
    purge.done_at = now
    if purge.state == PurgeState.RUNNING:
        found = checked(purge)
        if any(found.values()):
            raise UnevenError(f"After the purge there were left: {found}.")
        purge.state, purge.problem = PurgeState.VERIFIED, ""
    profile = profile_for(purge.agency_id, now)
    signatures = standing.schedule(purge.agency_id, profile).signatures
    told = certificates.data(purge, profile, found, signatures)
    data = certificates.as_bytes(told)
    digest = hashlib.sha256(data).hexdigest()
    document = certificates.as_pdf(told, digest, created=now)
    document_digest = hashlib.sha256(document).hexdigest()
    row = audit.record(
        verb="retention.pictures.certified" if purge.pictures_only else "retention.certificate.issued",
        by=CLOCK,
        agency=purge.agency_id,
        subject=f"retention.Purge:{purge.pk}",
        detail={
            "number": purge.number,
            "source": purge.source,
            "until": purge.until_at.isoformat(),
            **_told(purge, told),
            "certificate_sha256": digest,
            "document_sha256": document_digest,
        },
        profile_version=purge.profile_version,
        now=now,
    )
    made = Certificate.objects.create(
        agency_id=purge.agency_id,
        purge=purge,
        data=data,
        data_sha256=digest,
        document=document,
        document_sha256=document_digest,
        audit_id=row.pk,
        issued_at=now,
    )
    purge.save(update_fields=["state", "done_at", "problem"])
    notices.raise_notice(
        agency=purge.agency_id,
        key=f"retention.certificate:{purge.pk}",
        kind="certificate-of-destruction",
        to=to_position(CUSTODIAN),
        text=f"Purge {purge.number} is over; its certificate of destruction waits for your file.",
        link=reverse("retention:purge", args=[purge.pk]),
        by=CLOCK,
        now=now,
    )
    purge_list.append(purge, digest)
    HeldRead.objects.filter(purge=purge).delete()
    return made


def run(*, purge_id: UUID, clock: Callable[[], datetime], store: PictureStore | None = None) -> bool:
    """Carry an approved purge out, or go on with one under way; True when it is done and certified.

    What may not go on stops it; what only fails now (a full disc, a taken table, a store that is away) is
    noted, and the next call goes on where this one ended.
    """
    try:
        purge = Purge.objects.filter(pk=purge_id, state=PurgeState.ENDED, done_at=None).first()
        if purge is None:
            purge = _gone_through(purge_id, clock, store)
        tidying_actions.finish_files(purge=purge, clock=clock, store=store)
        finish(purge_id=purge_id, now=clock())
    except PurgeStoppedError as error:
        running_actions.stop(purge_id=purge_id, problem=str(error), now=clock())
        tidying_actions.tidy_stopped(clock=clock, store=store)
        return False
    except destruction.OldSnapshotError as told:
        log.warning("Purge %s waits: %s", purge_id, told)
        running_actions.note_problem(purge_id=purge_id, problem=str(told))
        return False
    except (Error, OSError, PictureError, MasterKeyError, UnevenError) as error:
        log.exception("Purge %s could not go on", purge_id)
        running_actions.note_problem(purge_id=purge_id, problem=f"{type(error).__name__}: {error}")
        return False
    return True


def _gone_through(purge_id: UUID, clock: Callable[[], datetime], store: PictureStore | None) -> Purge:
    """What a run before this one left undone comes first: it may have been killed, or stopped and resumed."""
    purge = running_actions.begin(purge_id=purge_id, now=clock())
    tidying_actions.tidy(purge=purge, clock=clock, store=store)
    for _ in range(_LOOKS):
        if not _pass(purge, clock, store):
            break
        tidying_actions.tidy(purge=purge, clock=clock, store=store)
    return purge


def _pass(purge: Purge, clock: Callable[[], datetime], store: PictureStore | None) -> bool:
    """Purge every partition that still holds something to go; False when none did."""
    span = span_of(purge)
    went = False
    for part in destruction.partitions_of(span):
        within = span.within(part)
        counts = picture_counts.counts if purge.pictures_only else destruction.counts
        if (
            not counts(within, _to_go(purge))
            and purge.days.filter(
                captured_date__gte=within.from_at.date(), captured_date__lt=part.until_at.date()
            )
            .exclude(rows_at=None)
            .exists()
        ):
            continue
        running_actions.keep_held_pictures(purge=purge, part=part, now=clock(), store=store)
        destroy = picture_actions.purge_pictures if purge.pictures_only else running_actions.purge_part
        destroy(purge=purge, part=part, now=clock(), store=store)
        went = True
    return went
