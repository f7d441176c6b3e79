"""Which categories of the lists of others are matched, now and at any instant before, with its proof."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from plateward.audit.models import AuditRecord
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.hotlists.models import CategorySwitch, Entry
from plateward.policy import Decision, Profile, category_matched

SWITCHED: Final = "hotlists.category.switched"
"""The journal's word for it."""


def switches_at(agency: str, at: datetime) -> dict[str, CategorySwitch]:
    """The switches of an agency that stood at `at`, by category."""
    stood = Q(until_at__isnull=True) | Q(until_at__gt=at)
    found = CategorySwitch.objects.filter(stood, agency_id=agency, from_at__lte=at)
    return {one.category: one for one in found.select_related("switched_by")}


def switches_of(agency: str, category: str) -> QuerySet[CategorySwitch]:
    """Every time in which a category was switched one way, the newest first."""
    found = CategorySwitch.objects.filter(agency_id=agency, category=category)
    return found.select_related("switched_by").order_by("-from_at")


def subject_of(agency: str, category: str) -> str:
    """What the journal calls a category."""
    return f"hotlists.Category:{agency}/{category}"


def decide(profile: Profile, category: str, switch: CategorySwitch | None) -> Decision:
    """Whether a category is matched by a policy and the switch that stands."""
    return category_matched(profile, category, switched_on=switch.is_on if switch else None)


def matched_only(entries: Iterable[Entry], now: datetime) -> list[Entry]:
    """Those of the entries whose category is on at `now`, in their order.

    Rows are asked each time, so that a switch counts from the moment it is committed. Where an agency's
    policy cannot be asked nothing of a category is matched.
    """
    known: dict[str, tuple[Profile | None, dict[str, CategorySwitch]]] = {}
    found = []
    for entry in entries:
        if entry.category and entry.agency_id not in known:
            known[entry.agency_id] = _profile(entry.agency_id, now), switches_at(entry.agency_id, now)
        profile, switches = known.get(entry.agency_id, (None, {}))
        if not entry.category or (profile and decide(profile, entry.category, switches.get(entry.category))):
            found.append(entry)
    return found


def _profile(agency: str, at: datetime) -> Profile | None:
    try:
        return profile_for(agency, at)
    except PolicyUnavailableError:
        return None


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether a category was on at an instant, and what says so.

    `policy` is the version that was in force, "" for none; `switch` what stood of switches. `last` is the
    journal's last row of a switch up to then and `next` the first one after: between them nobody switched.
    """

    category: str
    at: datetime
    decision: Decision
    policy: str
    switch: CategorySwitch | None
    last: AuditRecord | None
    next: AuditRecord | None

    @property
    def agrees(self) -> bool:
        """Whether rows and journal say the same."""
        said = self.last.detail.get("to") == "on" if self.last else None
        return said == (self.switch.is_on if self.switch else None)


def proof_of(agency: str, category: str, at: datetime) -> Proof:
    """Whether a category was on at `at`, from the rows, beside what the journal says."""
    profile, switch = _profile(agency, at), switches_at(agency, at).get(category)
    rows = AuditRecord.objects.filter(agency=agency, verb=SWITCHED, subject=subject_of(agency, category))
    if profile is None:
        decision = Decision(False, "", "No policy was in force then, so that nothing was matched.", "")
    else:
        decision = decide(profile, category, switch)
    return Proof(
        category=category,
        at=at,
        decision=decision,
        policy=profile.version if profile else "",
        switch=switch,
        last=rows.filter(recorded_at__lte=at).order_by("-id").first(),
        next=rows.filter(recorded_at__gt=at).order_by("id").first(),
    )
