"""Sanctions, releases, hotlists of others, audits, and the order that stops everything."""

from datetime import datetime

from plateward.policy.decisions import Decision, allow, deny
from plateward.policy.oversight import PartnerClass, SanctionAction
from plateward.policy.parameters import Param, Period
from plateward.policy.profile import Profile


def may_query(profile: Profile, *, unacceptable_reasons: int, violations: int, retrained: bool) -> Decision:
    """Tell whether a user may go on searching after unacceptable reasons or violations on record.

    `retrained` says whether retraining was completed since the latest of them.
    """
    rules = profile.sanctions
    causes = (
        (rules.violation, violations, "A violation"),
        (rules.unacceptable_reason, unacceptable_reasons, "An unacceptable reason for a search"),
    )
    for rule, count, what in causes:
        if count > 0 and rule.settled is SanctionAction.SUSPEND_QUERIES:
            if retrained and rules.retraining_lifts.settled:
                return allow(profile, rules.retraining_lifts, "Retraining was completed since.")
            lifted = rules.retraining_lifts.settled
            remedy = "Complete the retraining." if lifted else "Ask your ALPR administrator."
            return deny(profile, rule, f"{what} is on record, and searching is suspended for it.", remedy)
    return allow(profile, rules.unacceptable_reason, "Nothing on record suspends searching.")


def may_stop_program(profile: Profile, ordered_by: str) -> Decision:
    """Tell whether this authority may order every device off (R127)."""
    authority = profile.program.stop_authority
    if authority.settled is None:
        reason = "This policy names no authority that may order every device off."
        return deny(profile, authority, reason, "Record in the profile who may, with the ground for it.")
    if ordered_by.strip().casefold() == authority.settled.casefold():
        return allow(profile, authority, f"{authority.settled} may order every device off.")
    reason = f"Only {authority.settled} may order every device off."
    return deny(profile, authority, reason, "Ask for its order.")


def release_allowed(profile: Profile, partner: PartnerClass) -> Decision:
    """Tell whether data may be released to bodies of this class at all; each release still needs approval."""
    classes = profile.releases.partner_classes
    name = partner.replace("_", " ").lower()
    if classes.settled is None:
        reason = "This policy does not say to whom data may be released."
        remedy = "Decide under Civil Code 1798.90.55 or your state's law and record it in the profile."
        return deny(profile, classes, reason, remedy)
    if partner in classes.settled:
        return allow(profile, classes, f"Data may be released to {name} agencies.")
    reason = f"Data are not released to {name} bodies."
    return deny(profile, classes, reason, "Refuse the request, with this clause.")


def hotlist_current(profile: Profile, source: str, *, received_at: datetime, at: datetime) -> Decision:
    """Tell whether a list of others, last received at `received_at`, still matches at `at` (R56).

    Raises:
        KeyError: the profile has no such source.
        ValueError: an instant has no time zone.
    """
    rules = profile.hotlists.sources[source]
    if rules.used.settled is False:
        return deny(profile, rules.used, f"{rules.name}: this agency does not use them.", "Use another list.")
    period = rules.current_for.settled
    if period is None:
        return allow(profile, rules.current_for, f"{rules.name}: the policy sets no limit of age.")
    if at < period.after(received_at):
        return allow(profile, rules.current_for, f"{rules.name}: received within {period}.")
    reason = f"{rules.name}: last received more than {period} ago."
    return deny(profile, rules.current_for, reason, "Fetch the list anew from its source.")


def audit_due(profile: Profile, last_at: datetime) -> datetime:
    """Return when the agency's own audit is due again.

    Raises:
        Unsettled: the policy gives no interval.
        ValueError: `last_at` has no time zone.
    """
    return _next(profile.audit.every, "How often the agency audits itself", last_at)


def independent_audit_due(profile: Profile, last_at: datetime) -> datetime:
    """Return when the audit by somebody independent is due again; raises as `audit_due`."""
    return _next(profile.audit.independent_every, "How often somebody independent audits", last_at)


def retention_review_due(profile: Profile, last_at: datetime) -> datetime:
    """Return when the lengths of retention are looked at again (R11); raises as `audit_due`."""
    return _next(profile.retention.reviewed_every, "How often retention is reviewed", last_at)


def use_log_published(profile: Profile) -> Decision:
    """Tell whether the agency publishes a log of use, and on what ground."""
    return _yes(profile, profile.public.use_log, "A public log of use is kept")


def _next(rule: Param[Period], what: str, last_at: datetime) -> datetime:
    return rule.require(what).after(last_at)


def _yes(profile: Profile, rule: Param[bool], what: str) -> Decision:
    if rule.settled:
        return allow(profile, rule, f"{what}.")
    return deny(profile, rule, f"{what} nowhere by this policy.", "Record a local decision to change that.")
