"""Positions over time, delegations that end by themselves, units and their supervisors."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from plateward.accounts import actions as accounts
from plateward.accounts.models import User
from plateward.audit.models import AuditRecord
from plateward.governance import actions as governance
from plateward.governance.models import DataAuthorization, Delegation, PositionHolding
from plateward.governance.organization import actions, queries
from plateward.governance.queries import positions_of
from plateward.policy import Refused
from tests.personas import SETUP, Town

ADC = "administrative-division-commander"
ODC = "operations-division-commander"


def appointed(
    town: Town, who: str, position: str, now: datetime, days: int = 0, by: str = "chen"
) -> PositionHolding:
    actor = town.actor(by, now)
    return actions.appoint_person(
        user=town.users[who],
        position=position,
        from_date=actor.today + timedelta(days=days) if days else None,
        authority="Personnel order 26-14",
        by=actor,
        now=now,
    )


def delegated(town: Town, now: datetime, *capabilities: str, days: int = 30) -> Delegation:
    cole = town.actor("cole", now)
    return actions.delegate(
        user=town.users["soto"],
        position=ADC,
        capabilities=capabilities or ("devices.manage",),
        from_date=None,
        until_date=cole.today + timedelta(days=days),
        note="",
        by=cole,
        now=now,
    )


@pytest.mark.clause("B-466.3¶2", "B-466.3.1(e)")
def test_an_appointment_to_come_takes_over_on_its_day_and_not_before(barstow: Town, now: datetime) -> None:
    made = appointed(barstow, "soto", ODC, now, days=3)
    lane, soto = barstow.users["lane"], barstow.users["soto"]
    later = made.from_at
    assert ODC in positions_of(lane, later - timedelta(seconds=1))
    assert ODC not in positions_of(soto, later - timedelta(seconds=1))
    assert (ODC in positions_of(lane, later), ODC in positions_of(soto, later)) == (False, True)
    row = AuditRecord.objects.latest("id")
    assert row.verb == "governance.position.appointed"
    assert row.detail["authority"] == "Personnel order 26-14"


def test_a_second_appointment_before_one_to_come_ends_when_that_begins(barstow: Town, now: datetime) -> None:
    coming = appointed(barstow, "soto", ODC, now, days=10)
    between = appointed(barstow, "cruz", ODC, now, days=3)
    assert between.until_at == coming.from_at
    lanes = PositionHolding.objects.get(user=barstow.users["lane"], position=ODC)
    assert lanes.until_at == between.from_at


@pytest.mark.clause("B-466.3¶2")
def test_nobody_appoints_themselves_and_only_the_chief_appoints(barstow: Town, now: datetime) -> None:
    with pytest.raises(Refused, match="Nobody appoints themselves"):
        appointed(barstow, "chen", ADC, now)
    with pytest.raises(Refused, match="Only the Chief of Police"):
        appointed(barstow, "soto", ODC, now, by="cole")
    with pytest.raises(Refused, match="member of the department"):
        appointed(barstow, "vendor", ODC, now)
    with pytest.raises(ValidationError, match="past"):
        appointed(barstow, "soto", ODC, now, days=-1)


def test_an_appointment_is_called_off_before_it_begins_and_a_holder_is_relieved(
    barstow: Town, now: datetime
) -> None:
    coming, chen = appointed(barstow, "soto", "custodian-of-records", now, days=3), barstow.actor("chen", now)
    off = actions.relieve(holding=coming, on_date=None, note="Stays on patrol.", by=chen, now=now)
    assert off.revoked_at == now
    assert "custodian-of-records" not in positions_of(barstow.users["soto"], coming.from_at)
    with pytest.raises(ValidationError, match="ended already"):
        actions.relieve(holding=coming, on_date=None, note="Again.", by=chen, now=now)

    hour = now + timedelta(hours=1)
    lanes = PositionHolding.objects.get(user=barstow.users["lane"], position=ODC)
    actions.relieve(holding=lanes, on_date=None, note="Retires.", by=chen, now=hour)
    assert ODC in queries.vacant_at(chen.profile, hour)
    assert AuditRecord.objects.latest("id").verb == "governance.position.relieved"


def test_appointing_on_the_server_respects_what_is_to_come(barstow: Town, now: datetime) -> None:
    coming, later = appointed(barstow, "soto", ODC, now, days=3), now + timedelta(hours=1)
    made = governance.appoint(
        user=barstow.users["cruz"], position=ODC, by=SETUP, profile_version="2026.2", now=later
    )
    assert made.until_at == coming.from_at


@pytest.mark.clause("B-466.3¶2", "H-426.2¶2")
def test_a_delegate_acts_for_the_commander_until_the_last_day(barstow: Town, now: datetime) -> None:
    delegated(barstow, now)
    soto = barstow.actor("soto", now)
    assert soto.may("devices.manage")
    assert ADC not in soto.positions
    expected = "for the Administrative Division Commander, by delegation of Carl Cole"
    assert soto.acting("devices.manage").capacity == expected
    assert soto.acting("search.run").capacity == "", "what the title gives is done in one's own right"
    with pytest.raises(Refused, match="a delegate delegates nothing"):
        actions.delegate(
            user=barstow.users["cruz"],
            position=ADC,
            capabilities=["devices.manage"],
            from_date=None,
            until_date=soto.today,
            note="",
            by=soto,
            now=now,
        )
    assert not barstow.actor("soto", now + timedelta(days=32)).may("devices.manage")


@pytest.mark.clause("B-466.3¶2", "H-426.2¶2")
def test_a_delegation_ends_with_its_givers_holding_and_when_revoked(barstow: Town, now: datetime) -> None:
    hour = now + timedelta(hours=1)
    given = delegated(barstow, now)
    actions.revoke_delegation(
        delegation=given, note="Back on patrol.", by=barstow.actor("cole", hour), now=hour
    )
    assert not barstow.actor("soto", hour).may("devices.manage")
    assert AuditRecord.objects.latest("id").detail["note"] == "Back on patrol."
    with pytest.raises(Refused, match="Only the Administrative Division Commander"):
        actions.revoke_delegation(
            delegation=delegated(barstow, hour), note="No.", by=barstow.actor("chen", hour), now=hour
        )
    appointed(barstow, "lane", ADC, hour + timedelta(hours=1))
    assert not barstow.actor("soto", hour + timedelta(hours=1)).may("devices.manage")


@pytest.mark.clause("B-466.3¶2")
def test_a_delegation_counts_only_while_its_givers_account_is_open(barstow: Town, now: datetime) -> None:
    delegated(barstow, now)
    cole, chen = barstow.users["cole"], barstow.actor("chen", now)
    imani = barstow.actor("imani", now)
    accounts.suspend(user=cole, reason="Threat.", needs_retraining=False, by=imani, now=now)
    assert ADC in queries.vacant_at(chen.profile, now)
    assert not barstow.actor("soto", now).may("devices.manage")


@pytest.mark.clause("B-466.3¶2", "B-466.4(e)")
def test_who_is_taken_back_has_none_of_what_they_were_given_before(barstow: Town, now: datetime) -> None:
    delegated(barstow, now)
    cole, soto = barstow.actor("cole", now), barstow.users["soto"]
    appointed(barstow, "soto", ODC, now)
    actions.authorize_data(
        user=soto, origin="state", authority="Order 7", until_date=cole.today, by=cole, now=now
    )
    before = barstow.actor("soto", now)
    assert (ODC in before.positions, len(before.delegations), len(before.authorizations)) == (True, 1, 1)

    hour = now + timedelta(hours=1)
    accounts.deactivate(user=soto, reason="Left.", by=cole, now=hour)
    accounts.reinstate(user=soto, reason="Came back.", by=cole, now=hour)
    after = barstow.actor("soto", hour)
    assert (after.positions, after.delegations, after.authorizations) == (frozenset(), (), ())
    assert ODC in positions_of(soto, now), "what was then, was"
    assert appointed(barstow, "soto", ODC, hour).user == soto
    assert ODC in positions_of(soto, hour)


def test_nobody_delegates_what_is_reserved_or_a_position_they_do_not_hold(
    barstow: Town, now: datetime
) -> None:
    with pytest.raises(Refused, match="never delegated"):
        delegated(barstow, now, "devices.manage", "accounts.manage")
    assert not Delegation.objects.exists()


@pytest.mark.clause("B-466.4(e)")
def test_an_authorization_counts_to_its_last_day_and_not_after_it_is_revoked(
    barstow: Town, now: datetime
) -> None:
    cole = barstow.actor("cole", now)
    granted = actions.authorize_data(
        user=barstow.users["soto"],
        origin="state",
        authority="CLETS certificate 4471",
        until_date=cole.today + timedelta(days=1),
        by=cole,
        now=now,
    )
    assert barstow.actor("soto", now).sees("state")
    assert not barstow.actor("soto", now + timedelta(days=2)).sees("state")
    with pytest.raises(Refused, match="Nobody authorizes themselves"):
        actions.authorize_data(
            user=barstow.users["cole"],
            origin="state",
            authority="Own",
            until_date=cole.today,
            by=cole,
            now=now,
        )
    actions.revoke_authorization(authorization=granted, note="Certificate lapsed.", by=cole, now=now)
    assert not barstow.actor("soto", now).sees("state")


@pytest.mark.clause("B-466.4(e)", "H-426.3(e)")
def test_an_authorization_that_another_replaces_ends_on_record(barstow: Town, now: datetime) -> None:
    cole, soto = barstow.actor("cole", now), barstow.users["soto"]

    def granted(authority: str, days: int, at: datetime) -> DataAuthorization:
        by = barstow.actor("cole", at)
        until = cole.today + timedelta(days=days)
        return actions.authorize_data(
            user=soto, origin="state", authority=authority, until_date=until, by=by, now=at
        )

    first = granted("Order 7", 1, now)
    second = granted("Order 8", 2, now + timedelta(hours=1))
    ended = AuditRecord.objects.get(verb="governance.authorization.revoked")
    assert ended.subject == f"governance.DataAuthorization:{first.pk}"
    assert ended.detail == {
        "username": "soto",
        "origin": "state",
        "note": "Replaced by a later one.",
    }
    granted("Order 9", 30, now + timedelta(days=9))
    second.refresh_from_db()
    assert second.revoked_at is None, "it ended by itself on its last day; nothing replaced it"


def test_supervisors_come_from_the_unit_or_the_one_above_and_nobody_supervises_themselves(
    barstow: Town, now: datetime
) -> None:
    cole = barstow.actor("cole", now)

    def place(who: str, unit: str, *, leads: bool = False) -> None:
        actions.place_in_unit(
            user=barstow.users[who], unit=units[unit], is_supervisor=leads, by=cole, now=now
        )

    operations = actions.create_unit(name="Operations", part_of=None, by=cole, now=now)
    patrol = actions.create_unit(name="Patrol", part_of=operations, by=cole, now=now)
    units = {"operations": operations, "patrol": patrol}
    place("lane", "operations", leads=True)
    place("soto", "patrol", leads=True)
    place("ortiz", "patrol")

    def supervisors(who: str, at: datetime = now) -> list[str]:
        return [user.username for user in queries.supervisor_of(barstow.users[who], at)]

    assert supervisors("ortiz") == ["soto"]
    assert supervisors("soto") == ["lane"], "one's own unit has no other supervisor"
    assert supervisors("lane") == []
    assert supervisors("diaz") == [], "in no unit"
    later = now + timedelta(hours=1)
    actions.place_in_unit(
        user=barstow.users["soto"], unit=operations, is_supervisor=False, by=cole, now=later
    )
    assert supervisors("ortiz", later) == ["lane"]
    assert supervisors("ortiz") == ["soto"], "who supervised then is still known"
    with pytest.raises(ValidationError, match="there already"):
        place("ortiz", "patrol")
    with pytest.raises(Refused):
        actions.create_unit(name="Traffic", part_of=None, by=barstow.actor("soto", now), now=now)


@pytest.mark.clause("B-466.3.1(a)")
def test_only_contractors_have_a_contract(barstow: Town, now: datetime) -> None:
    cole = barstow.actor("cole", now)
    given = {
        "company": "Reader Works Inc.",
        "reference": "2026-17",
        "from_date": cole.today,
        "until_date": cole.today + timedelta(days=365),
        "by": cole,
        "now": now,
    }
    actions.record_contract(user=barstow.users["vendor"], **given)
    assert queries.contracts_of(barstow.users["vendor"]).get().company == "Reader Works Inc."
    with pytest.raises(ValidationError, match="no contractor"):
        actions.record_contract(user=User.objects.get(username="soto"), **given)
