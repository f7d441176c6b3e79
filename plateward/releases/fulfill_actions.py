"""Fulfilling an approved request: an evidence package with its limits, handed over or collected."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from plateward.accounts.rules import AccountState
from plateward.audit import actions as audit
from plateward.evidence import package_store
from plateward.evidence.models import Package
from plateward.evidence.package_actions import discard, order, package_failed
from plateward.evidence.package_rules import PackageState, Wanted
from plateward.governance.actor import Actor
from plateward.notices import actions as notices
from plateward.policy import Refused, enforces
from plateward.releases import rules
from plateward.releases.fulfilling import reads_for
from plateward.releases.fulfilling_models import Fulfillment, Way
from plateward.releases.last_day_rules import last_day_problem, may_collect
from plateward.releases.portal import account_of
from plateward.releases.portal_models import PartnerAccount
from plateward.releases.request_models import ReleaseRequest, Verdict
from plateward.releases.requesting import journal, locked, stops_of, subject_of
from plateward.releases.rules import Act, RequestState
from plateward.vault.streams import SealedReader

FULFILL: Final = "releases.fulfill"
UNCOLLECTED: Final = "release-uncollected"


@enforces("B-466.7", "B-466.7(b)", "CC-1798.90.55", "CC-1798.90.52")
def prepare(*, request: ReleaseRequest, by: Actor, now: datetime) -> Fulfillment:
    """Order the evidence package of an approved request, with the limits that go along.

    The access record of the order is committed before anything is packed. Where no read fits, that is on
    record, and the request is fulfilled with nothing. Call it outside of any transaction. Raises Refused (not
    approved, by its only approver, a partner that may receive nothing any more) and ValidationError.
    """
    with _alone(request):
        return _prepare(request, by, now)


def _prepare(request: ReleaseRequest, by: Actor, now: datetime) -> Fulfillment:
    _require(request, by)
    before = Fulfillment.objects.filter(request=request).select_related("package").first()
    if before and before.package and before.package.state in {PackageState.BUILDING, PackageState.BUILT}:
        raise ValidationError("The package is ordered already.")
    reads = reads_for(request)
    limits = rules.limits(request.intended, request.agency_name, request.destroy_by_date)
    package = order(by=by, wanted=_wanted(request, reads, limits), now=now) if reads else None
    try:
        return _prepared(request, reads, limits, package, by, now)
    except (Refused, ValidationError):
        if package is not None:
            _give_up(package, request, by, now)
        raise


@transaction.atomic
def _give_up(package: Package, request: ReleaseRequest, by: Actor, now: datetime) -> None:
    """Leave no package behind of a request that ended, or was stopped, while it was ordered."""
    because = f"Release {request.number} ended, or was stopped, before its package belonged to it."
    package.refresh_from_db()
    if package.state == PackageState.BUILDING:
        package_failed(package=package, why=because, by=by, now=now)
    discard(package=package, because=because, by=by, now=now)


def _prepared(
    request: ReleaseRequest,
    reads: Sequence[UUID],
    limits: tuple[str, ...],
    package: Package | None,
    by: Actor,
    now: datetime,
) -> Fulfillment:
    with transaction.atomic():
        known = _require(request, by)
        made, _ = Fulfillment.objects.update_or_create(
            request=known,
            agency_id=known.agency_id,
            defaults={
                "package": package,
                "limits": list(limits),
                "prepared_by_id": by.user_id,
                "prepared_at": now,
            },
        )
        if package is None:
            _nothing_found(known, made, by, now)
        else:
            detail = {"number": known.number, "package": package.name, "reads": len(reads)}
            journal("releases.request.prepared", known, by, now, detail, capability=FULFILL)
    return made


@enforces("B-466.7(b)")
@transaction.atomic
def leave_in_portal(
    *, request: ReleaseRequest, account: PartnerAccount, collect_by: date, by: Actor, now: datetime
) -> Fulfillment:
    """Leave the package for somebody of the partner to collect through a day; both sides are shown it.

    Raises Refused and ValidationError.
    """
    known = _require(request, by)
    if account.partner_id != known.partner_id or account.user.state != AccountState.ACTIVE:
        raise ValidationError({"account": "Choose an active account of the partner that asked."})
    _require_last_day(known, collect_by, by)
    made = _built(known)
    made.collector, made.collect_by_date = account.user, collect_by
    told = {"to": account.user.full_name, "collect_by": collect_by.isoformat()}
    return _hand_over(known, made, Way.PORTAL, by, now, told)


@enforces("B-466.7(b)")
@transaction.atomic
def extend_collection(
    *, request: ReleaseRequest, collect_by: date, reason: str, by: Actor, now: datetime
) -> Fulfillment:
    """Let a package in the portal be collected through another day, for a reason that goes on record.

    Raises Refused (by its only approver, the partner may receive nothing any more) and ValidationError.
    """
    by.require(FULFILL)
    known = locked(request, by)
    rules.may_fulfill(by.profile, str(by.user_id), _approvers(known)).require()
    made = Fulfillment.objects.select_related("package", "collector").filter(request=known, way=Way.PORTAL)
    left = made.first()
    if left is None or left.package is None or left.package.state != PackageState.BUILT:
        raise ValidationError("Nothing lies in the portal for this request.")
    _require_nothing_against(known, by)
    _require_last_day(known, collect_by, by)
    before, left.collect_by_date = left.collect_by_date, collect_by
    left.save(update_fields=["collect_by_date"])
    detail = {
        "number": known.number,
        "package": left.package.name,
        "from": before.isoformat() if before else "",
        "until": collect_by.isoformat(),
        "reason": reason.strip(),
    }
    journal("releases.collection.extended", known, by, now, detail, capability=FULFILL)
    notices.settle_about(
        agency=known.agency_id, subject=subject_of(known), kind=UNCOLLECTED, by=by.who, now=now
    )
    return left


def _require_last_day(request: ReleaseRequest, collect_by: date, by: Actor) -> None:
    if problem := last_day_problem(collect_by, by.today, request.destroy_by_date):
        raise ValidationError({"collect_by": problem})


@enforces("B-466.7(b)")
@transaction.atomic
def hand_over(*, request: ReleaseRequest, receipt: str, by: Actor, now: datetime) -> Fulfillment:
    """Record that the package was handed over on a disc or other medium, to whom, and by which receipt.

    Raises Refused and ValidationError.
    """
    known = _require(request, by)
    if not receipt.strip():
        raise ValidationError({"receipt": "Say who took which medium, and by which receipt."})
    made = _built(known)
    made.receipt = receipt.strip()
    return _hand_over(known, made, Way.DISC, by, now, {"to": receipt.strip()})


@enforces("CC-1798.90.52", "CC-1798.90.55")
def collect(*, request: ReleaseRequest, by: Actor, now: datetime) -> SealedReader:
    """Give the partner's own person the package that was left for them, on record first, as a ZIP file.

    The access record names their organization and purpose. Whoever sends it closes it. Raises Refused (also
    once its last day is over), Fulfillment.DoesNotExist for anybody else's, ValidationError where our copy
    was destroyed, OSError.
    """
    account_of(by)
    mine = Fulfillment.objects.select_related("package", "request").filter(agency_id=by.agency)
    made = mine.get(request_id=request.pk, collector_id=by.user_id, way=Way.PORTAL)
    _require_nothing_against(made.request, by)
    if made.collect_by_date is not None:
        may_collect(made.collect_by_date, by.today).require()
    package = made.package
    if package is None or package.state != PackageState.BUILT:
        raise ValidationError("The agency's copy was destroyed. Ask whoever fulfilled the request.")
    reader = package_store.opened(package, package_store.BAG)
    try:
        with transaction.atomic(durable=True):
            _on_record(made.request, package, by, now)
            Fulfillment.objects.filter(pk=made.pk, collected_at__isnull=True).update(collected_at=now)
    except BaseException:
        reader.close()
        raise
    return reader


def _require(request: ReleaseRequest, by: Actor) -> ReleaseRequest:
    """The request as it is now, if this person may fulfill it and nothing stands against it any more."""
    by.require(FULFILL)
    with transaction.atomic():
        known = locked(request, by)
    rules.may_move(RequestState(known.state), Act.FULFILL).require()
    rules.may_fulfill(by.profile, str(by.user_id), _approvers(known)).require()
    _require_nothing_against(known, by)
    return known


def _approvers(request: ReleaseRequest) -> set[str]:
    approvals = request.decisions.filter(verdict=Verdict.APPROVED)
    return {str(one.decided_by_id) for one in approvals}


def _require_nothing_against(request: ReleaseRequest, by: Actor) -> None:
    """Ask anew what stands against it, for both may have changed since: the partner and the policy."""
    found = stops_of(request, by)
    for stop in rules.firm(found):
        stop.decision.require()
    if len(_approvers(request)) < rules.approvals_needed(found):
        found[0].decision.require()


@contextmanager
def _alone(request: ReleaseRequest) -> Iterator[None]:
    """Nobody else prepares this request meanwhile; raises ValidationError where somebody does."""
    name = f"releases.prepare {request.pk}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        ((is_alone,),) = cursor.fetchall()
    if not is_alone:
        raise ValidationError("Somebody prepares this request right now. Open its page again.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def _wanted(request: ReleaseRequest, reads: Sequence[UUID], limits: tuple[str, ...]) -> Wanted:
    return Wanted(
        reads=tuple(reads),
        purpose=request.purpose,
        reason=f"Release {request.number} to {request.agency_name}: {request.intended}"[:500],
        reference=request.reference or request.number,
        recipient=request.agency_name,
        limits=limits,
        for_outside=True,
    )


def _nothing_found(request: ReleaseRequest, made: Fulfillment, by: Actor, now: datetime) -> None:
    audit.record_access(
        by=by.acting(FULFILL),
        agency=by.agency,
        elements={"plate": ", ".join(request.plates), "request": request.number, **request.data},
        purpose=request.purpose,
        reason=request.intended,
        reference=request.reference or request.number,
        result_count=0,
        subject=f"releases.ReleaseRequest:{request.pk}",
        profile_version=by.profile.version,
        now=now,
    )
    _hand_over(request, made, Way.NOTHING, by, now, {"to": "nobody: nothing was found"})


def _built(request: ReleaseRequest) -> Fulfillment:
    made = Fulfillment.objects.select_related("package").filter(request=request).first()
    if made is None or made.package is None or made.package.state != PackageState.BUILT:
        raise ValidationError("The package is not built yet. Prepare it first, and wait until it is.")
    return made


def _hand_over(
    request: ReleaseRequest, made: Fulfillment, way: Way, by: Actor, now: datetime, detail: dict[str, str]
) -> Fulfillment:
    made.way, made.handed_by_id, made.handed_at = way, by.user_id, now
    made.save()
    request.state = RequestState.FULFILLED
    request.save()
    told = {"number": request.number, "of": request.agency_name, "way": way.label, **detail}
    if made.package is not None:
        told |= {"package": made.package.name, "fingerprint": made.package.fingerprint}
    journal("releases.request.fulfilled", request, by, now, told, capability=FULFILL)
    return made


def _on_record(request: ReleaseRequest, package: Package, by: Actor, now: datetime) -> None:
    facts = {"request": request.number, "package": package.name, "plate": ", ".join(request.plates)}
    audit.record_access(
        by=by.who,
        agency=by.agency,
        elements=facts,
        purpose=request.purpose,
        reason=request.intended,
        reference=request.reference or request.number,
        result_count=package.read_count,
        subject=package.subject,
        profile_version=by.profile.version,
        now=now,
    )
    detail = {"number": request.number, "package": package.name, "fingerprint": package.fingerprint}
    journal("releases.package.collected", request, by, now, detail)
