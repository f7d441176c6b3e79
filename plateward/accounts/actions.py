"""Accounts and training: created, opened and certified by whom the profile says."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.accounts import banned, codes, leaving, retraining, rules
from plateward.accounts.http import ActingPerson
from plateward.accounts.identity_actions import forget_identities
from plateward.accounts.models import Agency, Certification, Paper, User
from plateward.accounts.queries import account_facts
from plateward.accounts.rules import AccountState, Act, PaperKind
from plateward.accounts.session_actions import end_sessions
from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.policy import content_covered, title_authorized
from plateward.walls import scope


@transaction.atomic
def create_user(
    *,
    agency: Agency,
    username: str,
    full_name: str,
    title: str,
    by: Who,
    now: datetime,
    profile_version: str = "",
) -> User:
    """Create one person's account, not activated and without a password; for setting a system up.

    People create accounts with `create_account`. Raises ValidationError for a name that was ever used.
    """
    user = User(
        agency=agency,
        username=username.lower(),
        full_name=full_name,
        title=title,
        state=AccountState.PENDING,
        state_since_at=now,
        admitted_at=now,
        created_at=now,
    )
    user.set_unusable_password()
    user.full_clean()
    user.save(force_insert=True)
    _journal(
        "accounts.user.created",
        user,
        by,
        now,
        {"name": full_name, "title": title},
        profile_version,
    )
    return user


@transaction.atomic
def create_account(*, username: str, full_name: str, title: str, by: ActingPerson, now: datetime) -> User:
    """Create somebody's account as one of those whom the policy names (B-466.10, H-426.2).

    Raises Refused (nobody else may) and ValidationError (a title that is not authorized, a username that
    was ever used, a person who has an account).
    """
    by.require("accounts.manage")
    rules.may_create(by.profile, by.person).require()
    if not (authorized := title_authorized(by.profile, title)):
        raise ValidationError({"title": authorized.reason})
    with scope.as_system("A username is one person's in the whole installation."):
        is_taken = User.objects.filter(username__iexact=username).exists()
    if is_taken:
        raise ValidationError(
            {"username": "This username is or was somebody's; it is never used again. Choose another."}
        )
    if known := User.objects.filter(agency_id=by.agency, full_name__iexact=full_name).first():
        raise ValidationError(
            {
                "full_name": f"{known.full_name} has the account {known.username}: one person, one account. "
                "If this is another person, add a middle name."
            }
        )
    return create_user(
        agency=Agency.objects.get(pk=by.agency),
        username=username,
        full_name=full_name,
        title=title,
        by=by.who,
        now=now,
        profile_version=by.profile.version,
    )


@transaction.atomic
def admit(
    *,
    user: User,
    password: str,
    screened_date: date,
    agreement_date: date,
    need: str,
    by: Who,
    now: datetime,
) -> None:
    """Put approval, clearance and agreement on file and activate an account; for setting a system up.

    Its person sets up a second factor at the first log-in. Raises ValidationError for a weak password.
    """
    _file_paper(user, PaperKind.APPROVAL, user.agency.day(now), by, now, statement=need)
    _file_paper(user, PaperKind.CLEARANCE, screened_date, by, now)
    _file_paper(user, PaperKind.AGREEMENT, agreement_date, by, now)
    _set_password(user, password, now)
    user.enroll_until_at = now + rules.ONE_TIME_PASSWORD_FOR
    _move(user, Act.ACTIVATE, "accounts.user.activated", by, now)


@transaction.atomic
def approve_access(*, user: User, need: str, by: ActingPerson, now: datetime) -> Paper:
    """Approve somebody's access, with what they need it for, as whom the policy names (B-466.10, H-426.2)."""
    by.require("accounts.manage")
    rules.may_assign(by.profile, by.person, str(user.pk)).require()
    known = _locked(user, by)
    return _file_paper(
        known, PaperKind.APPROVAL, by.today, by.who, now, statement=need, version=by.profile.version
    )


@transaction.atomic
def record_clearance(
    *,
    user: User,
    is_granted: bool,
    dated_date: date,
    expires_date: date | None,
    by: ActingPerson,
    now: datetime,
) -> Paper:
    """Record the outcome of a fingerprint-based screening (B-466.10); raises ValidationError."""
    known = _managed(user, by)
    _check_dates(dated_date, expires_date, by)
    return _file_paper(
        known,
        PaperKind.CLEARANCE,
        dated_date,
        by.who,
        now,
        is_granted=is_granted,
        expires_date=expires_date,
        version=by.profile.version,
    )


@transaction.atomic
def record_agreement(*, user: User, dated_date: date, by: ActingPerson, now: datetime) -> Paper:
    """Record that the access agreement was signed; raises ValidationError for a day to come."""
    known = _managed(user, by)
    _check_dates(dated_date, None, by)
    return _file_paper(known, PaperKind.AGREEMENT, dated_date, by.who, now, version=by.profile.version)


@transaction.atomic
def activate(*, user: User, by: ActingPerson, now: datetime) -> str:
    """Open an account to its person once everything is on file; returns the one-time password, shown once."""
    known = _ready(user, Act.ACTIVATE, by)
    password = issue(known, now)
    _move(known, Act.ACTIVATE, "accounts.user.activated", by.who, now, version=by.profile.version)
    return password


@transaction.atomic
def suspend(
    *,
    user: User,
    reason: str,
    needs_retraining: bool,
    by: ActingPerson,
    now: datetime,
    retrain_course: str = "",
) -> None:
    """Close an account for a time and end its sessions; a violation demands retraining (B-466.6(e)).

    Raises ValidationError for a course that the title does not need; "" is the first one it does.
    """
    known = _managed(user, by)
    rules.may_move(account_facts(known), Act.SUSPEND).require()
    known.needs_retraining = needs_retraining
    known.retrain_course = retraining.course_of(known, retrain_course, by) if needs_retraining else ""
    _move(known, Act.SUSPEND, "accounts.user.suspended", by.who, now, reason, by.profile.version)
    end_sessions(user=known, sessions=known.sessions.all(), now=now)
    if known.retrain_course:
        retraining.demand(user=known, course=known.retrain_course, note=reason, by=by, now=now)


@transaction.atomic
def reactivate(*, user: User, reason: str, by: ActingPerson, now: datetime) -> str:
    """Open a suspended account again once everything is there; returns the one-time password, shown once."""
    known = _ready(user, Act.REACTIVATE, by)
    password = issue(known, now)
    known.needs_retraining, known.retrain_course = False, ""
    _move(known, Act.REACTIVATE, "accounts.user.reactivated", by.who, now, reason, by.profile.version)
    return password


@transaction.atomic
def deactivate(*, user: User, reason: str, by: ActingPerson, now: datetime) -> None:
    """Close the account of somebody who left or no longer needs it, and end its sessions at once."""
    known = _managed(user, by)
    rules.may_move(account_facts(known), Act.DEACTIVATE).require()
    known.set_unusable_password()
    _forget_factors(known)
    forget_identities(user=known, reason=reason, by=by.who, now=now, profile_version=by.profile.version)
    _move(known, Act.DEACTIVATE, "accounts.user.deactivated", by.who, now, reason, by.profile.version)
    end_sessions(user=known, sessions=known.sessions.all(), now=now)


@transaction.atomic
def close_account(*, user: User, act: Act, reason: str, by: Who, now: datetime, version: str) -> None:
    """Suspend or deactivate an account, locked by the caller, and end its sessions; for the clock.

    People do it with `suspend` and `deactivate`. Raises Refused when its state does not let it.
    """
    rules.may_move(account_facts(user), act).require()
    if act is Act.DEACTIVATE:
        user.set_unusable_password()
        _forget_factors(user)
        forget_identities(user=user, reason=reason, by=by, now=now, profile_version=version)
    verb = "accounts.user.deactivated" if act is Act.DEACTIVATE else "accounts.user.suspended"
    _move(user, act, verb, by, now, reason, version)
    end_sessions(user=user, sessions=user.sessions.all(), now=now)


@transaction.atomic
def reinstate(*, user: User, reason: str, by: ActingPerson, now: datetime) -> None:
    """Take somebody back under their own name; everything must be put on file anew before activation."""
    rules.may_create(by.profile, by.person).require()
    known = _managed(user, by)
    rules.may_move(account_facts(known), Act.REINSTATE).require()
    known.admitted_at = now
    _move(known, Act.REINSTATE, "accounts.user.reinstated", by.who, now, reason, by.profile.version)


@transaction.atomic
def change_title(*, user: User, title: str, by: ActingPerson, now: datetime) -> None:
    """Assign another title, from which permissions follow; the person logs in anew (B-466.10, H-426.2).

    Raises Refused (only the permission assigner may) and ValidationError (no change, not authorized).
    """
    by.require("accounts.manage")
    rules.may_assign(by.profile, by.person, str(user.pk)).require()
    known = _locked(user, by)
    if known.is_partner:
        raise ValidationError({"title": "A partner has no title here. Members get an account of their own."})
    if not (authorized := title_authorized(by.profile, title)):
        raise ValidationError({"title": authorized.reason})
    if title == known.title:
        raise ValidationError({"title": "This is the title already."})
    before, known.title = known.title, title
    known.save(update_fields=["title"])
    detail = {"from": before, "to": title}
    _journal("accounts.user.retitled", known, by.who, now, detail, by.profile.version)
    end_sessions(user=known, sessions=known.sessions.all(), now=now)


@transaction.atomic
def release(*, user: User, reason: str, by: ActingPerson, now: datetime) -> None:
    """Release an account locked by failed log-ins (CJIS AC-7); raises ValidationError if it is not."""
    known = _managed(user, by)
    if known.locked_at is None:
        raise ValidationError("The account is not locked; somebody released it already.")
    unlock(user=known, reason=reason, by=by.who, now=now, profile_version=by.profile.version)


@transaction.atomic
def unlock(*, user: User, reason: str, by: Who, now: datetime, profile_version: str = "") -> None:
    """Release a locked account; people do it with `release`, a machine's keeper on the command line."""
    user.locked_at = None
    user.save(update_fields=["locked_at"])
    user.failures.all().delete()
    _journal("accounts.user.released", user, by, now, {"reason": reason}, profile_version)


@transaction.atomic
def issue_password(*, user: User, reason: str, by: ActingPerson, now: datetime) -> str:
    """Replace a lost password by a one-time one, which is returned and shown once; ends all sessions."""
    known = _managed(user, by)
    if known.state != AccountState.ACTIVE:
        raise ValidationError("Only an active account has a password. Activate it; that issues one.")
    password = issue(known, now)
    known.save()
    _journal("accounts.password.issued", known, by.who, now, {"reason": reason}, by.profile.version)
    end_sessions(user=known, sessions=known.sessions.all(), now=now)
    return password


@transaction.atomic
def reset_factors(*, user: User, reason: str, by: ActingPerson, now: datetime) -> str:
    """Take lost second factors away and issue a one-time password, which is returned and shown once.

    Its person logs in with that and sets up another; all sessions end. Raises ValidationError.
    """
    known = _managed(user, by)
    if known.state != AccountState.ACTIVE:
        raise ValidationError("Only an active account has a second factor. Activate it first.")
    return renew_access(user=known, reason=reason, by=by.who, now=now, profile_version=by.profile.version)


@transaction.atomic
def renew_access(*, user: User, reason: str, by: Who, now: datetime, profile_version: str = "") -> str:
    """Replace password and second factors; people do it with `reset_factors`.

    A machine's keeper does it on the command line, while nobody can in the browser.
    """
    gone = [factor.name for factor in user.factors.all()]
    _forget_factors(user)
    password = issue(user, now)
    user.save()
    _journal("accounts.factor.reset", user, by, now, {"reason": reason, "gone": gone}, profile_version)
    end_sessions(user=user, sessions=user.sessions.all(), now=now)
    return password


@transaction.atomic
def change_password(*, user: User, password: str, by: Who, now: datetime) -> None:
    """Give one's own account a chosen password; raises ValidationError saying what is wrong with it."""
    if user.check_password(password):
        raise ValidationError({"new_password": "This is the password you have. Choose another."})
    try:
        _set_password(user, password, now)
    except ValidationError as error:
        raise ValidationError({"new_password": error.messages}) from error
    user.one_time_until_at = None
    user.save()
    _journal("accounts.password.changed", user, by, now, {})


@transaction.atomic
def certify(
    *,
    user: User,
    course: str,
    completed_date: date,
    expires_date: date | None,
    certified_by: User,
    by: Who,
    now: datetime,
    profile_version: str = "",
    topics: Sequence[str] = (),
    instructor: str = "",
) -> Certification:
    """Put a completed course on file (B-466.8, H-426.7); raises ValidationError for impossible dates."""
    certification = Certification(
        agency=user.agency,
        user=user,
        course=course,
        completed_date=completed_date,
        expires_date=expires_date,
        topics=list(topics),
        instructor=instructor,
        certified_by=certified_by,
        recorded_at=now,
    )
    certification.full_clean()
    certification.save(force_insert=True)
    detail = {
        "course": course,
        "completed": completed_date.isoformat(),
        "expires": expires_date.isoformat() if expires_date else "",
        "certified_by": certified_by.username,
        "topics": list(topics),
        "instructor": instructor,
    }
    _journal("accounts.training.certified", user, by, now, detail, profile_version)
    return certification


@transaction.atomic
def certify_training(
    *,
    user: User,
    course: str,
    completed_date: date,
    expires_date: date | None,
    topics: Sequence[str],
    instructor: str,
    by: ActingPerson,
    now: datetime,
) -> Certification:
    """Certify somebody's completed training as the person whom the profile names (B-466.8, H-426.7).

    Raises Refused (not the certifier, one's own training, a topic left out) and ValidationError (unknown
    course, impossible dates, a certificate already on file for that day).
    """
    by.require("training.certify")
    rules.may_certify(by.profile, by.person, str(user.pk)).require()
    if problem := rules.certification_problem(by.profile, course, completed_date, expires_date, by.today):
        field, message = problem
        raise ValidationError({field: message})
    content_covered(by.profile, course, user.title, topics).require()
    return certify(
        user=user,
        course=course,
        completed_date=completed_date,
        expires_date=expires_date,
        certified_by=User.objects.get(pk=by.user_id, agency_id=user.agency_id),
        by=by.who,
        now=now,
        profile_version=by.profile.version,
        topics=topics,
        instructor=instructor,
    )


def _managed(user: User, by: ActingPerson) -> User:
    """The account, locked for this transaction, if this person may act on it."""
    by.require("accounts.manage")
    rules.may_manage(by.profile, by.person, str(user.pk)).require()
    return _locked(user, by)


def _locked(user: User, by: ActingPerson) -> User:
    return (
        User.objects.select_for_update(of=("self",))
        .select_related("agency")
        .get(pk=user.pk, agency_id=by.agency)
    )


def _ready(user: User, act: Act, by: ActingPerson) -> User:
    """The account, if its state and what is on file let it be opened."""
    known = _managed(user, by)
    facts = account_facts(known)
    rules.may_move(facts, act).require()
    rules.ready(by.profile, facts, by.today).require()
    return known


def _check_dates(dated: date, expires: date | None, by: ActingPerson) -> None:
    if problem := rules.paper_problem(dated, expires, by.today):
        field, message = problem
        raise ValidationError({field: message})


def _file_paper(
    user: User,
    kind: PaperKind,
    dated: date,
    by: Who,
    now: datetime,
    *,
    is_granted: bool = True,
    expires_date: date | None = None,
    statement: str = "",
    version: str = "",
) -> Paper:
    paper = Paper(
        agency=user.agency,
        user=user,
        kind=kind,
        is_granted=is_granted,
        statement=statement,
        dated_date=dated,
        expires_date=expires_date,
        recorded_by=by.name,
        recorded_at=now,
    )
    paper.full_clean()
    paper.save(force_insert=True)
    detail = {
        "kind": kind.value.lower(),
        "granted": is_granted,
        "dated": dated.isoformat(),
        "expires": expires_date.isoformat() if expires_date else "",
        "statement": statement,
    }
    _journal("accounts.paper.filed", user, by, now, detail, version)
    return paper


def _move(
    user: User, act: Act, verb: str, by: Who, now: datetime, reason: str = "", version: str = ""
) -> None:
    user.state = rules.target_of(act)
    user.state_reason = reason
    user.state_since_at = now
    user.full_clean()
    user.save()
    _journal(verb, user, by, now, {"reason": reason, "retraining": user.needs_retraining}, version)
    if act is Act.DEACTIVATE:
        leaving.deactivated(user, by, now)


def _set_password(user: User, password: str, now: datetime) -> None:
    validate_password(password, user)
    user.set_password(password)
    user.password_changed_at = user.password_compared_at = now
    user.password_list, user.password_fault = banned.VERSION, ""


def issue(user: User, now: datetime) -> str:
    """A one-time password, not saved yet; nobody but the one who hands it over sees it."""
    password = codes.new_one_time_password()
    user.set_password(password)
    user.one_time_until_at = user.enroll_until_at = now + rules.ONE_TIME_PASSWORD_FOR
    user.password_changed_at = user.password_compared_at = now
    user.password_list, user.password_fault = banned.VERSION, ""
    return password


def _forget_factors(user: User) -> None:
    user.factors.all().delete()
    user.recovery_codes.all().delete()


def _journal(
    verb: str,
    user: User,
    by: Who,
    now: datetime,
    detail: Mapping[str, object],
    profile_version: str = "",
) -> None:
    audit.record(
        verb=verb,
        by=by,
        agency=user.agency_id,
        subject=f"accounts.User:{user.pk}",
        detail={"username": user.username, **detail},
        profile_version=profile_version,
        now=now,
    )
