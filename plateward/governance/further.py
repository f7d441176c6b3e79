"""The parts of a profile that need no table of their own, straight from the list of its parameters.

Whatever parameter a section gains appears here by itself, in words, with its ground.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from plateward.governance.presenters import Shown, place_of
from plateward.policy import Layer, Profile, Setting, State, conflicts, named, settings

SECTIONS = {
    "organization": "Positions, delegations and data",
    "sources": "Who owns, operates and hosts the data",
    "exports": "Taking results out as a file",
    "accuracy": "Accuracy of reads",
    "field": "Work in the field",
    "outgoing": "Alerts sent on",
    "records": "Records of access",
    "releases": "Releases",
    "vendor_access": "Vendor staff",
    "emergency_access": "Emergency access",
    "monitoring": "Regular review of accesses",
    "accounts": "Account rules",
    "sanctions": "Unacceptable reasons and violations",
    "audit": "Audits",
    "reports": "Reports",
    "public": "What the public can read",
    "program": "Stopping the program",
}
MORE = {
    "hotlists.sources.": "Hotlists of others",
    "hotlists.categories.": "Categories of entries on lists of others",
    "hotlists.excluded_categories": "Hotlists of others",
    "hotlists.partial_plates": "Further rules for searches and alerts",
    "hotlists.major_crimes": "Further rules for searches and alerts",
    "hotlists.mandatory_purposes": "Further rules for searches and alerts",
    "access.positions_by_title": "Account rules",
    "search.purposes_closed": "Further rules for searches and alerts",
    "search.vague_reasons": "Further rules for searches and alerts",
    "dispatch.stop_asked": "Further rules for searches and alerts",
    "dispatch.dispositions": "Further rules for searches and alerts",
    "retention.": "Retention, with holds and other documents",
}


_SHOWN_ELSEWHERE = re.compile(r"retention\.rules\.[^.]+\.(floor|ceiling|schedule|purged_by)")


class PlainSection(NamedTuple):
    """A heading with an id for links, and its values."""

    id: str
    title: str
    values: list[Shown]


def sections(profile: Profile) -> list[PlainSection]:
    """Where the profile comes from, its contradictions, and every parameter no other section shows."""
    grouped: dict[str, list[Shown]] = {}
    for setting in settings(profile):
        if title := _title(setting.path):
            grouped.setdefault(title, []).append(_shown(profile, setting))
    return [
        PlainSection("documents", "Documents", [*_documents(profile)]),
        PlainSection("contradictions", "Contradictions between documents", [*_contradictions(profile)]),
        *(PlainSection(_id(title), title, values) for title, values in grouped.items()),
    ]


def _title(path: str) -> str:
    if _SHOWN_ELSEWHERE.fullmatch(path):
        return ""
    more = next((title for start, title in MORE.items() if path.startswith(start)), "")
    return more or SECTIONS.get(path.partition(".")[0], "")


def _id(title: str) -> str:
    return "more-" + "-".join(title.lower().replace(",", "").split())


def _shown(profile: Profile, setting: Setting) -> Shown:
    text = named(profile, setting.text)
    names = _names(profile)
    place = place_of(names.get(part, part) for part in setting.path.split(".")[1:])
    return Shown(place, text, setting.clause, setting.state)


def _names(profile: Profile) -> dict[str, str]:
    """What people call the parts that a path names by id."""
    rules = profile.retention.rules
    stages = {key: stage for rule in rules.values() for key, stage in rule.stages.items()}
    origins = profile.organization.data_origins
    named = (
        origins,
        profile.sources,
        profile.hotlists.sources,
        profile.hotlists.categories,
        profile.reports,
        profile.layers,
        stages,
        rules,
    )
    return {key: part.name for parts in named for key, part in parts.items()}


def _documents(profile: Profile) -> Iterator[Shown]:
    yield Shown("Written from", profile.provenance.statement, "", State.SPECIFIED)
    roles = ", ".join(role.replace("_", " ").lower() for role in profile.agency.roles)
    yield Shown("The agency is", roles, "", State.SPECIFIED)
    for layer in profile.layers.values():
        yield Shown(layer.name, _told(layer), "", State.SPECIFIED)


def _told(layer: Layer) -> str:
    parts = [layer.kind.replace("_", " ").lower()]
    parts.append(f"in force since {layer.effective_date}" if layer.effective_date else "beginning not known")
    if layer.until_date:
        parts.append(f"until {layer.until_date}")
    parts.append("on file" if layer.on_file else "not on file")
    return ", ".join(parts)


def _contradictions(profile: Profile) -> Iterator[Shown]:
    found = conflicts(profile)
    for conflict in found:
        decided = conflict.settled_by
        clause = profile.citation(decided) if decided else ""
        state = decided.state if decided else State.SPECIFIED
        counts = f"{profile.layers[decided.settled].name} counts." if decided and decided.settled else OPEN
        yield Shown("Decided" if decided else "Open", f"{conflict.explanation} {counts}", clause, state)
    if not found:
        yield Shown("None", "No document on record contradicts another.", "", State.SPECIFIED)


OPEN = "Nothing is purged here until it is decided which counts."
