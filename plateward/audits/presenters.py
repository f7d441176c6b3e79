"""Audits in words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.urls import reverse

from plateward.audit.models import AccessRecord
from plateward.audits import queries, report, rules
from plateward.audits.forms import ResolveForm, RetestForm
from plateward.audits.kinds import SCOPES
from plateward.audits.models import Audit, Finding, SampleItem
from plateward.audits.rules import AuditState, FindingState
from plateward.governance.actor import Actor
from plateward.oversight.presenters import lines
from plateward.oversight.queries import Entry, with_destroyed
from plateward.policy.overview import in_words


def overview(actor: Actor, now: datetime) -> dict[str, Any]:
    """The plan by the policy, what it leaves open, and every audit made."""
    plan, rule = queries.plan(actor.agency, actor.profile, now), actor.profile.audit
    made = list(queries.audits(actor.agency))
    able = rules.auditing_positions(actor.profile)
    return {
        "audits": made,
        "plan": plan,
        "is_late": plan.due_at is not None and plan.due_at <= now,
        "every": in_words(rule.every),
        "every_rule": rule.every,
        "auditors": [actor.profile.position_name(one) for one in able],
        "above": actor.profile.position_name(above) if (above := rules.position_above(actor.profile)) else "",
        "unsaid": rules.unsaid(actor.profile),
        "may": rules.may_audit(actor.profile, actor.person),
        "is_open": any(one.state != AuditState.SIGNED for one in made),
        "findings": queries.findings(actor.agency).exclude(state=FindingState.CLOSED).order_by("due_date"),
    }


def sheet(audit: Audit, actor: Actor) -> dict[str, Any]:
    """One audit's page."""
    found = list(audit.checks.prefetch_related("findings", "findings__audit"))
    is_worked = audit.state == AuditState.DRAWN
    may_sign = rules.may_sign(actor.profile, actor.person, str(audit.begun_by_id))
    return {
        "audit": audit,
        "may": rules.may_audit(actor.profile, actor.person),
        "is_worked": is_worked,
        "scopes": [
            (name, [one for one in found if one.about.scope is scope]) for scope, name in SCOPES.items()
        ],
        "items": audit.items.select_related("person", "marked_by"),
        "findings": audit.findings.select_related("owner", "audit"),
        "left": list(queries.in_the_way(audit)) if is_worked else [],
        "may_sign": is_worked and may_sign.allowed,
        "sign_refused": "" if may_sign.allowed else f"{may_sign.reason} {may_sign.remedy}",
        "how_drawn": report.METHOD,
    }


def item_sheet(item: SampleItem, records: Sequence[AccessRecord], actor: Actor) -> dict[str, Any]:
    """A record drawn with everything on record about its search."""
    entries = with_destroyed([Entry(record.accessed_at, record, "") for record in records])
    return {
        "item": item,
        "lines": lines(actor.profile, entries),
        "may": rules.may_mark(actor.profile, actor.person, str(item.person_id or "")),
        "is_worked": item.audit.state == AuditState.DRAWN,
        "following": next_item(item, actor),
        "origin": f"{queries.ITEM}{item.pk}",
        "findings": item.findings.select_related("audit"),
    }


def next_item(item: SampleItem, actor: Actor) -> SampleItem | None:
    """The next record of the audit that this person may judge."""
    waiting = SampleItem.objects.filter(audit_id=item.audit_id, verdict="").exclude(pk=item.pk)
    return waiting.exclude(person_id=actor.user_id).order_by("place").first()


def after(marked: SampleItem, actor: Actor) -> str:
    """Where to go from a record just judged: what follows where it is out of policy, else the next one."""
    if marked.verdict == rules.Verdict.OUT_OF_POLICY:
        return reverse("audits:item", args=[marked.pk])
    following = next_item(marked, actor)
    if following:
        return reverse("audits:item", args=[following.pk])
    return reverse("audits:audit", args=[marked.audit_id])


def finding_sheet(finding: Finding, actor: Actor, failed: forms.Form | None) -> dict[str, Any]:
    """A finding's page with what this person may do about it."""
    audits = actor.may("audit.review") and rules.may_audit(actor.profile, actor.person).allowed
    is_owner = finding.owner_id == actor.user_id
    form: forms.Form | None = None
    if finding.state == FindingState.OPEN and is_owner:
        form = failed if isinstance(failed, ResolveForm) else ResolveForm()
    if finding.state == FindingState.RESOLVED and audits and not is_owner:
        form = failed if isinstance(failed, RetestForm) else RetestForm()
    return {
        "finding": finding,
        "audits": audits,
        "is_owner": is_owner,
        "form": form,
        "steps": finding.steps.select_related("by"),
    }


def program() -> bytes:
    """The program that draws a sample again."""
    return report.REDRAW.read_bytes()
