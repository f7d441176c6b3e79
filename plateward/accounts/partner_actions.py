"""Accounts of partners: people of other organizations, for the portal of releases and nothing else."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.accounts import actions, rules
from plateward.accounts.http import ActingPerson
from plateward.accounts.models import Agency, User
from plateward.accounts.queries import account_facts
from plateward.accounts.rules import AccountState, Act
from plateward.audit import actions as audit
from plateward.policy import enforces
from plateward.walls import scope

TITLE = "partner"


@enforces("B-466.10-accounts", "H-426.2¶2")
@transaction.atomic
def invite_partner(
    *, username: str, full_name: str, organization: str, by: ActingPerson, now: datetime
) -> tuple[User, str]:
    """Make a partner's account, open at once, as one of those whom the policy lets create accounts.

    Returns it with its one-time password, which is shown once; its person sets up a second factor at the
    first log-in. Raises Refused, and ValidationError for a username that was ever used.
    """
    rules.may_create(by.profile, by.person).require()
    with scope.as_system("A username is one person's in the whole installation."):
        is_taken = User.objects.filter(username__iexact=username).exists()
    if is_taken:
        raise ValidationError(
            {"username": "This username is or was somebody’s; it is never used again. Choose another."}
        )
    made = User(
        agency=Agency.objects.get(pk=by.agency),
        username=username.lower(),
        full_name=full_name,
        title=TITLE,
        organization=organization,
        state=AccountState.ACTIVE,
        state_since_at=now,
        admitted_at=now,
        created_at=now,
    )
    password = actions.issue(made, now)
    made.full_clean()
    made.save(force_insert=True)
    audit.record(
        verb="accounts.partner.invited",
        by=by.who,
        agency=by.agency,
        subject=f"accounts.User:{made.pk}",
        detail={"username": made.username, "name": full_name, "organization": organization},
        profile_version=by.profile.version,
        now=now,
    )
    return made, password


@enforces("B-466.10-accounts", "H-426.2¶2")
@transaction.atomic
def reopen_partner_account(*, user: User, reason: str, by: ActingPerson, now: datetime) -> str:
    """Open a partner's suspended or closed account again, as one of those who may make one, for a reason.

    Returns the one-time password, which is shown once; a second factor is set up anew where none is left.
    Raises Refused, and ValidationError for somebody who is no partner.
    """
    rules.may_create(by.profile, by.person).require()
    known = User.objects.select_for_update(of=("self",)).get(pk=user.pk, agency_id=by.agency)
    if not known.is_partner:
        raise ValidationError("This is no partner’s account. Reactivate or reinstate it under People.")
    rules.may_move(account_facts(known), Act.REOPEN).require()
    password = actions.issue(known, now)
    known.state, known.state_reason, known.state_since_at = rules.target_of(Act.REOPEN), reason.strip(), now
    known.admitted_at = now
    known.full_clean()
    known.save()
    audit.record(
        verb="accounts.partner.reopened",
        by=by.who,
        agency=by.agency,
        subject=f"accounts.User:{known.pk}",
        detail={"username": known.username, "organization": known.organization, "reason": reason.strip()},
        profile_version=by.profile.version,
        now=now,
    )
    return password
