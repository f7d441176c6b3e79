"""Units, their codes and sign-ins, looked up."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from plateward.accounts.models import User
from plateward.accounts.rules import AccountState
from plateward.audit.models import AuditRecord
from plateward.devices.models import Device
from plateward.governance.queries import actor_for
from plateward.reads.models import InboxItem
from plateward.units import rules
from plateward.units.models import EnrollmentCode, SignIn, Spool, Unit, UnitJournal, WrongTry
from plateward.units.rules import Range, SignInState
from plateward.unitwire import codes
from plateward.unitwire.calls import event_id, sequence_of

KEY_CHANGED = "units.key.rotated"


def wrong_tries(key: str, now: datetime) -> int:
    """How many wrong codes came from there lately."""
    return WrongTry.objects.filter(key=key, tried_at__gt=now - rules.TRIES_COUNT_FOR).count()


def locked_code(code: str) -> EnrollmentCode | None:
    """The enrollment code as it stands, locked; None where nobody made it."""
    found = EnrollmentCode.objects.select_for_update(of=("self",)).filter(sha256=codes.digest(code))
    return found.first() if code else None


def unit_of(device: Device) -> Unit | None:
    """The unit that a device is, if it was enrolled."""
    return Unit.objects.filter(device=device).first()


def signed_in(device_id: UUID, now: datetime) -> QuerySet[SignIn]:
    """Sign-ins on a unit that count now, by name."""
    found = SignIn.objects.filter(device_id=device_id, state=SignInState.GRANTED, valid_until_at__gt=now)
    return found.select_related("user").order_by("user__full_name")


def signed_in_rightly(device_id: UUID, now: datetime) -> Sequence[SignIn]:
    """The same, of people who may still work alerts: an account ended, or training lapsed, ends a sign-in."""
    found = signed_in(device_id, now)
    return [one for one in found if one.user and may_still(one.user, one.capabilities, now)]


def signed_in_at(device_id: UUID, session: UUID | None, at: datetime) -> User | None:
    """Whose sign-in on the unit counted at `at`, give or take what clocks differ; None for nobody's."""
    if session is None:
        return None
    found = SignIn.objects.select_related("user").filter(
        device_id=device_id,
        pk=session,
        decided_at__lte=at + rules.CLOCKS_DIFFER,
        valid_until_at__gte=at - rules.CLOCKS_DIFFER,
    )
    in_time = Q(ended_at=None) | Q(ended_at__gte=at - rules.CLOCKS_DIFFER)
    sign_in = found.filter(in_time).first()
    return sign_in.user if sign_in else None


def may_still(user: User, capabilities: Sequence[str], now: datetime) -> bool:
    """Whether a person's account counts, and gives what was granted; what a title lost ends the sign-in."""
    if user.state != AccountState.ACTIVE:
        return False
    actor = actor_for(user, at=now)
    return actor.admission.allowed and all(actor.may(one) for one in capabilities)


def spools_of(device: Device) -> Sequence[Spool]:
    """A unit's spools, the newest first."""
    return list(Spool.objects.filter(device=device).prefetch_related("thinned"))


def journals_of(device: Device) -> Sequence[UnitJournal]:
    """A unit's own journals, as far as they are on record, the newest first."""
    return list(UnitJournal.objects.filter(device=device))


def received_of(spool: Spool) -> tuple[Range, ...]:
    """What of a spool the receiver took in until now, beyond what is on record of it.

    The receiver keeps each read under its name, and names stand in the order of the spool: only the gaps and
    what follows are looked through.
    """
    known = rules.joined((first, last) for first, last in spool.received)
    highest = known[-1][1] if known else 0
    # A unit that was enrolled anew as another device goes on with its spool.
    senders = Spool.objects.filter(agency_id=spool.agency_id, spool=spool.spool).values_list("device_id")
    devices = {spool.device_id, *(device for (device,) in senders)}
    found: list[int] = []
    for first, last in (*rules.missing(known, highest), (highest + 1, _LAST)):
        names = InboxItem.objects.filter(
            device_id__in=devices,
            idempotency_key__gte=event_id(spool.spool, first),
            idempotency_key__lte=event_id(spool.spool, last),
        ).values_list("idempotency_key", flat=True)
        found += [number for name in names if (number := sequence_of(name, spool.spool)) is not None]
    return rules.joined(known, found)


_LAST = 10**15 - 1


def key_changes() -> list[str]:
    """Every change of the units' signing key as the key before signed it, oldest first: JSON documents."""
    turns = AuditRecord.objects.filter(verb=KEY_CHANGED, agency="").order_by("pk")
    return [str(detail.get("document", "")) for detail in turns.values_list("detail", flat=True)]
