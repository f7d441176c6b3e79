"""Findings of an audit: raised, resolved by their owner, tested again by an auditor (R119)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from plateward.accounts.models import User
from plateward.accounts.queries import people_of
from plateward.audits import queries, rules
from plateward.audits.actions import journal, require_auditor
from plateward.audits.models import Audit, ComputedCheck, Finding, FindingStep, SampleItem
from plateward.audits.rules import AuditState, FindingAct, FindingState, Severity
from plateward.governance.actor import Actor
from plateward.notices import actions as notices
from plateward.notices.rules import Addressee, to_person, to_position
from plateward.policy import enforces

RESOLVE, RETEST = "finding-resolve", "finding-retest"
"""The kinds of notice: a finding for its owner, and one to be tested again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A finding as it was written; `item` and `kind` name the record drawn or check it is about, if any."""

    severity: Severity
    what: str
    owner: User
    due_date: date
    item: UUID | None = None
    kind: str = ""


@transaction.atomic
@enforces("B-466.6(c)", "H-426.5(c)")
def raise_finding(*, audit_id: UUID, draft: Draft, by: Actor, now: datetime) -> Finding:
    """Raise a finding while the audit is worked; its owner is told. Raises Refused, ValidationError."""
    require_auditor(by)
    audit = Audit.objects.select_for_update(of=("self",)).get(pk=audit_id, agency_id=by.agency)
    if audit.state != AuditState.DRAWN:
        raise ValidationError("Findings are raised while the audit is worked.")
    if len(draft.what.strip()) < rules.SHORTEST:
        raise ValidationError({"what": "Write what you found, in a sentence or two."})
    if draft.due_date < by.today:
        raise ValidationError({"due_date": "This day is past."})
    if not people_of(by.agency).filter(pk=draft.owner.pk).exists():
        raise ValidationError({"owner": "This person is not of the agency. Choose somebody of the list."})
    newest = audit.findings.aggregate(Max("number"))["number__max"] or 0
    found = Finding(
        agency_id=by.agency,
        audit=audit,
        number=newest + 1,
        severity=draft.severity,
        what=draft.what.strip(),
        item=SampleItem.objects.get(pk=draft.item, audit=audit) if draft.item else None,
        computed=ComputedCheck.objects.get(kind=draft.kind, audit=audit) if draft.kind else None,
        owner=draft.owner,
        due_date=draft.due_date,
    )
    found.full_clean()
    found.save(force_insert=True)
    _step(found, FindingAct.RAISE, draft.what, by, now)
    severity = draft.severity.value.lower()
    journal("audits.finding.raised", audit, by.who, by.profile, now, finding=found.name, severity=severity)
    _ask_owner(found, by, now)
    return found


@transaction.atomic
def resolve_finding(*, finding_id: UUID, note: str, by: Actor, now: datetime) -> Finding:
    """Say how a finding was put right, as its owner. Raises Finding.DoesNotExist, ValidationError."""
    found = _locked(finding_id, by)
    if found.owner_id != by.user_id:
        raise Finding.DoesNotExist
    _move(found, FindingAct.RESOLVE, note, by, now)
    journal("audits.finding.resolved", found.audit, by.who, by.profile, now, finding=found.name)
    _settle(found, RESOLVE, by, now)
    _raise(found, RETEST, _tester(found, by), f"Finding {found.name} was resolved: test it again.", by, now)
    return found


@transaction.atomic
@enforces("B-466.6(c)", "H-426.5(c)")
def retest_finding(*, finding_id: UUID, passed: bool, note: str, by: Actor, now: datetime) -> Finding:
    """Test a resolved finding again: it is closed, or goes back to its owner.

    Nobody tests what they own. Raises Refused, ValidationError.
    """
    require_auditor(by)
    found = _locked(finding_id, by)
    if found.owner_id == by.user_id:
        raise ValidationError("You own this finding: somebody else who audits tests it.")
    act = FindingAct.PASSED if passed else FindingAct.FAILED
    if passed:
        found.closed_by, found.closed_at = User(pk=by.user_id), now
    _move(found, act, note, by, now)
    said = "done" if passed else "not done"
    journal("audits.finding.retested", found.audit, by.who, by.profile, now, finding=found.name, result=said)
    _settle(found, RETEST, by, now)
    if not passed:
        _ask_owner(found, by, now)
    return found


@transaction.atomic(durable=True)
def open_finding(*, finding_id: UUID, by: Actor, now: datetime) -> Finding:
    """A finding for its owner or an auditor, once the look is journaled; raises Finding.DoesNotExist."""
    found = queries.findings(by.agency).get(pk=finding_id)
    audits = by.may("audit.review") and rules.may_audit(by.profile, by.person).allowed
    if found.owner_id != by.user_id and not audits:
        raise Finding.DoesNotExist
    journal("audits.finding.viewed", found.audit, by.who, by.profile, now, finding=found.name)
    return found


def _locked(finding_id: UUID, by: Actor) -> Finding:
    return Finding.objects.select_for_update(of=("self",)).get(pk=finding_id, agency_id=by.agency)


def _move(found: Finding, act: FindingAct, note: str, by: Actor, now: datetime) -> None:
    target = rules.finding_target(act, FindingState(found.state))
    if target is None:
        raise ValidationError(f"This finding is “{found.get_state_display()}” by now. Reload the page.")
    if len(note.strip()) < rules.SHORTEST:
        raise ValidationError({"note": "Write it in a sentence; it stays with the finding."})
    found.state = target
    found.save()
    _step(found, act, note, by, now)


def _step(found: Finding, act: FindingAct, note: str, by: Actor, now: datetime) -> None:
    FindingStep.objects.create(finding=found, act=act, note=note.strip(), by=User(pk=by.user_id), said_at=now)


def _ask_owner(found: Finding, by: Actor, now: datetime) -> None:
    to = to_person(found.owner_id, found.owner.full_name)
    _raise(found, RESOLVE, to, f"Finding {found.name} of an audit is yours to resolve.", by, now)


def _tester(found: Finding, by: Actor) -> Addressee:
    auditor = next(iter(rules.auditing_positions(by.profile)), "")
    if auditor and auditor not in by.positions:
        return to_position(auditor)
    if above := auditor and rules.position_above(by.profile):
        return to_position(above)
    raiser = found.steps.select_related("by").earliest("pk").by
    return to_person(raiser.pk, raiser.full_name)


def _raise(found: Finding, kind: str, to: Addressee, text: str, by: Actor, now: datetime) -> None:
    due = rules.end_of(found.due_date, by.profile.agency.time_zone)
    is_dated = kind == RESOLVE and due > now
    notices.raise_notice(
        agency=found.agency_id,
        key=f"{kind}:{found.pk}:{found.steps.count()}",
        kind=kind,
        to=to,
        text=text,
        link=reverse("audits:finding", args=[found.pk]),
        subject=_subject(found),
        due_at=due if is_dated else None,
        escalates_to=next(iter(rules.auditing_positions(by.profile)), "") if is_dated else "",
        is_task=True,
        by=by.who,
        now=now,
    )


def _settle(found: Finding, kind: str, by: Actor, now: datetime) -> None:
    notices.settle_about(agency=found.agency_id, subject=_subject(found), kind=kind, by=by.who, now=now)


def _subject(found: Finding) -> str:
    return f"audits.Finding:{found.pk}"
