"""What a place in a profile is called when people read it."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from plateward.policy.capabilities import CAPABILITIES
from plateward.policy.profile import Profile

NOUNS = {
    ("clauses",): "Clause",
    ("titles",): "Title",
    ("positions",): "Position",
    ("purposes",): "Purpose",
    ("organization", "data_origins"): "Data origin",
    ("training", "courses"): "Course",
    ("hotlists", "custom", "chains"): "Chain of approval",
    ("hotlists", "sources"): "List of others",
    ("hotlists", "categories"): "Category of entries",
    ("dispatch", "steps"): "Dispatch step",
    ("search", "prohibited"): "Prohibited use",
    ("retention", "rules"): "Retention of",
    ("decisions",): "Local decision",
}
"""What one part of each keyed section is."""

PARTS = {
    "policy_title": "Title of the policy",
    "agency": "Agency",
    "access": "Accounts and permissions",
    "organization": "Positions, delegations and data",
    "hotlists": "Hotlists",
    "dispatch": "Dispatch on a hit",
    "search": "Searching",
    "exports": "Taking results out as a file",
    "accuracy": "Accuracy of reads",
    "field": "Work in the field",
    "outgoing": "Alerts sent on",
    "records": "Records of access",
    "vendor_access": "Vendor staff",
    "emergency_access": "Emergency access",
    "releases": "Sharing with other agencies",
    "monitoring": "Regular review of accesses",
    "decisions": "Local decisions",
    "clauses": "Clauses",
}
"""Headings of the profile's sections that their keys do not name well."""

_FIELDS = {
    "every": "how often",
    "agreed_by": "who signs how long data are kept",
    "standing_authority": "purges need no approval of their own",
    "backups_gone_after": "backups without what was purged after",
    "reminders": "days before on which people are reminded",
    "portable_media": "booked as evidence on portable media",
    "listed": "where the policy authorizes it",
    "capabilities": "what it may do",
    "basis": "where the policy names it",
    "authorized_titles": "authorized titles",
    "account_creators": "who creates accounts",
    "permission_assigner": "who assigns permissions",
    "clearance_required": "security clearance required",
    "positions_by_title": "positions that a rank carries",
    "appointers": "who appoints to positions",
    "delegators": "who delegates the daily administration",
    "reserved": "what is never delegated",
    "data_authorizer": "who authorizes state and federal data",
    "own_authorization": "an authorization of one's own is required",
    "administrators_search": "who manages accounts may search",
    "required_before_use": "required before any use",
    "required_of": "required of",
    "certifier": "who certifies",
    "validity": "how long a certification lasts",
    "validity_by_title": "how long a certification lasts, by title",
    "operators": "titles that operate the system",
    "operator_topics": "further topics for operators",
    "end_user_topics": "further topics for end-users",
    "requesters": "who requests",
    "approver": "who approves",
    "if_unavailable": "who approves if the approver is unavailable",
    "entered_by": "who types in what was approved",
    "reminded": "who is reminded before an entry expires",
    "first_reminder": "first reminder, before an entry expires",
    "last_reminder": "last reminder, before an entry expires",
    "removal_within": "entry removed after recovery within",
    "removal_escalates_to": "who is told of overdue removals, in turn",
    "restricted_override": "what looks like restricted content may be kept",
    "major_crimes": "crimes for which a partial plate is entered",
    "mandatory_purposes": "purposes for which a vehicle must be entered",
    "self_approval": "approving one's own request",
    "approver_in_narrative": "approver noted in the narrative",
    "refresh_within": "time until an entry must be re-confirmed",
    "unavailability_asserted_by": "who records that the approver is unavailable",
    "partial_plates": "partial plates on hotlists",
    "matched": "whether it is matched",
    "permits": "what its alerts are for",
    "detail_needs": "data whose authorization its detail takes",
    "forbidden_by": "statute that forbids it",
    "codes": "what sources call it",
    "legal_basis": "legal basis",
    "received_every": "how often it is received",
    "current_for": "current for",
    "shrinks_most": "share that may end at once, in percent",
    "delta_refreshes": "additions and removals count as refreshed",
    "refresh_order": "which approvers re-confirm",
    "refresh_needs_approver": "re-confirmed by an approver only",
    "refresh_covers": "which lists must be re-confirmed",
    "finder_removes_on_recovery": "finder has the entry removed on recovery",
    "before_enforcement": "verification before enforcement action",
    "channels": "ways to verify",
    "reason_if_not_practicable": "reason recorded if verification is not practicable",
    "record_number_required": "record's number asked for with a confirmation",
    "overdue_to": "who is told of an overdue hit confirmation",
    "late_after": "a read is late after",
    "unsure_below": "a read is unsure below, in percent",
    "purposes_closed": "only the listed purposes",
    "purpose_required": "a purpose is required",
    "reason_min_length": "shortest reason, in characters",
    "reference_required": "case or incident number required",
    "suspicion_required": "suspicion required",
    "supervisor_approval_required": "supervisor's approval required",
    "kept_longest": "search kept for a case at most",
    "canvass_sent_by": "who sends cars to canvass",
    "stop_asked": "whether a stop was made is asked",
    "step_limits": "time to work each step",
    "measure": "measure to ensure accuracy",
    "corrected_by": "who corrects a read",
    "told_by": "how people may be told beside the console",
    "systems": "alerts may go to other systems",
    "plates": "with the plate",
    "offline_for": "readable without network for",
    "unit_sign_in_for": "sign-in on a unit lasts",
    "stale_list_used": "a unit matches a list past its time",
    "thin_pictures_below": "a unit gives up oldest pictures below, in megabytes",
    "most_reads": "reads in a file at most",
    "notice": "words on every line of a file",
    "vague_reasons": "reasons that say too little",
    "access_documented_by": "what documents an access",
    "inactive_after": "disabled after disuse for",
    "closed_after_separation": "closed after separation within",
    "temporary_for": "a temporary account lasts",
    "transfer_reviewed_within": "reviewed after a transfer within",
    "review_takes": "time to review all accounts",
    "first_warning": "first warning of disuse, before it disables",
    "last_warning": "last warning of disuse, before it disables",
    "escalates_to": "to whom overdue duties go",
    "opened_by": "who opens a maintenance window",
    "longest": "longest maintenance window",
    "lasts": "how long it lasts",
    "reviewed_within": "reviewed within",
    "floor": "kept at least",
    "ceiling": "kept at most",
    "schedule": "retention schedule",
    "purged_by": "who purges",
    "law": "statute",
    "designee": "who oversees the system",
    "designee_named": "the overseer's name is published",
    "policy_reviewed_every": "how often the policy is reviewed",
    "posting_checked_every": "how often the posting is checked",
    "next_in_line": "who reviews what concerns the reviewer or somebody above",
    "done_within": "time to finish a review",
    "compared_with": "how far back habits are compared",
    "sample_size": "records drawn at random",
}


def part_of(path: Sequence[str]) -> str:
    """The heading under which a place belongs."""
    return PARTS.get(path[0], words(path[0]).capitalize())


def words(key: str) -> str:
    """An identifier as words."""
    return _FIELDS.get(key) or key.replace("_", " ").replace("-", " ")


def label(profile: Profile, path: Sequence[str]) -> str:
    """The whole place in words: "Detective: what it may do", "Searching: suspicion required"."""
    for prefix, noun in NOUNS.items():
        if tuple(path[: len(prefix)]) == prefix and len(path) > len(prefix):
            named = f"{noun} {name_of(profile, path[: len(prefix) + 1])}"
            rest = path[len(prefix) + 1 :]
            return f"{named}: {', '.join(map(words, rest))}" if rest else named
    inner = [words(step) for step in path[1:]]
    return f"{part_of(path)}: {', '.join(inner)}" if inner else part_of(path)


def name_of(profile: Profile, path: Sequence[str]) -> str:
    """What one part of a keyed section is called: its name in quotes, a clause by its id."""
    found: Any = profile
    for step in path:
        found = _inner(found, step)
    if path[0] == "clauses":
        return path[-1]
    if path[0] == "retention" and hasattr(found, "name"):
        return str(found.name[:1].lower() + found.name[1:])
    name = getattr(found, "name", None) or getattr(found, "question", None) or getattr(found, "title", None)
    return f"“{name or words(path[-1])}”"


def named(profile: Profile, text: str) -> str:
    """A parameter's value in words with names instead of ids: titles, positions, courses, capabilities."""
    names = {key: capability.does for key, capability in CAPABILITIES.items()}
    for parts in (profile.titles, profile.positions, profile.training.courses):
        names |= {key: part.name for key, part in parts.items()}
    listed = ((part.partition(": ")) for part in text.split("; "))
    return "; ".join(
        f"{names.get(first, first)}{colon}{names.get(rest, rest)}" for first, colon, rest in listed
    )


def _inner(part: Any, step: str) -> Any:
    if isinstance(part, dict):
        return part.get(step)
    if isinstance(part, tuple):
        return next((item for item in part if getattr(item, "id", None) == step), None)
    return getattr(part, step, None) if isinstance(part, Struct) else None
