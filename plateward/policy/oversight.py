"""Releases, accounts, sanctions, audits, reports, the public, and stopping it all."""

from enum import StrEnum

from plateward.policy.parameters import Basis, Param, Part, Period


class PartnerClass(StrEnum):
    """Who asks for data; never guessed from a name (requirement R104)."""

    STATE = "STATE"
    COUNTY = "COUNTY"
    CITY = "CITY"
    DISTRICT = "DISTRICT"
    UNIVERSITY = "UNIVERSITY"
    PROSECUTOR = "PROSECUTOR"
    FUSION_CENTER = "FUSION_CENTER"
    FEDERAL = "FEDERAL"
    OTHER_STATE = "OTHER_STATE"
    TRIBAL = "TRIBAL"
    PRIVATE = "PRIVATE"
    VENDOR = "VENDOR"


class ReleaseRules(Part, frozen=True):
    """Sharing with other agencies; positions in `designees` may decide like the `approver`.

    `reminders` are the days before a partner's review or a standing share's approval runs out on which people
    are told. While it is silent nobody is told before; that it ran out is told in any case.
    """

    procedure: Basis
    partner_classes: Param[tuple[PartnerClass, ...]]
    written_request: Param[bool]
    request_contents: Param[tuple[str, ...]]
    approver: Param[str]
    designees: Param[tuple[str, ...]]
    request_kept: Param[bool]
    other_requests: Param[str]
    reminders: Param[tuple[int, ...]]


class AccountRules(Part, frozen=True):
    """When an account is closed for disuse or separation, and who looks through them how often.

    `escalates_to` is the position that overdue duties around accounts go to. Silence about a length of time
    leaves the standard's number, shown as the standard's (policy/standards.py). No standard says how long a
    review takes and how long before disuse closes an account its people are warned: silence leaves the
    review without a due time, and nobody warned.
    """

    inactive_after: Param[Period]
    closed_after_separation: Param[Period]
    temporary_for: Param[Period]
    transfer_reviewed_within: Param[Period]
    reviewer: Param[str]
    reviewed_every: Param[Period]
    review_takes: Param[Period]
    first_warning: Param[Period]
    last_warning: Param[Period]
    escalates_to: Param[str]


class VendorAccessRules(Part, frozen=True):
    """Maintenance windows, outside of which vendor staff do not get in; silence opens none."""

    opened_by: Param[tuple[str, ...]]
    longest: Param[Period]


class EmergencyAccessRules(Part, frozen=True):
    """What a person may obtain for a short time in a real emergency, and who reviews it.

    Silence gives none.
    """

    capabilities: Param[tuple[str, ...]]
    lasts: Param[Period]
    reviewer: Param[str]
    reviewed_within: Param[Period]


class SanctionAction(StrEnum):
    """What follows for the user."""

    REVIEW = "REVIEW"
    RETRAIN = "RETRAIN"
    SUSPEND_QUERIES = "SUSPEND_QUERIES"


class SanctionRules(Part, frozen=True):
    """What an unacceptable reason or a violation leads to, who hears of it, and what ends a suspension."""

    unacceptable_reason: Param[SanctionAction]
    violation: Param[SanctionAction]
    retraining_lifts: Param[bool]
    user_notified: Param[bool]
    reported_to: Param[str]


class AuditScope(StrEnum):
    """The two things an audit looks at; one does not stand in for the other (requirement R117)."""

    CONFIGURATION = "CONFIGURATION"
    SEARCH_ACTIVITY = "SEARCH_ACTIVITY"


class AuditRules(Part, frozen=True):
    """The audit plan: the agency's own audit, and the one by somebody independent of it (R115)."""

    every: Param[Period]
    auditor: Param[str]
    approver: Param[str]
    scope: Param[tuple[AuditScope, ...]]
    sampling: Param[str]
    papers_kept: Param[Period]
    independent_every: Param[Period]
    independent_auditor: Param[str]


class ReportRule(Part, frozen=True):
    """A report that is due again and again, to a position."""

    name: str
    every: Param[Period]
    to: Param[str]
    contents: Param[tuple[str, ...]]


class PublicRules(Part, frozen=True):
    """What everybody can read: the policy itself, and a log of use.

    `designee` is the position that oversees the system, `designee_named` whether its holder's name is
    published beside the title (R7). The policy is looked at again, and its posting checked, every so often.
    """

    policy_posted: Param[bool]
    use_log: Param[bool]
    use_log_contents: Param[tuple[str, ...]]
    designee: Param[str]
    designee_named: Param[bool]
    policy_reviewed_every: Param[Period]
    posting_checked_every: Param[Period]


class ProgramRules(Part, frozen=True):
    """Who outside or inside may order every device off, and whether the time of the stop is proved (R127)."""

    stop_authority: Param[str]
    proof_of_stop: Param[bool]
