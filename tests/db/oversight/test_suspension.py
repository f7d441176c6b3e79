"""An unacceptable reason suspends searching where the policy says so, and nowhere else."""

from datetime import datetime

import msgspec
import pytest

from plateward.governance.queries import profile_for
from plateward.governance.standing import ORDINARY
from plateward.oversight.actions import decide_item
from plateward.oversight.suspension import standing_of
from plateward.policy import Param, Profile, SanctionAction
from plateward.violations import actions
from plateward.violations.actions import Draft
from plateward.violations.rules import Kind
from tests.personas import Town
from tests.reporting import WHAT, found, retrained
from tests.reviewing import under_review

pytestmark = pytest.mark.django_db


def strict(profile: Profile) -> Profile:
    sanctions = msgspec.structs.replace(
        profile.sanctions,
        unacceptable_reason=Param(value=SanctionAction.SUSPEND_QUERIES, clause="B-466.6(e)"),
        retraining_lifts=Param(value=True, clause="B-466.6(e)"),
    )
    return msgspec.structs.replace(profile, sanctions=sanctions)


def test_a_reason_found_out_of_policy_suspends_until_the_retraining_after_it(
    barstow: Town, now: datetime
) -> None:
    quinn, profile = barstow.users["quinn"], profile_for("barstow-pd", now)
    item = under_review(barstow, "quinn", now)
    assert standing_of(quinn, strict(profile), now) == ORDINARY
    decide_item(by=barstow.actor("cole", now), item=item, is_in_policy=False, note="No reason.", now=now)
    suspended = standing_of(quinn, strict(profile), now).searching
    assert suspended is not None
    assert suspended.reason.startswith("An unacceptable reason for a search is on record")
    assert standing_of(barstow.users["ortiz"], strict(profile), now) == ORDINARY

    origin = f"oversight.ReviewItem:{item.pk}"
    draft = Draft(kind=Kind.KNOWN, what=WHAT, about=quinn, origin=origin)
    report = actions.make_report(draft=draft, by=barstow.actor("cole", now), now=now)
    found(report, barstow, now, by="chen")
    assert standing_of(quinn, strict(profile), now) != ORDINARY
    retrained(barstow, "quinn", now)
    assert actions.close_retrained(now=now) == 1
    assert standing_of(quinn, strict(profile), now) == ORDINARY


def test_a_silent_policy_suspends_nothing(barstow: Town, now: datetime) -> None:
    item = under_review(barstow, "quinn", now)
    decide_item(by=barstow.actor("cole", now), item=item, is_in_policy=False, note="No reason.", now=now)
    assert standing_of(barstow.users["quinn"], profile_for("barstow-pd", now), now) == ORDINARY
