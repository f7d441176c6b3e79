"""Another agency's objects do not exist: every address that names one answers 404.

The addresses are walked, so a new one with an object in it fails here until OBJECTS says what it names. Each
is also tried with the agency's own object, so that a 404 for the other's is no accident.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from plateward.accounts.models import User
from plateward.api.models import Token
from plateward.alerts.models import Alert
from plateward.audit.models import AuditRecord
from plateward.control.models import EmergencyAccess, MaintenanceWindow, ReviewCampaign
from plateward.audit.models import AccessRecord
from plateward.audits.kinds import CheckKind
from plateward.audits.models import Audit, ComputedCheck, Finding, SampleItem
from plateward.audits.rules import AuditState, Draw, Outcome
from plateward.control.models import ReviewItem as AccountItem
from plateward.governance import register_actions
from plateward.governance.models import Draft, VendorContract
from plateward.governance.queries import adoption_in_force
from plateward.incidents.models import Affected, Incident, Letter
from plateward.incidents.rules import Data
from plateward.outgoing.models import Browser, Message, System
from plateward.outgoing.rules import MessageState
from plateward.oversight.models import ReviewItem
from plateward.plates.matching import Tolerance
from plateward.plates.pattern import PlatePattern
from plateward.reads import actions as reads
from plateward.reads.models import InboxItem, InboxState, Picture
from plateward.reads.pictures import Cut, PictureGrant, signed, signed_url
from plateward.reads.tokens import open_url
from plateward.search.actions import run_search
from plateward.search.analysis_models import Analysis, AnalysisKind
from plateward.search.kept import Wanted
from plateward.search.kept_actions import keep
from plateward.search.kept_models import KeptSearch
from plateward.search.models import Search
from plateward.search.rules import SearchQuery
from plateward.transparency.actions import record_posting
from plateward.transparency.models import Posting
from plateward.training.models import Assignment, ProofFile, Session
from plateward.ui.access import AccessRule, rule_of
from plateward.violations.models import Report, Told
from plateward.violations.rules import Kind, Via
from tests.alarms import alerted
from tests.check_acts import requested
from tests.canvasses import canvassed, looked_at, sent
from tests.holds import held as held_plate
from tests.pickups import pickup_on_record
from tests.listing import on_record, own_category, own_list
from tests.organized import Organized, organized
from tests.payloads import MULTIPART, as_json, as_multipart, inbox_item, picture
from tests.packages import packed, pressed
from tests.personas import Town
from tests.purges import attestation_row, authority_row, purge_row, signature_row
from tests.releasing import (
    kept_agreement,
    kept_left,
    kept_list,
    kept_picture,
    kept_portal_request,
    kept_records,
    kept_request,
    kept_share,
    with_clerk,
)
from tests.reviewing import under_review
from tests.teaching import PDF, taught
from tests.tokens import made
from tests.units import unit_row, waiting
from tests.days import day_of
from tests.versions import PROPOSERS, proposed

Login = Callable[[str], Client]
REASON = "Seen leaving the robbery at 1st and Main"


@dataclass(frozen=True)
class Holdings:
    """One object of each kind of an agency."""

    town: Town
    alert: Alert
    picture: Picture
    payload: InboxItem
    search: Search
    draft: Draft
    organized: Organized
    posting: Posting
    item: ReviewItem
    session: Session
    assignment: Assignment
    proof: ProofFile
    window: MaintenanceWindow
    emergency: EmergencyAccess
    account_item: AccountItem
    contract: VendorContract
    token: Token
    analysis: Analysis
    kept: KeptSearch
    detectives: Search


def hold(town: Town, searcher: str, now: datetime) -> Holdings:
    body = as_multipart(as_json(now), scene=picture())
    inbox_item(town.camera, body, now, content_type=MULTIPART)
    reads.store_waiting(limit=10, now=now)
    payload = inbox_item(town.camera, b"{}", now, state=InboxState.QUARANTINED, reason="No plate.")
    query = SearchQuery(
        pattern=PlatePattern.parse("8ABC*"),
        from_at=now - timedelta(days=1),
        until_at=now + timedelta(days=1),
        purpose="stolen-plate",
        reason=REASON,
    )
    search = run_search(by=town.actor(searcher, now), query=query, now=now).search
    alert = alerted(town, now, "7XYZ999")
    shot, draft = Picture.objects.get(agency=town.agency), proposed(town, now)
    kept, item = organized(town, now), under_review(town, searcher, now)
    rest = (kept, posted(town, now), item, *taught(town, now))
    more = (*exceptions(town, now), contracted(town, now), made(town, searcher, now)[0])
    more = (*more, analyzed(town, searcher, now), kept_for_a_case(town, searcher, now))
    detective = next(name for name, user in town.users.items() if user.title == "detective")
    more = (*more, run_search(by=town.actor(detective, now), query=query, now=now).search)
    return Holdings(town, alert, shot, payload, search, draft, *rest, *more)


def kept_for_a_case(town: Town, person: str, now: datetime) -> KeptSearch:
    wanted = Wanted(
        pattern=PlatePattern.parse("8ABC123"),
        tolerance=Tolerance.AS_WRITTEN,
        area=None,
        purpose="stolen-plate",
        reason=REASON,
        reference="26-01234",
    )
    until_at = now + timedelta(days=7)
    return keep(by=town.actor(person, now), wanted=wanted, until_at=until_at, now=now)


def analyzed(town: Town, person: str, now: datetime) -> Analysis:
    """Who traveled with a vehicle, as if a policy had permitted it, also where it does not."""
    asked = {"plate": "8ABC123", "within_s": 120, "fewest_cameras": 3}
    span = {"from_at": (now - timedelta(days=1)).isoformat(), "until_at": now.isoformat()}
    return Analysis.objects.create(
        agency=town.agency,
        kind=AnalysisKind.TRAVEL,
        asked_by=town.users[person],
        asked_at=now,
        asked=asked | span,
        purpose="stolen-plate",
        reason=REASON,
        match_count=0,
        access_record_id=0,
    )


def told_system(held: Holdings) -> System:
    """A system that hears of alerts, as if the policy had permitted it."""
    at = held.alert.raised_at
    facts = {"purpose": "Calls.", "url": "https://cad.example/", "whats": ["RAISED"], "made_at": at}
    return System.objects.get_or_create(agency=held.town.agency, name="CAD", defaults=facts)[0]


def told_browser(held: Holdings) -> Browser:
    """A browser of whoever asks (`able` below), as if the policy had permitted it."""
    town, at = held.town, held.alert.raised_at
    people = [name for name in ("chen", *town.users) if name in town.users]
    person = next(name for name in people if town.actor(name, at).may("alerts.view"))
    of_whom = {"agency": town.agency, "user": town.users[person], "endpoint": f"https://push.example/{person}"}
    facts = {"system": told_system(held), "name": "A phone", "added_at": at}
    return Browser.objects.get_or_create(**of_whom, removed_at=None, defaults=facts)[0]


def told_message(held: Holdings) -> Message:
    """A message that it got."""
    at = held.alert.raised_at
    ended = {"made_at": at, "next_at": at, "ended_at": at, "state": MessageState.SENT}
    return Message.objects.get_or_create(agency=held.town.agency, system=told_system(held), defaults=ended)[0]


def contracted(town: Town, now: datetime) -> VendorContract:
    """A vendor's contract on file."""
    contract = VendorContract(vendor="Reader Works Inc.", layer="none", signed_date=day_of(now))
    register_actions.enter(
        entry=contract, by=town.actor(PROPOSERS[town.agency.pk], now), now=now, document=PDF
    )
    return contract


def posted(town: Town, now: datetime) -> Posting:
    """A check of the town's posting, made by whoever proposes its policy."""
    by = town.actor(PROPOSERS[town.agency.pk], now)
    address = "https://town.example/alpr"
    return record_posting(document="policy", url=address, body=b"Old text", note="", by=by, now=now)


def exceptions(town: Town, now: datetime) -> tuple[MaintenanceWindow, EmergencyAccess, AccountItem]:
    """A vendor's window, an emergency and a review, also where the town's policy is silent on them."""
    first, second = list(town.users.values())[-2:]
    until_at = now + timedelta(hours=1)
    window = MaintenanceWindow.objects.create(
        agency=town.agency,
        user=first,
        purpose="MAINTENANCE",
        work="Camera.",
        supervisor=second,
        from_at=now,
        until_at=until_at,
        opened_by=second,
        opened_at=now,
    )
    emergency = EmergencyAccess.objects.create(
        agency=town.agency, user=first, reason=REASON, began_at=now, until_at=until_at, review_due_at=until_at
    )
    review = ReviewCampaign.objects.create(
        agency=town.agency, opened_by="Clock", opened_at=now, due_at=until_at
    )
    item = AccountItem.objects.create(
        agency=town.agency, campaign=review, user=first, position="chief-of-police", facts={"Title": "Officer"}
    )
    return window, emergency, item


def audit_of(held: Holdings) -> Audit:
    """An audit being worked, with a record drawn, a check and a finding."""
    first, second, *_ = held.town.users.values()
    at = held.alert.raised_at
    made, is_new = Audit.objects.get_or_create(
        agency=held.town.agency,
        number=1,
        defaults={
            "from_at": at - timedelta(days=1),
            "until_at": at,
            "begun_by": second,
            "begun_at": at,
            "random_size": 1,
            "risk_size": 0,
            "state": AuditState.DRAWN,
            "seed": "seed",
            "head_size": 1,
            "drawn_at": at,
        },
    )
    if is_new:
        of_it = {"agency": held.town.agency, "audit": made}
        access = AccessRecord.objects.filter(agency=held.town.agency.pk).earliest("pk")
        SampleItem.objects.create(**of_it, place=1, draw=Draw.RANDOM, access_id=access.pk)
        ComputedCheck.objects.create(**of_it, kind=CheckKind.RECORD, outcome=Outcome.ATTENTION, count=1)
        Finding.objects.create(
            **of_it, number=1, severity="LOW", what=REASON, owner=first, due_date=day_of(at)
        )
    return made


def incident_of(held: Holdings) -> Incident:
    """An incident reported by the person of whom `able` below begins."""
    _, *others = [user for name, user in held.town.users.items() if name != "chen"]
    at = held.alert.raised_at
    made, _ = Incident.objects.get_or_create(
        agency=held.town.agency,
        number=1,
        defaults={
            "what": REASON,
            "touched": [Data.READS.value],
            "discovered_at": at,
            "reported_by": held.town.users.get("chen", others[1]),
            "reported_at": at,
        },
    )
    return made


def papers_of(held: Holdings) -> tuple[Affected, Letter]:
    """A list of accesses and a letter of the town's incident."""
    incident, at = incident_of(held), held.alert.raised_at
    person = next(iter(held.town.users.values()))
    drawn = Affected.objects.create(
        incident=incident,
        usernames=[],
        sources=[],
        from_at=at - timedelta(days=1),
        until_at=at,
        access_ids=[],
        results=0,
        is_bounded=False,
        plates=0,
        reads=0,
        made_by=person,
        made_at=at,
    )
    letter = Letter.objects.create(
        incident=incident, content={}, pdf=b"%PDF", written_by=person, written_at=at
    )
    return drawn, letter


def reported(held: Holdings) -> Report:
    """A report that went to the first person, of whom `able` below begins."""
    town, at = held.town, held.alert.raised_at
    reporter, *others = [user for name, user in town.users.items() if name != "chen"]
    made, is_new = Report.objects.get_or_create(
        agency=town.agency,
        number=1,
        defaults={
            "kind": Kind.SUSPECTED,
            "what": REASON,
            "about": others[0],
            "via": Via.SUPERVISOR,
            "reported_by": reporter,
            "reported_at": at,
        },
    )
    if is_new:
        Told.objects.create(report=made, person=town.users.get("chen", others[1]))
    return made


Names = Callable[[Holdings], Mapping[str, Any]]
OBJECTS: dict[str, Names] = {
    "accounts:account": lambda held: {"pk": next(iter(held.town.users.values())).pk},
    "accounts:act": lambda held: {"pk": next(iter(held.town.users.values())).pk, "task": "suspend"},
    "accounts:certify": lambda held: {"pk": next(iter(held.town.users.values())).pk},
    "alerts:ask-entering-agency": lambda held: {"pk": held.alert.pk},
    "alerts:compare-picture": lambda held: {"pk": held.alert.pk},
    "alerts:excuse": lambda held: {"pk": held.alert.pk},
    "alerts:hit-answer": lambda held: {"pk": held.alert.pk, "request_pk": requested(held.alert).pk},
    "alerts:confirm": lambda held: {"pk": held.alert.pk},
    "alerts:dispose": lambda held: {"pk": held.alert.pk},
    "alerts:hand-over": lambda held: {"pk": held.alert.pk},
    "alerts:hold": lambda held: {"pk": held.alert.pk},
    "alerts:note-unit": lambda held: {"pk": held.alert.pk},
    "alerts:step": lambda held: {"pk": held.alert.pk, "step": "confirm"},
    "api:of-person": lambda held: {"pk": next(iter(held.town.users.values())).pk},
    "api:open-read": lambda held: {"read_id": held.picture.read_id},
    "api:analysis": lambda held: {"analysis_id": held.analysis.pk},
    **dict.fromkeys(
        (
            "api:canvass",
            "api:coverage",
            "api:canvass-reads",
            "api:canvass-plates",
            "api:close-canvass",
            "api:assign-car",
        ),
        lambda held: {"canvass_id": canvassed(held.town).pk},
    ),
    "api:acknowledge-assignment": lambda held: {"assignment_id": sent(held.town).pk},
    "api:end-assignment": lambda held: {"assignment_id": sent(held.town).pk},
    "api:plates": lambda held: {"search_id": held.search.pk},
    "api:take-out": lambda held: {"search_id": held.detectives.pk},
    "api:results": lambda held: {"search_id": held.search.pk},
    "api:revoke": lambda held: {"pk": held.token.pk},
    "audit:proof": lambda held: {
        "row": AuditRecord.objects.filter(agency=held.town.agency.pk).latest("pk").pk
    },
    "console:alert": lambda held: {"pk": held.alert.pk},
    "console:changes": lambda held: {"pk": held.alert.pk},
    "control:account": lambda held: {"pk": next(iter(held.town.users.values())).pk},
    "control:act": lambda held: {"pk": next(iter(held.town.users.values())).pk, "task": "end"},
    "control:close-window": lambda held: {"pk": held.window.pk},
    "control:emergency": lambda held: {"pk": held.emergency.pk},
    "control:review": lambda held: {"pk": held.account_item.campaign_id},
    "control:review-csv": lambda held: {"pk": held.account_item.campaign_id},
    "control:review-item": lambda held: {"pk": held.account_item.pk},
    "control:window": lambda held: {"pk": held.window.pk},
    "devices:device": lambda held: {"device_id": held.town.camera.pk},
    "devices:change": lambda held: {"device_id": held.town.camera.pk},
    "devices:picture-login": lambda held: {"device_id": held.town.camera.pk},
    "devices:forget-login": lambda held: {"device_id": held.town.camera.pk},
    "devices:way": lambda held: {"device_id": held.town.camera.pk},
    "devices:service": lambda held: {"device_id": held.town.camera.pk},
    "devices:rotate-key": lambda held: {"device_id": held.town.camera.pk},
    "devices:set-enabled": lambda held: {"device_id": held.town.camera.pk},
    "governance:adopt": lambda held: {"pk": held.draft.pk},
    "governance:contract-document": lambda held: {"pk": held.contract.pk},
    "governance:download": lambda held: {"pk": adoption_in_force(held.town.agency.pk).pk},
    "governance:draft": lambda held: {"pk": held.draft.pk},
    "governance:dry-run": lambda held: {"pk": held.draft.pk},
    "governance:refuse": lambda held: {"pk": held.draft.pk},
    "governance:version": lambda held: {"pk": adoption_in_force(held.town.agency.pk).pk},
    "governance:withdraw": lambda held: {"pk": held.draft.pk},
    "hotlists:approve": lambda held: {"pk": held.alert.entry_id},
    "hotlists:category": lambda held: {"key": own_category(held.town, held.alert.raised_at)},
    "hotlists:enter": lambda held: {"pk": held.alert.entry_id},
    "hotlists:entry": lambda held: {"pk": held.alert.entry_id},
    **dict.fromkeys(
        ("hotlists:pickup", "hotlists:pickup-look", "hotlists:pickup-stop"),
        lambda held: {"pk": pickup_on_record(held.town, held.alert.raised_at).pk},
    ),
    "hotlists:list-columns": lambda held: {"pk": on_record(held.town, held.alert.raised_at).pk},
    "hotlists:list-rejected": lambda held: {"pk": on_record(held.town, held.alert.raised_at).pk},
    "hotlists:list-discard": lambda held: {"pk": on_record(held.town, held.alert.raised_at).pk},
    "hotlists:list-file": lambda held: {"pk": on_record(held.town, held.alert.raised_at).pk},
    "hotlists:list-take": lambda held: {"pk": on_record(held.town, held.alert.raised_at).pk},
    "hotlists:list-register": lambda held: {"pk": own_list(held.town, held.alert.raised_at)},
    "hotlists:refresh": lambda held: {"pk": held.alert.entry_id},
    "hotlists:refuse": lambda held: {"pk": held.alert.entry_id},
    "hotlists:remove": lambda held: {"pk": held.alert.entry_id},
    "hotlists:switch-off": lambda held: {"key": own_category(held.town, held.alert.raised_at)},
    "hotlists:switch-on": lambda held: {"key": own_category(held.town, held.alert.raised_at)},
    "hotlists:unavailable": lambda held: {"pk": held.alert.entry_id},
    "hotlists:withdraw": lambda held: {"pk": held.alert.entry_id},
    "organization:appoint": lambda held: {"position": held.organized.holding.position},
    "organization:contract": lambda held: {"pk": next(iter(held.town.users.values())).pk},
    "organization:delegate": lambda held: {"position": held.organized.holding.position},
    "organization:person": lambda held: {"pk": next(iter(held.town.users.values())).pk},
    "organization:place": lambda held: {"pk": held.organized.unit.pk},
    "organization:relieve": lambda held: {"pk": held.organized.holding.pk},
    "organization:revoke-authorization": lambda held: {"pk": held.organized.authorization.pk},
    "organization:revoke-delegation": lambda held: {"pk": held.organized.delegation.pk},
    "field:act": lambda held: {"pk": held.alert.pk},
    "field:alert": lambda held: {"pk": held.alert.pk},
    "field:alert-changes": lambda held: {"pk": held.alert.pk},
    "field:hand-over": lambda held: {"pk": held.alert.pk},
    "told:remove-browser": lambda held: {"pk": told_browser(held).pk},
    "told:try-browser": lambda held: {"pk": told_browser(held).pk},
    "outgoing:change": lambda held: {"pk": told_system(held).pk},
    "outgoing:replay": lambda held: {"pk": told_message(held).pk},
    "outgoing:rotate": lambda held: {"pk": told_system(held).pk},
    "outgoing:switch": lambda held: {"pk": told_system(held).pk},
    "outgoing:system": lambda held: {"pk": told_system(held).pk},
    "outgoing:try": lambda held: {"pk": told_system(held).pk},
    "evidence:new-discs": lambda held: {"pk": packed(held.town).pk},
    "evidence:discs-again": lambda held: {"pk": pressed(held.town).of_set_id},
    "evidence:disc-label": lambda held: {"pk": pressed(held.town).pk},
    "evidence:take-image": lambda held: {"pk": pressed(held.town).pk},
    "evidence:record-disc": lambda held: {"pk": pressed(held.town).pk, "kind": "burned"},
    "evidence:package": lambda held: {"pk": packed(held.town).pk},
    "evidence:package-again": lambda held: {"pk": packed(held.town).pk},
    "evidence:take-package": lambda held: {"pk": packed(held.town).pk},
    "evidence:discard-package": lambda held: {"pk": packed(held.town).pk},
    "evidence:hold": lambda held: {"pk": held_plate(held.town).pk},
    "evidence:book": lambda held: {"pk": held_plate(held.town).pk},
    "evidence:hold-reads": lambda held: {"pk": held_plate(held.town).pk},
    "evidence:ask-of-hold": lambda held: {"pk": held_plate(held.town).pk, "act": "release"},
    "evidence:decide-on-hold": lambda held: {"pk": held_plate(held.town).pk, "act": "refuse"},
    "oversight:item": lambda held: {"item_id": held.item.pk},
    "oversight:review": lambda held: {"review_id": held.item.review_id},
    "units:code": lambda held: {"device_id": held.town.camera.pk},
    "units:decide": lambda held: {"pk": waiting(held.town).pk},
    "units:rate": lambda held: {"device_id": unit_row(held.town).pk},
    "units:transfers": lambda held: {"device_id": unit_row(held.town).pk},
    "reads:upload": lambda held: {"device_id": held.town.camera.pk},
    "reads:discard": lambda held: {"item_id": held.payload.pk},
    "reads:quarantined": lambda held: {"item_id": held.payload.pk},
    "reads:replay": lambda held: {"item_id": held.payload.pk},
    **dict.fromkeys(
        (
            *("releases:partner", "releases:partner-review", "releases:partner-end"),
            "releases:partner-reopen",
        ),
        lambda held: {"pk": kept_request(held.town, held.alert.raised_at).partner_id},
    ),
    "releases:partner-document": lambda held: {
        "pk": kept_request(held.town, held.alert.raised_at).partner.latest.pk
    },
    "releases:partner-invite": lambda held: {
        "pk": kept_request(held.town, held.alert.raised_at).partner_id
    },
    "releases:share": lambda held: {"pk": kept_share(held.town, held.alert.raised_at).pk},
    "releases:share-act": lambda held: {
        "pk": kept_share(held.town, held.alert.raised_at).pk,
        "task": "refuse",
    },
    "releases:share-list": lambda held: {"pk": kept_list(held.town, held.alert.raised_at).pk},
    "releases:agreement": lambda held: {"pk": kept_agreement(held.town, held.alert.raised_at).pk},
    **dict.fromkeys(
        ("releases:records-picture", "releases:records-original", "releases:records-preview"),
        lambda held: {"pk": kept_picture(held.town, held.alert.raised_at).pk},
    ),
    "releases:records-paper": lambda held: {"pk": kept_records(held.town, held.alert.raised_at).pk},
    "releases:records-request": lambda held: {
        "pk": kept_records(held.town, held.alert.raised_at).request_id
    },
    "releases:records-act": lambda held: {
        "pk": kept_records(held.town, held.alert.raised_at).request_id,
        "task": "close",
    },
    **dict.fromkeys(
        ("releases:request-prepare", "releases:request-leave", "releases:request-hand"),
        lambda held: {"pk": kept_request(held.town, held.alert.raised_at).pk},
    ),
    "releases:request-extend": lambda held: {
        "pk": kept_left(held.town, held.alert.raised_at).request_id
    },
    "releases:partner-account-reopen": lambda held: {
        "pk": kept_left(held.town, held.alert.raised_at).request.asked_by.partner_account.pk
    },
    "releases:drift-answer": lambda held: {
        "pk": kept_list(held.town, held.alert.raised_at).pk,
        "number": 0,
    },
    "releases:portal-collect": lambda held: {"pk": kept_left(held.town, held.alert.raised_at).request_id},
    "releases:portal-request": lambda held: {"pk": kept_portal_request(held.town, held.alert.raised_at).pk},
    "releases:portal-withdraw": lambda held: {"pk": kept_portal_request(held.town, held.alert.raised_at).pk},
    "releases:request": lambda held: {"pk": kept_request(held.town, held.alert.raised_at).pk},
    "releases:request-form": lambda held: {"pk": kept_request(held.town, held.alert.raised_at).pk},
    "releases:request-act": lambda held: {
        "pk": kept_request(held.town, held.alert.raised_at).pk,
        "task": "refuse",
    },
    "transparency:posting": lambda held: {"pk": held.posting.pk},
    "retention:certificate": lambda held: {"pk": purge_row(held.town, held.alert.raised_at).pk},
    "retention:decide": lambda held: {"pk": purge_row(held.town, held.alert.raised_at).pk, "act": "refuse"},
    "retention:purge": lambda held: {"pk": purge_row(held.town, held.alert.raised_at).pk},
    "retention:sample": lambda held: {"pk": attestation_row(held.town, held.alert.raised_at).pk},
    "retention:unsign": lambda held: {"pk": signature_row(held.town, held.alert.raised_at).pk},
    "retention:withdraw-authority": lambda held: {"pk": authority_row(held.town, held.alert.raised_at).pk},
    "search:analysis": lambda held: {"analysis_id": held.analysis.pk},
    "search:kept-end": lambda held: {"kept_id": held.kept.pk},
    "search:kept-hand": lambda held: {"kept_id": held.kept.pk},
    "search:kept-look": lambda held: {"kept_id": held.kept.pk},
    "search:kept-one": lambda held: {"kept_id": held.kept.pk},
    "search:kept-seen": lambda held: {"kept_id": held.kept.pk},
    "search:kept-renew": lambda held: {"kept_id": held.kept.pk},
    "search:export": lambda held: {"search_id": held.detectives.pk},
    "search:results": lambda held: {"search_id": held.search.pk},
    "search:of-plate": lambda held: {"search_id": held.search.pk},
    "search:plates": lambda held: {"search_id": looked_at(held.town, held.search).pk},
    "search:canvass": lambda held: {"pk": canvassed(held.town).pk},
    "search:canvass-plates": lambda held: {"pk": canvassed(held.town).pk},
    "search:canvass-reads": lambda held: {"pk": canvassed(held.town).pk},
    "search:assign-car": lambda held: {"pk": canvassed(held.town).pk},
    "search:close-canvass": lambda held: {"pk": canvassed(held.town).pk},
    "search:acknowledge-assignment": lambda held: {"pk": sent(held.town).pk},
    "search:end-assignment": lambda held: {"pk": sent(held.town).pk},
    "training:act": lambda held: {"pk": held.session.pk, "task": "invite"},
    "training:assign": lambda held: {"pk": next(iter(held.town.users.values())).pk},
    "training:attach": lambda held: {"pk": held.proof.certification_id},
    "training:certificate": lambda held: {"pk": held.proof.certification_id},
    "training:person": lambda held: {"pk": next(iter(held.town.users.values())).pk},
    "training:proof": lambda held: {"pk": held.proof.pk},
    "training:session": lambda held: {"pk": held.session.pk},
    "training:sheet": lambda held: {"pk": held.session.pk},
    "training:withdraw": lambda held: {"pk": held.proof.certification_id},
    "training:withdraw-assignment": lambda held: {"pk": held.assignment.pk},
    **dict.fromkeys(
        ("audits:audit", "audits:draw", "audits:sign", "audits:make-finding"),
        lambda held: {"pk": audit_of(held).pk},
    ),
    "audits:answer": lambda held: {"pk": audit_of(held).pk, "kind": "RECORD"},
    "audits:paper": lambda held: {"pk": audit_of(held).pk, "what": "draw"},
    "audits:item": lambda held: {"pk": audit_of(held).items.get().pk},
    **dict.fromkeys(
        ("audits:finding", "audits:resolve", "audits:retest"),
        lambda held: {"pk": audit_of(held).findings.get().pk},
    ),
    **dict.fromkeys(
        ("incidents:incident", "incidents:step", "incidents:move", "incidents:affected")
        + ("incidents:letter", "incidents:sent", "incidents:delay"),
        lambda held: {"pk": incident_of(held).pk},
    ),
    "incidents:affected-file": lambda held: {
        "pk": incident_of(held).pk,
        "list_id": papers_of(held)[0].pk,
    },
    "incidents:letter-file": lambda held: {
        "pk": incident_of(held).pk,
        "letter_id": papers_of(held)[1].pk,
    },
    **dict.fromkeys(
        ("violations:report", "violations:note", "violations:decide", "violations:retrain"),
        lambda held: {"pk": reported(held).pk},
    ),
}
"""What each address names. Those signed for a person are in SIGNED."""


def id_of(username: str) -> UUID:
    return User.objects.get(username=username).pk


BODIES = {"api:open-read": {"purpose": "stolen-plate", "reason": REASON, "reference": "26-01234"}}
"""What must be sent, as JSON, before the object is looked for."""

SIGNED: dict[str, Callable[[Holdings, str], str]] = {
    "api:picture": lambda held, person: reverse(
        "api:picture",
        args=[signed(PictureGrant(held.picture.pk, id_of(person), held.search.access_record_id, Cut.WHOLE))],
    ),
    "reads:picture": lambda held, person: signed_url(
        picture=held.picture, user_id=id_of(person), access_id=held.search.access_record_id
    ),
    "reads:check": lambda held, person: open_url(
        read_id=held.picture.read_id,
        purpose="stolen-plate",
        reason=REASON,
        reference="",
        user_id=id_of(person),
    ).replace("/?", "/check?"),
    "reads:read": lambda held, person: open_url(
        read_id=held.picture.read_id,
        purpose="stolen-plate",
        reason=REASON,
        reference="",
        user_id=id_of(person),
    ),
}
"""Addresses signed for the person who asks: even with a valid signature the other's object is not there."""


def addresses(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, AccessRule]]:
    """Names of the addresses that name an object, with their rules."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from addresses(entry, inner)
        elif isinstance(entry, URLPattern) and entry.pattern.converters:
            rule = rule_of(entry.callback)
            assert rule is not None, entry
            if not rule.public:  # what everybody may read is no agency's alone
                yield f"{space}{entry.name}", rule


NAMED = dict(addresses(get_resolver()))


def test_it_is_said_what_each_address_names() -> None:
    assert set(NAMED) == set(OBJECTS) | set(SIGNED)


@pytest.fixture
def barstow_holds(barstow: Town, now: datetime) -> Holdings:
    return hold(barstow, "chen", now)


@pytest.fixture
def huntington_park_holds(huntington_park: Town, now: datetime) -> Holdings:
    return hold(huntington_park, "hale", now)


def answers(name: str, held: Holdings, person: str, client: Client) -> dict[str, int]:
    address = SIGNED[name](held, person) if name in SIGNED else reverse(name, kwargs=OBJECTS[name](held))
    sent = {"data": BODIES[name], "content_type": "application/json"} if name in BODIES else {}
    statuses = {"GET": client.get(address).status_code, "POST": client.post(address, **sent).status_code}
    return {method: s for method, s in statuses.items() if s != HTTPStatus.METHOD_NOT_ALLOWED}


@pytest.mark.parametrize("name", sorted(NAMED))
def test_another_agencys_object_is_not_found(
    name: str, barstow_holds: Holdings, huntington_park_holds: Holdings, now: datetime, login: Login
) -> None:
    town, needs = barstow_holds.town, NAMED[name].capability
    if needs == "releases.fulfill":
        with_clerk(town, now)
    # Chief Chen where she may: the search is hers.
    able = [person for person in ("chen", *town.users) if not needs or town.actor(person, now).may(needs)]
    if NAMED[name].partner:
        able = [kept_portal_request(town, now).asked_by.username]
    client = made(town, able[0], now)[1] if NAMED[name].token else login(able[0])
    theirs = AuditRecord.objects.filter(agency=huntington_park_holds.town.agency.pk)
    before = theirs.count()

    foreign = answers(name, huntington_park_holds, able[0], client)
    assert set(foreign.values()) == {HTTPStatus.NOT_FOUND}, foreign
    assert theirs.count() == before

    own = answers(name, barstow_holds, able[0], client)
    assert all(status < HTTPStatus.INTERNAL_SERVER_ERROR for status in own.values()), own
    assert set(own.values()) != {HTTPStatus.NOT_FOUND}, own
