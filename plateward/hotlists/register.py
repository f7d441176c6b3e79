"""The register of lists of others and their categories, as its pages show it: the policy beside what is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F

from plateward.governance.presenters import Shown, shown
from plateward.hotlists.models import CategorySwitch, Entry, Hotlist, ListVersion
from plateward.hotlists.queries import lists_of_others, matching_at
from plateward.hotlists.switches import decide, switches_at
from plateward.policy import (
    Basis,
    CategoryPermits,
    Decision,
    HotlistCategory,
    HotlistSource,
    Profile,
    category_name,
    forbidden_categories,
)
from plateward.ui.ages import age_text

PERMITS: Mapping[CategoryPermits, str] = {
    CategoryPermits.VERIFIED_STOP: "Enforcement action once the alert is verified",
    CategoryPermits.INFORMATION: "Information only, no stop because of it",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a list is current: a badge's key, words and tone, and its age in words."""

    key: str
    words: str
    tone: str
    age: str


@dataclass(frozen=True, slots=True)
class Row:
    """A list that came from a source of the policy; without a `hotlist` none has come yet."""

    key: str
    name: str
    rule: HotlistSource | None
    hotlist: Hotlist | None = None
    standing: Standing | None = None
    latest: ListVersion | None = None


def register(profile: Profile, agency: str, now: datetime) -> list[Row]:
    """Every list of others: those that came, and each source of the policy of which none came yet."""
    found = list(lists_of_others(agency, now))
    newest = ListVersion.objects.filter(agency_id=agency, number=F("hotlist__version"))
    latest = {version.hotlist_id: version for version in newest}
    sources = profile.hotlists.sources
    rows = [
        Row(
            one.source,
            one.name,
            sources.get(one.source),
            one,
            standing_of(one, profile, now),
            latest.get(one.pk),
        )
        for one in found
    ]
    came = {one.source for one in found}
    return [*rows, *(Row(key, rule.name, rule) for key, rule in sources.items() if key not in came)]


def standing_of(hotlist: Hotlist, profile: Profile, now: datetime) -> Standing:
    """Whether a list is current, due from its source, or past its time (stale: it matches nothing)."""
    made_at = hotlist.effective_at or hotlist.received_at
    age = f"{age_text((now - made_at).total_seconds())} old" if made_at else "of unknown age"
    if hotlist.expires_at is None or hotlist.expires_at <= now:
        return Standing("STALE", f"Stale, {age}: matches nothing", "bad", age)
    source = profile.hotlists.sources.get(hotlist.source)
    every = source.received_every.settled if source else None
    if every and hotlist.received_at and every.after(hotlist.received_at) <= now:
        return Standing("DUE", f"Due: the policy has it received every {every}", "warn", age)
    return Standing("CURRENT", "Current", "good", age)


def says_of(profile: Profile, rule: HotlistSource) -> list[Shown]:
    """What the policy says of a list, clause by clause, and on what it is silent."""
    asked = (
        ("Used by this agency", rule.used),
        ("Owner", rule.owner),
        ("Legal basis", rule.legal_basis),
        ("Received every", rule.received_every),
        ("Current for", rule.current_for),
        ("May lose at most, in percent", rule.shrinks_most),
        ("Additions and removals refresh it", rule.delta_refreshes),
    )
    return [shown(profile, label, basis) for label, basis in asked]


@dataclass(frozen=True, slots=True)
class Category:
    """A category as the policy has it, and as it is now; `entries` are those in force on current lists."""

    key: str
    name: str
    decision: Decision
    switch: CategorySwitch | None
    statute: str
    matched: Shown
    priority: Shown
    permits: Shown
    detail_needs: Shown
    entries: int

    @property
    def says(self) -> tuple[Shown, ...]:
        """What the policy says of it."""
        return self.matched, self.priority, self.permits, self.detail_needs


def categories(profile: Profile, agency: str, now: datetime) -> list[Category]:
    """Every category of the policy, and those a statute keeps out."""
    standing = switches_at(agency, now)
    counted = dict(
        Entry.objects.filter(matching_at(now), agency_id=agency)
        .exclude(category="")
        .values_list("category")
        .annotate(Count("pk"))
    )
    statutes, known = forbidden_categories(profile), profile.hotlists.categories
    return [
        _category(profile, key, known.get(key), standing.get(key), statutes.get(key, ""), counted.get(key, 0))
        for key in dict.fromkeys((*known, *statutes, *counted))
    ]


def _category(
    profile: Profile,
    key: str,
    rule: HotlistCategory | None,
    switch: CategorySwitch | None,
    statute: str,
    entries: int,
) -> Category:
    silent = Basis(silent=True)
    permits = rule.permits.settled if rule else None
    origin = profile.organization.data_origins.get((rule and rule.detail_needs.settled) or "")
    return Category(
        key=key,
        name=category_name(profile, key),
        decision=decide(profile, key, switch),
        switch=switch,
        statute=statute,
        matched=shown(profile, "The policy has it matched", rule.matched if rule else silent),
        priority=shown(profile, "Priority", rule.priority if rule else silent),
        permits=_worded(shown(profile, "Its alerts are for", rule.permits if rule else silent), permits),
        detail_needs=shown(
            profile,
            "Its detail takes authorization for",
            rule.detail_needs if rule else silent,
            origin.name if origin else "",
        ),
        entries=entries,
    )


def _worded(value: Shown, permits: CategoryPermits | None) -> Shown:
    return Shown(value.label, PERMITS[permits], value.clause, value.state) if permits else value
