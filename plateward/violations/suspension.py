"""Whether what was found about somebody suspends their searching, where the policy says that it does."""

from datetime import datetime

from plateward.accounts.models import User
from plateward.governance.standing import ORDINARY, Standing
from plateward.policy import Profile, may_query
from plateward.policy.oversight import SanctionAction
from plateward.violations.models import Report
from plateward.violations.rules import Finding, State


def standing_of(user: User, profile: Profile, at: datetime) -> Standing:
    """The suspension of this person's searches, if any; asked at every request, so only where it can be."""
    if profile.sanctions.violation.settled is not SanctionAction.SUSPEND_QUERIES:
        return ORDINARY
    found = Report.objects.filter(about=user, finding=Finding.VIOLATION, found_at__lte=at)
    states = list(found.values_list("state", flat=True))
    trained = all(state == State.CLOSED for state in states)
    decision = may_query(profile, unacceptable_reasons=0, violations=len(states), retrained=trained)
    return ORDINARY if decision else Standing(searching=decision)
