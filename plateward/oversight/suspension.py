"""Whether an unacceptable reason for a search suspends searching, where the policy says that it does."""

from datetime import datetime

from plateward.accounts.models import User
from plateward.governance.standing import ORDINARY, Standing
from plateward.oversight.models import ReviewItem
from plateward.oversight.rules import ItemState
from plateward.policy import Profile, may_query
from plateward.policy.monitoring import ReviewFlag
from plateward.policy.oversight import SanctionAction
from plateward.violations.models import Report
from plateward.violations.rules import Finding, State


def standing_of(user: User, profile: Profile, at: datetime) -> Standing:
    """The suspension for reasons that a reviewer found out of policy; where the policy is silent, none.

    Retraining after the report that came of each of them is what may lift it.
    """
    if profile.sanctions.unacceptable_reason.settled is not SanctionAction.SUSPEND_QUERIES:
        return ORDINARY
    found = ReviewItem.objects.filter(
        person=user,
        kind=ReviewFlag.POOR_REASON.value,
        state=ItemState.OUT_OF_POLICY.value,
        decided_at__lte=at,
    )
    origins = {f"oversight.ReviewItem:{pk}" for pk in found.values_list("pk", flat=True)}
    ended = Report.objects.filter(
        about=user,
        origin__in=origins,
        finding=Finding.VIOLATION,
        state=State.CLOSED,
        retraining__isnull=False,
    )
    trained = origins == set(ended.values_list("origin", flat=True))
    decision = may_query(profile, unacceptable_reasons=len(origins), violations=0, retrained=trained)
    return ORDINARY if decision else Standing(searching=decision)
