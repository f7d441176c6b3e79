"""The partner register: entered with evidence, reviewed again, ended; by whom the profile lets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.audit import actions as audit
from plateward.governance.actor import Actor
from plateward.governance.queries import file_store
from plateward.notices import actions as notices
from plateward.policy import PartnerClass, enforces
from plateward.releases.filing import kept_as
from plateward.releases.partner_models import Partner, PartnerReview, PartnerStep
from plateward.releases.rules import PartnerFact, recipient_stops

REGISTER = "releases.partners"
REVIEW_DUE = "partner-review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a reviewer found a body to be, and on what.

    `authority` names the law or document that makes it so, `document` holds its bytes, if any. The review
    counts through `again_date`.
    """

    kind: PartnerClass
    state: str
    is_enforcement: bool
    authority: str
    again_date: date
    document: bytes = b""


@enforces("B-466.7", "CC-1798.90.55")
@transaction.atomic
def enter_partner(*, name: str, ori: str, finding: Finding, by: Actor, now: datetime) -> Partner:
    """Put a body on the register with its first review; raises Refused and ValidationError."""
    by.require(REGISTER)
    partner = Partner(
        agency_id=by.agency, name=name.strip(), ori=ori, entered_by_id=by.user_id, entered_at=now
    )
    partner.full_clean()
    partner.save(force_insert=True)
    _journal("releases.partner.entered", partner, by, now, {"name": partner.name, "ori": ori})
    _review(partner, finding, by, now)
    return partner


@enforces("B-466.7")
@transaction.atomic
def review_partner(*, partner: Partner, finding: Finding, by: Actor, now: datetime) -> PartnerReview:
    """Review a body on the register anew. Raises as `enter_partner`."""
    by.require(REGISTER)
    known = _locked(partner, by)
    if known.ended_at is not None:
        raise ValidationError("This partner is off the register. Put it on again, with a reason.")
    return _review(known, finding, by, now)


@enforces("B-466.7", "CC-1798.90.55")
@transaction.atomic
def reopen_partner(
    *, partner: Partner, reason: str, finding: Finding, by: Actor, now: datetime
) -> PartnerReview:
    """Put a body on the register again, for a reason and by a fresh review as when it was entered.

    Its accounts stay as they are. Raises as `enter_partner`.
    """
    by.require(REGISTER)
    known = _locked(partner, by)
    if known.ended_at is None:
        raise ValidationError("This partner is on the register. Review it again instead.")
    known.ended_at, known.ended_by, known.ended_reason = None, None, ""
    known.save()
    _step(known, "REOPENED", reason, by, now)
    _journal("releases.partner.reopened", known, by, now, {"name": known.name, "reason": reason.strip()})
    return _review(known, finding, by, now)


@transaction.atomic
def end_partner(*, partner: Partner, reason: str, by: Actor, now: datetime) -> None:
    """Take a body off the register: it receives nothing from now on. Raises Refused, ValidationError."""
    by.require(REGISTER)
    known = _locked(partner, by)
    if known.ended_at is not None:
        raise ValidationError("This partner is off the register already.")
    known.ended_at, known.ended_by_id, known.ended_reason = now, by.user_id, reason.strip()
    known.full_clean(validate_constraints=False)
    known.save()
    _step(known, "ENDED", reason, by, now)
    _journal("releases.partner.ended", known, by, now, {"name": known.name, "reason": reason})


def _step(partner: Partner, act: str, reason: str, by: Actor, now: datetime) -> None:
    step = PartnerStep(
        agency_id=by.agency,
        partner=partner,
        act=act,
        reason=reason.strip(),
        made_by_id=by.user_id,
        made_at=now,
    )
    step.full_clean()
    step.save(force_insert=True)


def _locked(partner: Partner, by: Actor) -> Partner:
    return Partner.objects.select_for_update(of=("self",)).get(pk=partner.pk, agency_id=by.agency)


def _review(partner: Partner, finding: Finding, by: Actor, now: datetime) -> PartnerReview:
    if finding.again_date <= by.today:
        raise ValidationError({"again_date": "The next review lies ahead: choose a later day."})
    review = PartnerReview(
        agency_id=by.agency,
        partner=partner,
        kind=finding.kind,
        state=finding.state,
        is_enforcement=finding.is_enforcement,
        authority=finding.authority.strip(),
        reviewed_by_id=by.user_id,
        reviewed_at=now,
        again_date=finding.again_date,
    )
    if finding.document:
        review.document_type, review.document_sha256 = kept_as(finding.document, "document")
    review.full_clean()
    _require_paper(partner, review, by)
    if finding.document:
        file_store().put(review.document_path, finding.document)
    review.save(force_insert=True)
    detail = {
        "name": partner.name,
        "kind": review.kind,
        "authority": review.authority,
        "again_by": review.again_date.isoformat(),
        "sha256": review.document_sha256,
    }
    _journal("releases.partner.reviewed", partner, by, now, detail)
    subject = f"releases.Partner:{partner.pk}"
    notices.settle_about(agency=by.agency, subject=subject, kind=REVIEW_DUE, by=by.who, now=now)
    return review


def _require_paper(partner: Partner, review: PartnerReview, by: Actor) -> None:
    """What makes a body eligible is on paper; raises ValidationError."""
    fact = PartnerFact(
        partner.name, PartnerClass(review.kind), review.state, review.is_enforcement, review.again_date
    )
    if not review.document_sha256 and not recipient_stops(by.profile, fact, by.today):
        raise ValidationError(
            {"document": "By this review data may be released to it: put the document that shows it on file."}
        )


def _journal(verb: str, partner: Partner, by: Actor, now: datetime, detail: Mapping[str, str]) -> None:
    audit.record(
        verb=verb,
        by=by.acting(REGISTER),
        agency=partner.agency_id,
        subject=f"releases.Partner:{partner.pk}",
        detail=detail,
        profile_version=by.profile.version,
        now=now,
    )
