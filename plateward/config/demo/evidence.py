"""The demonstration's holds: one is packed and on a disc, one waits for the commander, one is elsewhere."""

from datetime import datetime, timedelta

from plateward.accounts.models import User
from plateward.config.demo.cast import BARSTOW, HUNTINGTON_PARK
from plateward.config.demo.detectives import CASE
from plateward.config.demo.drives import KNOWN
from plateward.devices.models import Device
from plateward.evidence import disc_actions, disc_work, hold_actions, package_actions
from plateward.evidence.disc_rules import Medium, WantedDiscs
from plateward.evidence.hold_models import Hold
from plateward.evidence.hold_rules import HoldForm, Scope, ScopeKind, WantedHold
from plateward.evidence.package_rules import PackageState, Wanted
from plateward.governance.actor import Actor
from plateward.governance.queries import actor_for
from plateward.plates.text import normalize, plate_key
from plateward.policy import HoldReason

OTHER_TOWN = HUNTINGTON_PARK.wanted[0].plate
"""Held in Huntington Park: the plate of its first entry."""


def seed_evidence(now: datetime) -> None:
    """Ask for three holds, approve two of them, pack one and make its disc; once."""
    if Hold.objects.filter(agency_id=BARSTOW.agency).exists():
        return
    burglaries = WantedHold(
        reason=HoldReason.LIKELY_EVIDENCE,
        explanation="Vehicle seen leaving two burglaries; charges are being prepared",
        purpose="investigatory-lead",
        form=HoldForm.WRITTEN,
        reference=CASE,
        scopes=(_plate(KNOWN), Scope(kind=ScopeKind.CASE, reference=CASE)),
        review_at=now + timedelta(days=60),
    )
    held = hold_actions.request_hold(by=_actor("diaz", now), wanted=burglaries, now=now - timedelta(days=3))
    hold_actions.approve_hold(
        by=_actor("cole", now), hold=held, note="Agreed with the prosecutor.", now=now - timedelta(days=2)
    )
    _packed(held, now)
    _shooting(now)
    other = WantedHold(
        reason=HoldReason.DISCOVERY_REQUEST,
        explanation="The defense asked for every read of the vehicle",
        purpose="stolen-or-wanted-vehicle",
        form=HoldForm.WRITTEN,
        reference="BA-26-1177",
        scopes=(_plate(OTHER_TOWN),),
    )
    there = hold_actions.request_hold(by=_actor("hale", now), wanted=other, now=now - timedelta(days=1))
    hold_actions.approve_hold(by=_actor("hayes", now), hold=there, note="", now=now - timedelta(hours=20))


def _packed(hold: Hold, now: datetime) -> None:
    """What Diaz's hold holds is in a package, and the package in the image of a disc to be burned."""
    diaz = _actor("diaz", now)
    wanted = Wanted(
        hold=hold.pk,
        purpose="investigatory-lead",
        reason="For the prosecutor: where the vehicle was seen around the burglaries",
        reference=CASE,
        recipient="Property room",
        for_outside=False,
    )
    package = package_actions.build(by=diaz, wanted=wanted, now=now)
    if package.state != PackageState.BUILT:
        return  # its page says why
    marks = ("LAW ENFORCEMENT SENSITIVE", "Return to the property room of Barstow PD")
    discs, _ = disc_actions.order_discs(
        package=package, wanted=WantedDiscs(medium=Medium.CD, marks=marks), by=diaz, now=now
    )
    disc_work.make(discs=discs, by=diaz, now=now)


def _shooting(now: datetime) -> None:
    """Ortiz asks for what two cameras read around the shooting; it waits for the commander."""
    cameras = Device.objects.filter(agency_id=BARSTOW.agency, kind="FIXED").order_by("name")[:2]
    scopes = tuple(
        Scope(
            kind=ScopeKind.CAMERA_WINDOW,
            device_id=one.pk,
            from_at=now - timedelta(hours=2),
            until_at=now - timedelta(hours=1),
        )
        for one in cameras
    )
    wanted = WantedHold(
        reason=HoldReason.EVIDENCE,
        explanation="Shots fired on L Street; the cars that left are evidence",
        purpose="suspect-interdiction",
        reference="26-004421",
        scopes=scopes,
    )
    hold_actions.request_hold(by=_actor("ortiz", now), wanted=wanted, now=now - timedelta(minutes=20))


def _plate(text: str) -> Scope:
    return Scope(kind=ScopeKind.PLATE, plate=normalize(text), plate_key=plate_key(text))


def _actor(username: str, now: datetime) -> Actor:
    return actor_for(User.objects.get(username=username), at=now)
