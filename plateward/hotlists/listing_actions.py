"""Asking whether a plate was on a list is an access: its record is committed before anything is shown."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction

from plateward.audit import actions as audit
from plateward.governance.actor import Actor
from plateward.hotlists.listings import Listing, listings_at
from plateward.policy import enforces, screen_reason, search_allowed


@enforces("CC-1798.90.52", "B-466.6(a)", "H-426.5(a)", "B-466.3.1(d)", "H-426.2.1(d)")
@transaction.atomic(durable=True)
def look_up(
    *, by: Actor, plate: str, at: datetime, purpose: str, reason: str, reference: str, now: datetime
) -> list[Listing]:
    """Every entry that a plate agreed with at `at`, for a stated purpose.

    Raises Refused: the right, or a purpose, reason or reference as the policy asks for it.
    """
    by.require("hotlists.view")
    search_allowed(by.profile, purpose, reason, reference).require()
    found = listings_at(by.agency, plate, at)
    audit.record_access(
        by=by.acting("hotlists.view"),
        agency=by.agency,
        elements={"plate": plate, "listed_at": at.isoformat()},
        purpose=purpose,
        reason=reason,
        reference=reference,
        result_count=len(found),
        flags=[f"{flag.name}: {flag.matched}" for flag in screen_reason(by.profile, reason)],
        subject=f"hotlists.LookUp:{uuid4()}",
        profile_version=by.profile.version,
        now=now,
    )
    return found
