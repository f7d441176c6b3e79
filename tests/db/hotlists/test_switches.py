"""Categories of lists of others are switched on and off, at once, with a reason, and with proof for ever."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from plateward.audit.models import AuditRecord
from plateward.governance.actor import Actor
from plateward.hotlists.category_actions import switch_category
from plateward.hotlists.models import CategorySwitch
from plateward.hotlists.queries import shown_to, wanted_among
from plateward.hotlists.switches import proof_of
from plateward.plates import plate_key
from plateward.policy import SB_54, Refused
from tests.db.hotlists.test_versions import came, hour, one
from tests.listing import takes_lists_in
from tests.personas import Town

WHY = "Ordered by the Chief, memo 26-14."


def switch(by: Actor, category: str, now: datetime, *, on: bool) -> CategorySwitch:
    return switch_category(by=by, category=category, on=on, reason=WHY, now=now)


def hits(plate: str, now: datetime) -> int:
    with transaction.atomic():
        found = wanted_among([("barstow-pd", plate_key(plate))], now)
        return len(found.matches(agency="barstow-pd", plate=plate, region=""))


def test_a_switch_counts_at_once_and_for_its_category_alone(barstow: Town, now: datetime) -> None:
    came(barstow, now, [one("8STA733", category="vehicle"), one("8STA734", category="wanted-person")])
    cole = barstow.actor("cole", now)
    assert (hits("8STA733", now), hits("8STA734", now)) == (1, 1)
    switch(cole, "vehicle", hour(now, 1), on=False)
    assert (hits("8STA733", hour(now, 1)), hits("8STA734", hour(now, 1))) == (0, 1)
    switch(cole, "vehicle", hour(now, 2), on=True)
    assert hits("8STA733", hour(now, 2)) == 1


def test_a_category_on_which_the_policy_is_silent_matches_once_somebody_switched_it_on(
    barstow: Town, now: datetime
) -> None:
    came(barstow, now, [one("8STA733", category="gang")])
    assert hits("8STA733", now) == 0
    switch(barstow.actor("cole", now), "gang", now, on=True)
    assert hits("8STA733", now) == 1


def test_whether_a_category_was_on_has_its_proof_for_any_instant(barstow: Town, now: datetime) -> None:
    cole = barstow.actor("cole", now)
    switch(cole, "vehicle", hour(now, 1), on=False)
    switch(cole, "vehicle", hour(now, 3), on=True)
    answers = [bool(proof_of("barstow-pd", "vehicle", hour(now, n)).decision) for n in (0, 1, 2, 3, 4)]
    assert answers == [True, False, False, True, True]
    proof = proof_of("barstow-pd", "vehicle", hour(now, 2))
    assert proof.switch is not None
    assert (proof.switch.reason, proof.switch.until_at) == (WHY, hour(now, 3))
    assert proof.last is not None
    assert proof.next is not None
    assert (proof.last.detail["to"], proof.next.detail["to"], proof.agrees) == ("off", "on", True)


def test_rows_that_were_tampered_with_disagree_with_the_journal(barstow: Town, now: datetime) -> None:
    switch(barstow.actor("cole", now), "vehicle", now, on=False)
    CategorySwitch.objects.update(is_on=True)
    assert not proof_of("barstow-pd", "vehicle", hour(now, 1)).agrees


def test_only_whom_the_policy_names_switches_and_says_why(barstow: Town, now: datetime) -> None:
    with pytest.raises(Refused):
        switch(barstow.actor("soto", now), "vehicle", now, on=False)
    cole = barstow.actor("cole", now)
    with pytest.raises(ValidationError, match="Say why"):
        switch_category(by=cole, category="vehicle", on=False, reason="  ", now=now)
    with pytest.raises(ValidationError, match="on already"):
        switch(cole, "vehicle", now, on=True)
    assert not CategorySwitch.objects.exists()
    switch(cole, "vehicle", now, on=False)
    told = AuditRecord.objects.get(verb="hotlists.category.switched")
    assert (told.detail["to"], told.detail["reason"], told.username) == ("off", WHY, "cole")


@pytest.mark.parametrize("category", ["immigration-violator", "stray-dogs"])
def test_nobody_switches_on_what_the_law_forbids_or_the_policy_does_not_know(
    barstow: Town, now: datetime, category: str
) -> None:
    with pytest.raises(Refused) as refused:
        switch(barstow.actor("cole", now), category, now, on=True)
    assert not CategorySwitch.objects.exists()
    if category == "immigration-violator":
        assert refused.value.decision.clause == SB_54
        assert not proof_of("barstow-pd", category, now + timedelta(days=1)).decision


def test_two_switches_never_stand_at_once(barstow: Town, now: datetime) -> None:
    made = switch(barstow.actor("cole", now), "vehicle", now, on=False)
    made.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        made.save(force_insert=True)


@pytest.mark.clause("B-466.4(e)")
def test_detail_of_a_category_takes_the_authorization_that_the_policy_names(
    barstow: Town, now: datetime
) -> None:
    takes_lists_in(barstow, now)
    hotlist = came(barstow, now, [one("8STA733", category="gang"), one("8STA734", category="vehicle")])
    soto = barstow.actor("soto", now)
    gang, vehicle = hotlist.entries.order_by("plate")
    assert shown_to(soto, vehicle).withheld is None
    withheld = shown_to(soto, gang)
    assert withheld.withheld is not None
    assert withheld.reason == ""
