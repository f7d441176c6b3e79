"""Counting the known plates that a watch pattern would catch: an access like any other, on record first."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.audit import actions as audit
from plateward.governance.actor import Actor
from plateward.hotlists import lists, rules
from plateward.hotlists.filters import VehicleFilter
from plateward.hotlists.watching import Preview
from plateward.policy import enforces, search_allowed
from plateward.policy.screening import screen_reason
from plateward.search import known_plates


@enforces("B-466.4(c)", "H-426.3(c)", "B-466.6(a)", "H-426.5(a)")
def preview_watch(
    *,
    plate: str,
    vehicle: VehicleFilter,
    days: int,
    purpose: str,
    reason: str,
    case_number: str,
    by: Actor,
    now: datetime,
) -> Preview:
    """Count the agency's known plates of the last `days` that a partial plate and its vehicle fit.

    The access is committed before the number is returned; no plate is shown. Raises Refused (title, training,
    purpose, reason) and ValidationError (an impossible or too short plate).
    """
    by.require("hotlists.request")
    rules.may_request(by.profile, by.person, purpose).require()
    rules.may_be_partial(by.profile).require()
    search_allowed(by.profile, purpose, reason, case_number).require()
    spelled, _ = lists.spelled(plate)
    if not rules.is_partial(spelled):
        raise ValidationError({"plate": "This plate is whole. Request an entry for it instead."})
    with transaction.atomic(durable=True):
        found = known_plates.fitting(by.agency, spelled, vehicle, now - timedelta(days=days), now)
        preview = Preview(found.plates, days, found.is_bounded, found.unlike)
        audit.record_access(
            by=by.who,
            agency=by.agency,
            elements={"plate": spelled, "vehicle": vehicle.words, "days": days, "shown": "a number"},
            purpose=purpose,
            reason=reason,
            reference=case_number,
            result_count=preview.plates,
            is_count_bounded=preview.is_bounded,
            subject=f"hotlists.Preview:{uuid4()}",
            flags=[flag.use for flag in screen_reason(by.profile, reason)],
            profile_version=by.profile.version,
            now=now,
        )
    return preview
