"""Hard stops: each refuses one person, and yields to two with counsel's reference (R105, R106)."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from plateward.policy import PartnerClass, Refused
from plateward.releases import fulfill_actions, request_actions
from plateward.releases.models import ReleaseRequest
from plateward.releases.rules import Override
from tests.personas import Town
from tests.releasing import partner, request_on_file

COUNSEL = Override("Search warrant 26-SW-11", "City attorney, Nov 20")
BODIES: dict[str, dict[str, Any]] = {
    "private": {"kind": PartnerClass.PRIVATE},
    "federal": {"kind": PartnerClass.FEDERAL, "state": ""},
    "other state": {"kind": PartnerClass.OTHER_STATE, "state": "NV"},
    "immigration": {},
}


@pytest.mark.clause("B-466.7", "CC-1798.90.55")
@pytest.mark.parametrize("stop", BODIES)
def test_each_hard_stop_refuses_one_and_yields_to_two_with_counsel_and_is_fulfilled_by_another(
    barstow: Town, now: datetime, stop: str
) -> None:
    of = partner(barstow, now, "This Body", **BODIES[stop])
    made = request_on_file(barstow, now, of, is_immigration=stop == "immigration")

    def approve(who: str, override: Override) -> ReleaseRequest:
        given = {"reason": "By warrant.", "destroy_by": None, "by": barstow.actor(who, now), "now": now}
        return request_actions.approve_request(request=made, override=override, **given)

    for lacking in (Override(), replace(COUNSEL, counsel_reference=""), replace(COUNSEL, legal_authority=" ")):
        with pytest.raises(ValidationError, match="legal authority and counsel"):
            approve("lane", lacking)
    assert approve("lane", COUNSEL).state == "RECORDED"
    with pytest.raises(Refused, match="An override takes two people"):
        approve("lane", COUNSEL)
    clerk = barstow.actor("soto", now)
    with pytest.raises(Refused):
        fulfill_actions.prepare(request=made, by=clerk, now=now)
    assert approve("cole", COUNSEL).approved_at == now
    assert fulfill_actions.prepare(request=made, by=clerk, now=now).way == "NOTHING"


@pytest.mark.clause("B-466.7", "CC-1798.90.55")
def test_without_the_acknowledgement_of_sb_54_nobody_approves_not_even_two(
    barstow: Town, now: datetime
) -> None:
    federal = partner(barstow, now, "Federal Bureau", kind=PartnerClass.FEDERAL, state="")
    made = request_on_file(barstow, now, federal, is_acknowledged=False)
    given = {"override": COUNSEL, "destroy_by": None, "reason": "Said.", "now": now}
    with pytest.raises(Refused, match="has not acknowledged") as refused:
        request_actions.approve_request(request=made, by=barstow.actor("lane", now), **given)
    assert "SB 54" in refused.value.decision.clause
