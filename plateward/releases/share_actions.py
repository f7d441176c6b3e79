"""Standing shares: proposed, approved by another, renewed, ended; the vendor's list held against them."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.accounts.models import Agency
from plateward.audit import actions as audit
from plateward.governance.actor import Actor
from plateward.governance.queries import file_store
from plateward.notices import actions as notices
from plateward.policy import enforces
from plateward.releases import rules
from plateward.releases.filing import kept_as
from plateward.releases.partner_actions import REGISTER
from plateward.releases.partner_models import Partner
from plateward.releases.requesting import APPROVE
from plateward.releases.share_models import (
    DriftAnswer,
    InformationAgreement,
    ShareEvent,
    StandingShare,
    VendorShareList,
)
from plateward.releases.share_rules import (
    Answer,
    DriftKind,
    ShareState,
    UnreadableListError,
    answer_problem,
    drift,
    may_become,
    names_in,
)

RENEWAL_DUE = "share-renewal"


@enforces("B-466.7", "CC-1798.90.55")
@transaction.atomic
def propose_share(
    *,
    partner: Partner,
    listed_as: str,
    what: str,
    authority: str,
    expires_date: date,
    by: Actor,
    now: datetime,
) -> StandingShare:
    """Put a standing share on record, for another to approve; raises Refused and ValidationError."""
    by.require(REGISTER)
    known = Partner.objects.get(pk=partner.pk, agency_id=by.agency)
    _require_eligible(known, by)
    _require_ahead(expires_date, by)
    share = StandingShare(
        agency_id=by.agency,
        partner=known,
        listed_as=" ".join(listed_as.split()),
        what=what.strip(),
        authority=authority.strip(),
        state=ShareState.PROPOSED,
        expires_date=expires_date,
        proposed_by_id=by.user_id,
        proposed_at=now,
    )
    share.full_clean()
    share.save(force_insert=True)
    _log(share, "PROPOSE", authority, by, now, "releases.share.proposed", REGISTER)
    return share


@enforces("B-466.7(b)")
@transaction.atomic
def approve_share(*, share: StandingShare, note: str, by: Actor, now: datetime) -> StandingShare:
    """Approve a share that another proposed; raises Refused."""
    known = _decidable(share, "APPROVE", by)
    _require_eligible(known.partner, by)
    _require_ahead(known.expires_date, by)
    known.state = ShareState.ACTIVE
    known.save()
    _log(known, "APPROVE", note, by, now, "releases.share.approved", APPROVE)
    return known


@enforces("B-466.7(b)")
@transaction.atomic
def refuse_share(*, share: StandingShare, note: str, by: Actor, now: datetime) -> StandingShare:
    """Refuse a share that another proposed; raises Refused."""
    known = _decidable(share, "REFUSE", by)
    known.state = ShareState.REFUSED
    known.save()
    _log(known, "REFUSE", note, by, now, "releases.share.refused", APPROVE)
    return known


@enforces("B-466.7(b)")
@transaction.atomic
def renew_share(
    *, share: StandingShare, note: str, expires_date: date, by: Actor, now: datetime
) -> StandingShare:
    """Approve a share anew until a later day; raises Refused and ValidationError."""
    known = _decidable(share, "RENEW", by)
    _require_eligible(known.partner, by)
    _require_ahead(expires_date, by)
    known.expires_date = expires_date
    known.save()
    _log(known, "RENEW", note, by, now, "releases.share.renewed", APPROVE)
    return known


@transaction.atomic
def end_share(*, share: StandingShare, note: str, by: Actor, now: datetime) -> StandingShare:
    """End a share; whoever keeps the register has the vendor end it too. Raises Refused, ValidationError."""
    by.require(REGISTER)
    known = _locked(share, "END", by)
    known.state = ShareState.ENDED
    known.save()
    _log(known, "END", note, by, now, "releases.share.ended", REGISTER)
    return known


@enforces("B-466.7", "CC-1798.90.55")
@transaction.atomic
def import_list(*, vendor: str, column: str, data: bytes, by: Actor, now: datetime) -> VendorShareList:
    """Hold a vendor's own list of shares against those on record; it changes none of them.

    Raises Refused, and ValidationError for a file that cannot be read.
    """
    by.require(REGISTER)
    try:
        names = names_in(data, column)
    except UnreadableListError as error:
        raise ValidationError({"file": str(error)}) from error
    shares = StandingShare.objects.filter(agency_id=by.agency).prefetch_related("partner__reviews")
    found = drift(names, [share.fact(_why_not(share.partner, by)) for share in shares], by.today)
    kept = VendorShareList(
        agency_id=by.agency,
        vendor=vendor.strip(),
        column=column.strip(),
        sha256=hashlib.sha256(data).hexdigest(),
        names=names,
        drift=[[one.kind.value, one.name, one.detail] for one in found],
        imported_by_id=by.user_id,
        imported_at=now,
    )
    kept.full_clean(exclude=["drift"])
    kept.save(force_insert=True)
    detail = {"vendor": kept.vendor, "names": len(names), "drift": len(found), "sha256": kept.sha256}
    _journal("releases.share_list.imported", f"releases.VendorShareList:{kept.pk}", detail, by, now, REGISTER)
    return kept


@enforces("B-466.7", "CC-1798.90.55")
@transaction.atomic
def answer_difference(
    *, share_list: VendorShareList, number: int, answer: Answer, note: str, by: Actor, now: datetime
) -> DriftAnswer:
    """Say what was done about one difference of a vendor's list; what it says of the record must be so.

    Raises Refused and ValidationError.
    """
    by.require(REGISTER)
    Agency.objects.select_for_update(no_key=True).get(pk=by.agency)  # two who answer wait for each other
    known = VendorShareList.objects.get(pk=share_list.pk, agency_id=by.agency)
    if number >= len(known.drift):
        raise ValidationError("The list has no such difference. Open it again.")
    kind, name, _ = known.drift[number]
    shares = StandingShare.objects.filter(agency_id=by.agency)
    facts = [share.fact("") for share in shares]
    if problem := answer_problem(DriftKind(kind), name, answer, facts, by.today):
        raise ValidationError({"answer": problem})
    made = DriftAnswer(
        agency_id=by.agency,
        share_list=known,
        number=number,
        answer=answer,
        note=note.strip(),
        made_by_id=by.user_id,
        made_at=now,
    )
    made.full_clean()
    made.save(force_insert=True)
    detail = {"vendor": known.vendor, "name": name, "difference": kind, "answer": answer.label, "note": note}
    _journal("releases.drift.answered", f"releases.VendorShareList:{known.pk}", detail, by, now, REGISTER)
    return made


@transaction.atomic
def enter_agreement(
    *,
    partner: Partner,
    title: str,
    exchanges: str,
    safeguards: str,
    signed_date: date,
    ends_date: date | None,
    document: bytes,
    by: Actor,
    now: datetime,
) -> InformationAgreement:
    """Put an agreement to exchange information on file with the paper itself (R114).

    Raises Refused and ValidationError.
    """
    by.require(REGISTER)
    known = Partner.objects.get(pk=partner.pk, agency_id=by.agency)
    kind, sha256 = kept_as(document, "document")
    entered = InformationAgreement(
        agency_id=by.agency,
        partner=known,
        title=title.strip(),
        exchanges=exchanges.strip(),
        safeguards=safeguards.strip(),
        signed_date=signed_date,
        ends_date=ends_date,
        document_type=kind,
        document_sha256=sha256,
        entered_by_id=by.user_id,
        entered_at=now,
    )
    entered.full_clean()
    file_store().put(entered.document_path, document)
    entered.save(force_insert=True)
    detail = {"title": entered.title, "partner": known.name, "sha256": sha256}
    subject = f"releases.InformationAgreement:{entered.pk}"
    _journal("releases.agreement.entered", subject, detail, by, now, REGISTER)
    return entered


def _why_not(partner: Partner, by: Actor) -> str:
    found = rules.recipient_stops(by.profile, partner.fact, by.today)
    return found[0].decision.reason if found else ""


def _require_eligible(partner: Partner, by: Actor) -> None:
    """No override: what stands against one release stands all the more against a standing share."""
    for stop in rules.recipient_stops(by.profile, partner.fact, by.today):
        stop.decision.require()


def _require_ahead(expires_date: date, by: Actor) -> None:
    if expires_date <= by.today:
        raise ValidationError({"expires_date": "The share must expire on a day that lies ahead."})


def _locked(share: StandingShare, act: str, by: Actor) -> StandingShare:
    known = StandingShare.objects.select_for_update(of=("self",)).get(pk=share.pk, agency_id=by.agency)
    if not may_become(ShareState(known.state), act):
        raise ValidationError(f"The share is {known.get_state_display().lower()}. Open its page again.")
    return known


def _decidable(share: StandingShare, act: str, by: Actor) -> StandingShare:
    by.require(APPROVE)
    known = _locked(share, act, by)
    rules.may_decide(by.profile, by.person, {str(known.proposed_by_id)}).require()
    if act != "REFUSE":
        reviewer = str(known.partner.latest.reviewed_by_id)
        rules.may_rely_on_own_review(by.profile, str(by.user_id), reviewer).require()
    return known


def _log(
    share: StandingShare, act: str, note: str, by: Actor, now: datetime, verb: str, capability: str
) -> None:
    event = ShareEvent(
        agency_id=share.agency_id,
        share=share,
        act=act,
        state=share.state,
        note=note.strip(),
        expires_date=share.expires_date,
        made_by_id=by.user_id,
        made_at=now,
    )
    event.full_clean()
    event.save(force_insert=True)
    detail = {
        "partner": share.partner.name,
        "what": share.what,
        "until": share.expires_date.isoformat(),
        "note": note,
    }
    subject = f"releases.StandingShare:{share.pk}"
    _journal(verb, subject, detail, by, now, capability)
    if act in {"RENEW", "END"}:
        notices.settle_about(agency=share.agency_id, subject=subject, kind=RENEWAL_DUE, by=by.who, now=now)


def _journal(
    verb: str, subject: str, detail: Mapping[str, object], by: Actor, now: datetime, capability: str
) -> None:
    audit.record(
        verb=verb,
        by=by.acting(capability),
        agency=by.agency,
        subject=subject,
        detail=detail,
        profile_version=by.profile.version,
        now=now,
    )
