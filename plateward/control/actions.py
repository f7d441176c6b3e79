"""Ending accounts: planned and at once, by people and by the clock; reviewing changed duties."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from plateward.accounts import actions as accounts
from plateward.accounts import rules as account_rules
from plateward.accounts.http import ActingPerson
from plateward.accounts.models import User
from plateward.accounts.rules import AccountState, Act
from plateward.audit import actions as audit
from plateward.audit.models import AuditRecord
from plateward.audit.who import CLOCK, Who
from plateward.control import queries, rules
from plateward.control.models import PlannedEnd
from plateward.control.rules import Disuse, EndKind
from plateward.notices import actions as notices
from plateward.notices.rules import to_person, to_position
from plateward.policy import Profile, account_limit

DISUSE, CHANGED_NEED, FAILURE = "account-disuse", "account-changed-need", "account-clock-failure"
_SEEN_BACK = timedelta(days=2)
"""Changed duties are looked for so far back, since the clock may have stood still."""


@transaction.atomic
def plan_end(
    *, user: User, kind: EndKind, ends_at: datetime, reason: str, by: ActingPerson, now: datetime
) -> PlannedEnd:
    """Plan an account's end; one whose time has come is executed at once, its sessions ended.

    Raises Refused, and ValidationError for an impossible time or an account that ends already.
    """
    known = _managed(user, by)
    if problem := rules.end_problem(by.profile, kind, ends_at, now):
        raise ValidationError({"ends_at": problem})
    if known.state == AccountState.DEACTIVATED or queries.planned_end(known):
        raise ValidationError("This account has ended or its end is planned. Withdraw that first.")
    planned = PlannedEnd(
        agency_id=by.agency,
        user=known,
        kind=kind,
        ends_at=ends_at,
        reason=reason,
        recorded_by=by.name,
        recorded_at=now,
    )
    planned.full_clean()
    planned.save(force_insert=True)
    detail = {"kind": kind.value, "ends_at": ends_at.isoformat(), "reason": reason}
    _journal("control.end.planned", known, by.who, by.profile.version, now, detail)
    _tell_managers(by.profile, planned, by.who, now)
    if ends_at <= now:
        _execute(planned, by.profile.version, by.who, now)
    return planned


@transaction.atomic
def withdraw_end(*, user: User, reason: str, by: ActingPerson, now: datetime) -> None:
    """Let an account go on whose end was planned; raises ValidationError when none is."""
    known = _managed(user, by)
    planned = queries.planned_ends().select_for_update(of=("self",)).filter(user=known).first()
    if planned is None:
        raise ValidationError("No end is planned for this account; it may have come already.")
    planned.withdrawn_at = now
    planned.save(update_fields=["withdrawn_at"])
    _journal("control.end.withdrawn", known, by.who, by.profile.version, now, {"reason": reason})


@transaction.atomic
def disable_for_threat(*, user: User, reason: str, by: ActingPerson, now: datetime) -> None:
    """Close an account at once that threatens the system, and end its sessions (CJIS AC-2(13): 30 minutes).

    The position above is told at once. Raises Refused.
    """
    accounts.suspend(user=user, reason=reason, needs_retraining=False, by=by, now=now)
    _journal("control.account.threatened", user, by.who, by.profile.version, now, {"reason": reason})
    above = by.profile.accounts.escalates_to.settled or by.profile.access.permission_assigner.settled
    if above:
        notices.raise_notice(
            agency=by.agency,
            key=f"threat:{user.pk}:{now.isoformat()}",
            kind="account-threat",
            to=to_position(above),
            text=f"{by.name} disabled the account of {user.full_name} at once as a threat.",
            link=reverse("control:account", args=[user.pk]),
            subject=f"accounts.User:{user.pk}",
            by=by.who,
            now=now,
        )


@transaction.atomic
def review_transfer(*, user: User, note: str, by: ActingPerson, now: datetime) -> None:
    """Confirm that a person's access fits their changed duties (CJIS PS-5); ValidationError if none waits."""
    known = _managed(user, by)
    subject = f"accounts.User:{known.pk}"
    settled = notices.settle_about(
        agency=by.agency, subject=subject, kind=queries.TRANSFER, by=by.who, now=now
    )
    if not settled:
        raise ValidationError("No change of duties waits to be reviewed; somebody reviewed it meanwhile.")
    _journal("control.transfer.reviewed", known, by.who, by.profile.version, now, {"note": note})


def run_clock(*, agency: str, profile: Profile, now: datetime) -> int:
    """Do what the clock owes an agency's accounts; returns how many it ended. Doing it again does no more."""
    ended = [_execute_due(end, profile, now) for end in queries.planned_ends().filter(agency_id=agency)]
    disused = [_look_at_use(user, profile, now) for user in queries.active_accounts(agency)]
    for row in queries.changed_duties(agency, now - _SEEN_BACK):
        _ask_for_review(row, profile, now)
    notices.settle_about(agency=agency, subject=_whole_clock(agency), kind=FAILURE, by=CLOCK, now=now)
    return sum(ended) + sum(disused)


@transaction.atomic
def tell_of_failure(*, agency: str, profile: Profile, now: datetime) -> None:
    """Tell those who manage accounts, once a day, that the clock did not do all that was due; it goes on.

    The notice ends by itself with the next run that does.
    """
    for position in _managers(profile):
        notices.raise_notice(
            agency=agency,
            key=f"{FAILURE}:{profile.agency.day(now)}:{position}",
            kind=FAILURE,
            to=to_position(position),
            text="The clock could not end or warn of every account that is due. Look at them, end what is "
            "due by hand, and have the server’s log looked at.",
            link=reverse("control:accounts"),
            subject=_whole_clock(agency),
            is_task=True,
            by=CLOCK,
            now=now,
        )


def _whole_clock(agency: str) -> str:
    return f"control.Clock:{agency}"


@transaction.atomic
def _execute_due(end: PlannedEnd, profile: Profile, now: datetime) -> bool:
    due = queries.planned_ends().select_for_update(of=("self",)).filter(pk=end.pk, ends_at__lte=now).first()
    if due is not None:
        _execute(due, profile.version, CLOCK, now)
    return due is not None


def _execute(planned: PlannedEnd, version: str, by: Who, now: datetime) -> None:
    planned.executed_at = max(now, planned.ends_at)
    planned.save(update_fields=["executed_at"])
    user = User.objects.select_for_update(of=("self",)).select_related("agency").get(pk=planned.user_id)
    if user.state != AccountState.DEACTIVATED:
        reason = f"{planned.get_kind_display()}: {planned.reason}"[:300]
        accounts.close_account(user=user, act=Act.DEACTIVATE, reason=reason, by=by, now=now, version=version)
    _journal("control.end.executed", user, by, version, now, {"kind": planned.kind})


@transaction.atomic
def _look_at_use(seen: User, profile: Profile, now: datetime) -> bool:
    """Warn of disuse, or disable for it; True when disabled."""
    used: datetime = seen.last_used_at  # type: ignore[attr-defined]  # with_last_use adds it
    stage = rules.disuse(profile, used, now)
    if stage is Disuse.USED:
        subject = f"accounts.User:{seen.pk}"
        notices.settle_about(agency=seen.agency_id, subject=subject, kind=DISUSE, by=CLOCK, now=now)
    elif stage is Disuse.DISABLED:
        return _disable(seen, profile, now)
    else:
        _warn_of_disuse(seen, stage, rules.disabled_at(profile, used), profile, now)
    return False


def _disable(seen: User, profile: Profile, now: datetime) -> bool:
    """Disable an account for disuse; False if it was used, or somebody closed it, since it was `seen`."""
    user = User.objects.select_for_update(of=("self",)).select_related("agency").get(pk=seen.pk)
    # A log-in writes to the row that is locked now: what is read from here on holds until the end.
    active = queries.with_last_use(User.objects.filter(pk=user.pk, state=AccountState.ACTIVE))
    if (known := active.first()) is None:
        return False
    used: datetime = known.last_used_at  # type: ignore[attr-defined]  # with_last_use adds it
    if rules.disuse(profile, used, now) is not Disuse.DISABLED:
        return False
    reason = f"Not used for {account_limit(profile, 'inactive_after').words}."
    version = profile.version
    accounts.close_account(user=user, act=Act.SUSPEND, reason=reason, by=CLOCK, now=now, version=version)
    return True


def _warn_of_disuse(user: User, stage: Disuse, at: datetime, profile: Profile, now: datetime) -> None:
    day = profile.agency.day(at).isoformat()
    to = [(to_person(user.pk, user.full_name), f"Your account is disabled on {day} unless you use it.")]
    words = f"The account of {user.full_name} is disabled on {day} unless it is used."
    to += [(to_position(position), words) for position in _managers(profile)]
    for addressee, text in to:
        notices.raise_notice(
            agency=user.agency_id,
            key=f"disuse:{user.pk}:{day}:{stage}:{addressee.position}",
            kind=DISUSE,
            to=addressee,
            text=text,
            link="" if addressee.user_id else reverse("control:account", args=[user.pk]),
            subject=f"accounts.User:{user.pk}",
            by=CLOCK,
            now=now,
        )


@transaction.atomic
def _ask_for_review(row: AuditRecord, profile: Profile, now: datetime) -> None:
    """Have whoever assigns permissions look at a person's access after a change of duties."""
    to = profile.access.permission_assigner.settled
    user = User.objects.filter(username=row.detail.get("username", ""), agency_id=row.agency).first()
    if not to or user is None:
        return
    within = account_limit(profile, "transfer_reviewed_within")
    notices.raise_notice(
        agency=row.agency,
        key=f"transfer:{row.pk}",
        kind=queries.TRANSFER,
        to=to_position(to),
        text=f"{user.full_name} has other duties. Review what they may do ({within.source}).",
        link=reverse("control:account", args=[user.pk]),
        subject=f"accounts.User:{user.pk}",
        due_at=max(now, within.period.after(row.recorded_at)),
        escalates_to=profile.accounts.escalates_to.settled or "",
        is_task=True,
        by=CLOCK,
        now=now,
    )


def _tell_managers(profile: Profile, planned: PlannedEnd, by: Who, now: datetime) -> None:
    day = profile.agency.day(planned.ends_at)
    for position in _managers(profile):
        notices.raise_notice(
            agency=planned.agency_id,
            key=f"end:{planned.pk}:{position}",
            kind=CHANGED_NEED,
            to=to_position(position),
            text=f"The account of {planned.user.full_name} ends on {day}.",
            link=reverse("control:account", args=[planned.user_id]),
            subject=f"accounts.User:{planned.user_id}",
            due_at=now + rules.MANAGERS_TOLD_WITHIN,
            by=by,
            now=now,
        )


def _managers(profile: Profile) -> tuple[str, ...]:
    return profile.access.account_creators.settled or ()


def _managed(user: User, by: ActingPerson) -> User:
    """The account, locked for this transaction, if this person may act on it."""
    by.require("accounts.manage")
    account_rules.may_manage(by.profile, by.person, str(user.pk)).require()
    return User.objects.select_for_update(of=("self",)).get(pk=user.pk, agency_id=by.agency)


def _journal(verb: str, user: User, by: Who, version: str, now: datetime, detail: Mapping[str, str]) -> None:
    audit.record(
        verb=verb,
        by=by,
        agency=user.agency_id,
        subject=f"accounts.User:{user.pk}",
        detail={"username": user.username, **detail},
        profile_version=version,
        now=now,
    )
