"""Which audits there are, when the next is due, and what stands in the way of a signature."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Func, IntegerField, Q, QuerySet

from plateward.audits import rules
from plateward.audits.models import Audit, Finding, SampleItem
from plateward.audits.rules import AuditState, FindingState, Outcome, Verdict
from plateward.governance.actor import Actor
from plateward.governance.queries import adoptions
from plateward.policy import Profile
from plateward.violations.models import Report

ITEM = "audits.SampleItem:"
"""How a report of a violation names the search drawn that it came from."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the next audit begins and when it is due; None where the policy gives no interval."""

    from_at: datetime
    due_at: datetime | None


def audits(agency: str) -> QuerySet[Audit]:
    """The agency's audits with how many records and findings they have, newest first, without papers."""
    made = Audit.objects.filter(agency_id=agency).select_related("begun_by", "signed_by")
    light = made.defer("population", "at_risk", "unsealed_rows", "data", "pdf")
    waiting = Count("items", filter=Q(items__verdict=""), distinct=True)
    left = Count("findings", filter=~Q(findings__state=FindingState.CLOSED), distinct=True)
    size = Func("population", function="cardinality", output_field=IntegerField())
    return light.annotate(waiting=waiting, open_findings=left, population_size=size).order_by("-number")


def plan(agency: str, profile: Profile, now: datetime) -> Plan:
    """The plan: each period begins where the last ended, the first when the policy took effect."""
    last = (
        Audit.objects.filter(agency_id=agency)
        .order_by("-number")
        .only("until_at", "from_at", "state")
        .first()
    )
    if last is None:
        begun = adoptions(agency).order_by("effective_at").values_list("effective_at", flat=True).first()
        from_at = begun or now
    else:
        from_at = last.until_at if last.state == AuditState.SIGNED else last.from_at
    return Plan(from_at, rules.due_at(profile, from_at))


def item_of(agency: str, item_id: UUID) -> SampleItem:
    """One record drawn; raises SampleItem.DoesNotExist."""
    found = SampleItem.objects.filter(agency_id=agency).select_related("audit", "person", "marked_by")
    return found.defer("audit__population", "audit__at_risk", "audit__data", "audit__pdf").get(pk=item_id)


def findings(agency: str) -> QuerySet[Finding]:
    """The agency's findings with their audit and owner."""
    found = Finding.objects.filter(agency_id=agency).select_related("audit", "owner", "closed_by")
    return found.defer("audit__population", "audit__at_risk", "audit__data", "audit__pdf")


def own_findings(person: Actor) -> QuerySet[Finding]:
    """The findings that a person is to resolve."""
    return findings(person.agency).filter(owner_id=person.user_id, state=FindingState.OPEN)


def in_the_way(audit: Audit) -> Iterator[str]:
    """What is left to do before an audit can be signed off, in sentences."""
    waiting = audit.items.filter(verdict="").count()
    if waiting:
        yield f"{waiting} of the records drawn are not judged."
    out = audit.items.filter(verdict=Verdict.OUT_OF_POLICY, findings__isnull=True)
    named = {f"{ITEM}{item.pk}": item for item in out}
    reported = set(
        Report.objects.filter(agency_id=audit.agency_id, origin__in=named).values_list("origin", flat=True)
    )
    for origin, item in named.items():
        if origin not in reported:
            yield f"Record {item.access_id} is out of policy: report the violation or raise a finding."
    for one in audit.checks.filter(outcome=Outcome.ATTENTION, answer="", findings__isnull=True):
        yield f"“{one.about.label}” asks for a finding, or for your word on it."
