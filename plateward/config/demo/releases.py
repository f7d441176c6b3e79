"""Other agencies' requests for the demonstration: one refused, one approved, one waiting; a partner's login.

A plate that was read in the shift is asked for, so that an approved request finds reads. All is invented.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from plateward.accounts import actions as accounts
from plateward.accounts import factor_actions
from plateward.accounts.models import User
from plateward.audit.who import Who
from plateward.config.demo.authenticator import AUTHENTICATOR, secret_of
from plateward.config.demo.cast import PASSWORD
from plateward.documents.typesetting import typeset
from plateward.governance import actions as governance
from plateward.governance.actor import Actor
from plateward.governance.queries import actor_for, holdings_at
from plateward.policy import PartnerClass
from plateward.releases import (
    partner_actions,
    portal_actions,
    records_actions,
    request_actions,
    share_actions,
)
from plateward.releases.models import Partner, ReleaseRequest
from plateward.releases.partner_actions import Finding
from plateward.releases.requesting import Asked, Described
from plateward.releases.rules import Override

COMMANDERS: Final = {"barstow-pd": "cole", "huntington-park-pd": "hayes"}
APPROVERS: Final = {"barstow-pd": "lane", "huntington-park-pd": "hayes"}
CUSTODIANS: Final = {"barstow-pd": "cruz", "huntington-park-pd": "howe"}
PARTNER: Final = "pat"
"""The login of somebody of Barstow's partner, for the portal."""
PLATE: Final = "8GKL204"


def seed_releases(now: datetime, by: Who) -> None:
    """Fill the register, the requests, the shares and the public's requests: once for each agency."""
    for agency, username in COMMANDERS.items():
        commander = actor_for(User.objects.get(username=username), at=now)
        if Partner.objects.filter(agency_id=agency).exists() or not commander.may(partner_actions.REGISTER):
            continue
        clerk = _custodian(agency, commander, now, by)
        attorney = _partners(commander, now)
        _requests(commander, clerk, attorney, now)
        _public(clerk, now)
        if agency == "barstow-pd":
            _barstow(commander, attorney, now)


def _custodian(agency: str, commander: Actor, now: datetime, by: Who) -> Actor:
    """Whoever records requests and hands data over; appointed where nobody is."""
    held = holdings_at(agency, now).filter(position="custodian-of-records").select_related("user").first()
    user = held.user if held else User.objects.get(username=CUSTODIANS[agency])
    if held is None:
        version = commander.profile.version
        governance.appoint(
            user=user, position="custodian-of-records", by=by, profile_version=version, now=now
        )
    return actor_for(user, at=now)


def _partners(by: Actor, now: datetime) -> Partner:
    """A district attorney and, in Barstow, three who are something else; returns the first."""
    county = "San Bernardino" if by.agency == "barstow-pd" else "Los Angeles"
    again = by.today + timedelta(days=300)

    def enter(
        name: str, kind: PartnerClass, authority: str, *, state: str = "CA", is_enforcement: bool = True
    ) -> Partner:
        finding = Finding(
            kind=kind,
            state=state,
            is_enforcement=is_enforcement,
            authority=authority,
            again_date=again,
            document=_letter(name, {"intended": authority, "person": "County counsel"}, by, now),
        )
        return partner_actions.enter_partner(name=name, ori="", finding=finding, by=by, now=now)

    attorney = enter(f"{county} County District Attorney", PartnerClass.PROSECUTOR, "Gov. Code § 26500")
    if by.agency == "barstow-pd":
        enter("Mojave Private University", PartnerClass.PRIVATE, "Registered nonprofit", is_enforcement=False)
        enter("UC Riverside Police", PartnerClass.UNIVERSITY, "Educ. Code § 92600")
        enter("Federal Bureau of Examples", PartnerClass.FEDERAL, "28 U.S.C.", state="")
    return attorney


def _asked(by: Actor, agency: str, now: datetime, partner: Partner | None, **given: str | bool) -> Asked:
    facts: dict[str, str | bool] = {
        "person": "Pat Prosecutor",
        "purpose": "suspect-interdiction",
        "intended": "Robbery at First and Main, case 26-0142",
        "is_acknowledged": True,
    }
    facts |= given
    return Asked(
        agency_name=agency,
        person=str(facts["person"]),
        purpose=str(facts["purpose"]),
        intended=str(facts["intended"]),
        data=Described(plates=[PLATE], cameras=[], from_at=now - timedelta(days=5), until_at=now),
        received_date=by.today,
        reference="26-0142",
        partner=partner,
        form=_letter(agency, facts, by, now),
        is_acknowledged=bool(facts["is_acknowledged"]),
    )


def _letter(agency: str, facts: Mapping[str, object], by: Actor, now: datetime) -> bytes:
    content = {
        "agency": agency,
        "title": "Request for license plate data",
        "number": "26-0142",
        "date": f"{by.today:%B %-d, %Y}",
        "to": by.agency_name,
        "received": f"{by.today:%B %-d, %Y}",
        "described": f"reads of {PLATE}.",
        "paragraphs": [str(facts["intended"]), "Invented for the demonstration."],
        "signed": str(facts["person"]),
    }
    return typeset(records_actions.LETTER, content, created=now)


def _requests(commander: Actor, clerk: Actor, attorney: Partner, now: datetime) -> None:
    def record(agency: str, partner: Partner | None, **given: str | bool) -> ReleaseRequest:
        asked = _asked(clerk, agency, now, partner, **given)
        return request_actions.record_request(asked=asked, by=clerk, now=now)

    private = Partner.objects.filter(agency_id=commander.agency, name__contains="Private").first()
    name = private.name if private else "Mojave Private University"
    study = record(name, private, person="Dr. Drew Dean", purpose="", intended="A study of traffic")
    request_actions.refuse_request(
        request=study, reason="A private body; the statute does not allow it.", by=commander, now=now
    )
    approved = record(attorney.name, attorney)
    approver = actor_for(User.objects.get(username=APPROVERS[commander.agency]), at=now)
    request_actions.approve_request(
        request=approved,
        reason="A prosecutor's case within policy.",
        override=Override(),
        destroy_by=commander.today + timedelta(days=365),
        by=approver,
        now=now,
    )
    record(attorney.name, attorney, intended="A further robbery, case 26-0150")


def _public(clerk: Actor, now: datetime) -> None:
    records_actions.receive(
        requester="",
        contact="",
        channel="MAIL",
        described="Reads of a car of my own in May, and how many cameras there are",
        received_date=clerk.today - timedelta(days=8),
        by=clerk,
        now=now,
    )


def _barstow(commander: Actor, attorney: Partner, now: datetime) -> None:
    """A standing share that waits for approval, a vendor's list that differs, and a partner's login."""
    share_actions.propose_share(
        partner=attorney,
        listed_as="San Bernardino DA",
        what="Searches of our reads through the vendor's network",
        authority="Agreement of 2026 (invented)",
        expires_date=commander.today + timedelta(days=180),
        by=commander,
        now=now,
    )
    names = b"Agency,Since\nSan Bernardino DA,2026-01-01\nSome Sheriff (federal?),2025-04-01\n"
    share_actions.import_list(
        vendor="Flock Safety Group Inc.", column="Agency", data=names, by=commander, now=now
    )
    if not User.objects.filter(username=PARTNER).exists():
        account, _ = portal_actions.invite(
            partner=attorney, username=PARTNER, full_name="Pat Prosecutor", by=commander, now=now
        )
        person = account.user
        own = actor_for(person, at=now).who
        accounts.change_password(user=person, password=PASSWORD, by=own, now=now)
        factor_actions.give_app(user=person, secret=secret_of(PARTNER), name=AUTHENTICATOR, by=own, now=now)
        asked = _asked(
            actor_for(person, at=now), attorney.name, now, attorney, intended="Assault, case 26-0160"
        )
        portal_actions.submit(asked=asked, by=actor_for(person, at=now), now=now)
