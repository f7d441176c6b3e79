"""Switching categories of the lists of others on and off (requirement R59)."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.accounts.models import Agency
from plateward.audit import actions as audit
from plateward.governance.actor import Actor
from plateward.hotlists import switches
from plateward.hotlists.models import CategorySwitch
from plateward.live import actions as live
from plateward.policy import category_name, may_be_switched

CAPABILITY = "hotlists.switch"


@transaction.atomic
def switch_category(*, by: Actor, category: str, on: bool, reason: str, now: datetime) -> CategorySwitch:
    """Have a category matched, or not any more, from `now` on; the time before is kept with its reason.

    Raises Refused (the right, a statute, the policy's own no), and ValidationError where no reason is given
    or it is so already.
    """
    by.require(CAPABILITY)
    decision = may_be_switched(by.profile, category, on=on).require()
    if not reason.strip():
        raise ValidationError({"reason": "Say why: it goes on record with the switch."})
    Agency.objects.select_for_update().get(pk=by.agency)  # two switches of a category come one by one
    standing = switches.switches_at(by.agency, now).get(category)
    way = "on" if on else "off"
    if bool(switches.decide(by.profile, category, standing)) == on:
        name = category_name(by.profile, category)
        raise ValidationError(f"{name} is {way} already. Reload the page to see since when.")
    CategorySwitch.objects.filter(agency_id=by.agency, category=category, until_at__isnull=True).update(
        until_at=now
    )
    made = CategorySwitch.objects.create(
        agency_id=by.agency,
        category=category,
        is_on=on,
        from_at=now,
        reason=reason.strip()[:500],
        switched_by_id=by.user_id,
        switched_as=by.title,
        profile_version=by.profile.version,
    )
    audit.record(
        verb=switches.SWITCHED,
        by=by.acting(CAPABILITY),
        agency=by.agency,
        subject=switches.subject_of(by.agency, category),
        detail={"category": category, "to": way, "reason": made.reason, "clause": decision.clause},
        profile_version=by.profile.version,
        now=now,
    )
    live.publish(agency=by.agency, topic="entries", id=str(made.pk))
    return made
