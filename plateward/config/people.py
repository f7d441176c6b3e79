"""Entering an installation's first people from the command line, through the product's own actions.

Accounts are created in the browser by whom the policy names (B-466.10, H-426.2). The command line does it
only while none of them can come in: at the beginning, or when the only one is locked out or lost training.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.accounts import actions as accounts
from plateward.accounts.models import Agency, User
from plateward.accounts.queries import people_of
from plateward.accounts.rules import AccountState, may_create
from plateward.audit.who import Who
from plateward.config.problems import Problem
from plateward.governance import actions as governance
from plateward.governance.queries import NoPolicyInForceError, UnusablePolicyError, actor_for, profile_for
from plateward.policy import Profile, topics_for

NOT_ON_PAPER = (
    "A new person needs --screened DAY (clearance), --agreed DAY (signed access agreement) and --need TEXT."
)


@dataclass(frozen=True, kw_only=True)
class Training:
    """A completed course; `by` is the username of who certifies it."""

    completed_date: date
    by: str
    course: str | None = None
    """By default the profile's first."""


@dataclass(frozen=True, kw_only=True)
class Admission:
    """What is on paper of a new person."""

    screened_date: date
    agreement_date: date
    need: str


def is_known(username: str) -> bool:
    """True when somebody has this username."""
    return User.objects.filter(username=username.lower()).exists()


@transaction.atomic
def enter(
    *,
    agency: str,
    username: str,
    name: str,
    title: str,
    password: str,
    positions: tuple[str, ...],
    training: Training | None,
    by: Who,
    now: datetime,
    admission: Admission | None = None,
    release: bool = False,
) -> User:
    """Enter a person if the username is new, then give positions and training; all of it or nothing.

    Raises Problem with what to do.
    """
    profile = _profile(agency)
    if training or release or admission or not is_known(username):
        _refuse_after_setup(profile, agency, now)
    try:
        if is_known(username):
            user = _known(agency, username)
        elif admission is None:
            raise Problem(NOT_ON_PAPER)
        else:
            _refuse_unknown("title", title, profile.titles)
            user = accounts.create_user(
                agency=Agency.objects.get(pk=agency),
                username=username,
                full_name=name,
                title=title,
                by=by,
                now=now,
            )
        if admission:
            accounts.admit(user=user, password=password, **asdict(admission), by=by, now=now)
        if release:
            accounts.unlock(user=user, reason="Released on the command line.", by=by, now=now)
        for position in positions:
            _refuse_unknown("position", position, profile.positions)
            governance.appoint(user=user, position=position, by=by, profile_version=profile.version, now=now)
        if training:
            _certify(user, training, profile, by, now)
    except ValidationError as error:
        raise Problem(f"{username} was not entered: {' '.join(error.messages)}") from error
    return user


@transaction.atomic
def renew(*, agency: str, username: str, by: Who, now: datetime) -> str:
    """Give somebody a one-time password instead of lost password and second factors; raises Problem.

    It refuses while another person could do it in the browser.
    """
    profile, user = _profile(agency), _known(agency, username)
    _refuse_after_setup(profile, agency, now, but=user)
    if user.state != AccountState.ACTIVE:
        raise Problem(f"The account {username} is not active; only an active one logs in.")
    return accounts.renew_access(
        user=user,
        reason="Renewed on the command line.",
        by=by,
        now=now,
        profile_version=profile.version,
    )


def _refuse_after_setup(profile: Profile, agency: str, now: datetime, but: User | None = None) -> None:
    """Refuse when somebody, `but` the one it is about, manages accounts in the browser."""
    managers = people_of(agency).filter(state=AccountState.ACTIVE, locked_at__isnull=True)
    for user in managers.exclude(pk=but.pk) if but else managers:
        actor = actor_for(user, at=now)
        if actor.may("accounts.manage") and may_create(profile, actor.person):
            raise Problem(
                f"{user.full_name} manages accounts: people are entered, trained and released in the "
                "browser (People). This command does it only while nobody can."
            )


def _profile(agency: str) -> Profile:
    try:
        return profile_for(agency)
    except NoPolicyInForceError as error:
        known = ", ".join(Agency.objects.order_by("pk").values_list("pk", flat=True)) or "none yet"
        raise Problem(
            f"No policy is in force for {agency!r} (agencies: {known}). Put it in force first: "
            f"`plateward adopt policies/{agency} --by NAME`."
        ) from error
    except UnusablePolicyError as error:
        raise Problem(str(error)) from error


def _known(agency: str, username: str) -> User:
    user = User.objects.filter(username=username.lower(), agency_id=agency).first()
    if user is None:
        raise Problem(f"The username {username} is taken in another agency; choose another.")
    return user


def _certify(user: User, training: Training, profile: Profile, by: Who, now: datetime) -> None:
    certifier = _known(user.agency_id, training.by) if is_known(training.by) else None
    if certifier is None:
        raise Problem(f"Nobody has the username {training.by}; enter that person first.")
    if certifier == user:
        raise Problem("Nobody certifies their own training; name somebody else with --trained-by.")
    course = training.course or next(iter(profile.training.courses))
    _refuse_unknown("course", course, profile.training.courses)
    accounts.certify(
        user=user,
        course=course,
        completed_date=training.completed_date,
        expires_date=None,
        certified_by=certifier,
        by=by,
        now=now,
        topics=topics_for(profile, course, user.title),
    )


def _refuse_unknown(what: str, given: str, known: Collection[str]) -> None:
    if given not in known:
        raise Problem(f"{given!r} is no {what} of this agency's policy. Known: {', '.join(known)}.")
