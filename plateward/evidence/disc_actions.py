"""Sets of discs: ordered by a person, made by the worker, given out to be burned (B-466.5¶2, H-426.4¶2)."""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from plateward.audit import actions as audit
from plateward.audit.who import CLOCK
from plateward.evidence import age_box, package_store
from plateward.evidence.disc_building import Image
from plateward.evidence.disc_models import Disc, DiscSet
from plateward.evidence.disc_rules import Protection, SetState, UnusableDiscsError, WantedDiscs, images_of
from plateward.evidence.package_actions import CAPABILITY, journal
from plateward.evidence.package_models import Package
from plateward.evidence.package_rules import PackageState
from plateward.governance.actor import Actor
from plateward.live import actions as live
from plateward.policy import enforces
from plateward.vault.streams import SealedReader


@enforces("B-466.5", "H-426.4")
@transaction.atomic
def order_discs(*, package: Package, wanted: WantedDiscs, by: Actor, now: datetime) -> tuple[DiscSet, str]:
    """Order a set of discs of a built package; the worker makes its images.

    Returns the set, and the passphrase of its key where it has one: it is told this once and kept nowhere.
    Raises Refused, and ValidationError for a package that is not built, keys that are none, marks that fit on
    no label, while another set is being made, and for a second plain set on the same kind of disc.
    """
    by.require(CAPABILITY)
    locked = Package.objects.select_for_update().get(pk=package.pk, agency_id=by.agency)
    if locked.state != PackageState.BUILT:
        raise ValidationError("There is nothing to be put on discs: the package is not built.")
    recipients = _recipients(wanted)
    passphrase, key_file = "", ""
    if wanted.protection is Protection.PASSPHRASE:
        passphrase = age_box.new_passphrase()
        public, key_file = age_box.key_under(passphrase)
        recipients = [public]
    sets = locked.disc_sets.all()
    if any(one.state == SetState.BUILDING for one in sets):
        raise ValidationError("Discs of this package are being made: wait until they are.")
    same = {"medium": wanted.medium.value, "protection": Protection.PLAIN.value}
    if wanted.protection is Protection.PLAIN and sets.filter(state=SetState.BUILT.value, **same).exists():
        raise ValidationError("These discs are made already: burn further copies of their images.")
    made = DiscSet.objects.create(
        agency_id=by.agency,
        package=locked,
        number=(sets.aggregate(last=Max("number"))["last"] or 0) + 1,
        medium=wanted.medium.value,
        protection=wanted.protection.value,
        recipients=recipients,
        key_file=key_file,
        marks=list(wanted.marks),
        ordered_by_id=by.user_id,
        ordered_at=now,
        asked_from=by.address,
    )
    _order_on_record(made, by, now)
    return made, passphrase


@transaction.atomic
def order_discs_again(*, discs: DiscSet, by: Actor, now: datetime) -> DiscSet:
    """Have a set that could not be made begun anew, with the keys and marks it was ordered with.

    Raises Refused, ValidationError where it did not fail, or its package is gone.
    """
    by.require(CAPABILITY)
    discs = _locked(discs, by, SetState.FAILED)
    if discs.package.state != PackageState.BUILT:
        raise ValidationError("There is nothing to be put on discs: the package is not here any more.")
    if discs.package.disc_sets.filter(state=SetState.BUILDING.value).exists():
        raise ValidationError("Discs of this package are being made: wait until they are.")
    discs.state, discs.failure, discs.attempts = SetState.BUILDING.value, "", 0
    discs.ordered_by_id, discs.ordered_at, discs.asked_from = by.user_id, now, by.address
    discs.save()
    _order_on_record(discs, by, now)
    return discs


@transaction.atomic
def disc_made(*, discs: DiscSet, number: int, total: int, image: Image, by: Actor, now: datetime) -> Disc:
    """Say that a disc's image is there and was read back: a set that is begun anew goes on behind it.

    Raises ValidationError where nobody makes the set.
    """
    discs = _locked(discs, by, SetState.BUILDING)
    disc = Disc.objects.create(
        agency_id=discs.agency_id,
        of_set=discs,
        number=number,
        total=total,
        sha256=image.sha256,
        listed_sha256=image.listed,
        size=image.size,
        made_at=now,
    )
    discs.total = total
    discs.save(update_fields=["total"])
    detail = {"set": discs.number, "disc": number, "of": total, "sha256": disc.sha256, "size": disc.size}
    journal("evidence.disc.made", discs.package, by, now, detail)
    return disc


@transaction.atomic
def discs_made(*, discs: DiscSet, by: Actor, now: datetime) -> DiscSet:
    """Say that every disc of the set is there. Raises ValidationError where one is missing."""
    discs = _locked(discs, by, SetState.BUILDING)
    made = list(discs.discs.all())
    if not made or [one.number for one in made] != list(range(1, made[0].total + 1)):
        raise ValidationError("A disc of the set is missing.")
    discs.state, discs.made_at = SetState.BUILT.value, now
    discs.save(update_fields=["state", "made_at"])
    facts = [{"disc": one.number, "sha256": one.sha256, "size": one.size} for one in made]
    detail = {"set": discs.number, "medium": discs.medium, "count": len(made), "discs": facts}
    journal("evidence.discs.made", discs.package, by, now, detail)
    return discs


@transaction.atomic
def discs_failed(*, discs: DiscSet, why: str, by: Actor, now: datetime) -> DiscSet:
    """Say why the set could not be made; its images go. Raises ValidationError where nobody makes it."""
    discs = _locked(discs, by, SetState.BUILDING)
    _fail(discs, why)
    journal("evidence.discs.failed", discs.package, by, now, {"set": discs.number, "why": discs.failure})
    return discs


@transaction.atomic
def discs_given_up(*, discs: DiscSet, why: str, now: datetime) -> DiscSet:
    """Say that a set could not be begun, such as where no policy is in force; done by the clock."""
    locked = DiscSet.objects.select_for_update(of=("self",)).select_related("package").get(pk=discs.pk)
    if locked.state == SetState.BUILDING:
        _fail(locked, why)
        audit.record(
            verb="evidence.discs.failed",
            by=CLOCK,
            agency=locked.agency_id,
            subject=locked.package.subject,
            detail={"number": locked.package.name, "set": locked.number, "why": locked.failure},
            now=now,
        )
        live.publish(agency=locked.agency_id, topic="packages", id=str(locked.package_id))
    return locked


def take_image(*, disc: Disc, by: Actor, now: datetime) -> SealedReader:
    """Give a disc's image out to be burned, on record first; whoever sends it closes it.

    Raises Refused, ValidationError before the whole set was made, OSError, UnopenableError,
    PackageKey.DoesNotExist once our copy was destroyed.
    """
    by.require(CAPABILITY)
    package = disc.package
    if disc.of_set.state != SetState.BUILT:
        raise ValidationError("The set of this disc is not made yet.")
    reader = package_store.opened(package, disc.file)
    try:
        with transaction.atomic(durable=True):
            audit.record_access(
                by=by.acting(CAPABILITY),
                agency=by.agency,
                elements={
                    "package": package.name,
                    "set": disc.of_set.number,
                    "disc": disc.number,
                    "taken": "the image of a disc",
                },
                purpose=package.purpose,
                reason=package.reason,
                reference=package.reference,
                result_count=package.read_count,
                subject=package.subject,
                profile_version=by.profile.version,
                now=now,
            )
    except BaseException:
        reader.close()
        raise
    return reader


def _recipients(wanted: WantedDiscs) -> list[str]:
    try:
        wanted.check()
        return list(dict.fromkeys(age_box.checked_recipient(one) for one in wanted.recipients))
    except UnusableDiscsError as error:
        raise ValidationError({error.field: str(error)}) from error
    except age_box.UnusableKeyError as error:
        raise ValidationError({"recipients": str(error)}) from error


def _order_on_record(discs: DiscSet, by: Actor, now: datetime) -> None:
    detail: Mapping[str, object] = {
        "set": discs.number,
        "medium": discs.medium,
        "protection": discs.protection,
        "recipients": discs.recipients,
        "marks": discs.marks,
    }
    journal("evidence.discs.ordered", discs.package, by, now, detail)


def _fail(discs: DiscSet, why: str) -> None:
    discs.discs.all().delete()
    discs.state, discs.failure, discs.total = SetState.FAILED.value, why[:500], 0
    discs.save(update_fields=["state", "failure", "total"])
    transaction.on_commit(lambda: package_store.remove_like(discs.package, images_of(discs.number)))


def _locked(discs: DiscSet, by: Actor, state: SetState) -> DiscSet:
    """The set with its package, both locked, in this state. Raises ValidationError."""
    package = Package.objects.select_for_update().get(pk=discs.package_id, agency_id=by.agency)
    locked = DiscSet.objects.select_for_update().get(pk=discs.pk, agency_id=by.agency)
    locked.package = package
    if locked.state != state:
        raise ValidationError(f"That cannot be done now: the set is {locked.get_state_display().lower()}.")
    return locked
