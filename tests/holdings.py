"""One object of each kind of an agency, for tests that hold one agency's against another's."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from plateward.alerts.models import Alert
from plateward.api.models import Token
from plateward.audit.models import AccessRecord
from plateward.audits.kinds import CheckKind
from plateward.audits.models import Audit, ComputedCheck, Finding, SampleItem
from plateward.audits.rules import AuditState, Draw, Outcome
from plateward.control.models import EmergencyAccess, MaintenanceWindow, ReviewCampaign
from plateward.control.models import ReviewItem as AccountItem
from plateward.governance import register_actions
from plateward.governance.models import Draft, VendorContract
from plateward.incidents.models import Affected, Incident, Letter
from plateward.incidents.rules import Data
from plateward.outgoing.models import Browser, Message, System
from plateward.outgoing.rules import MessageState
from plateward.oversight.models import ReviewItem
from plateward.plates.matching import Tolerance
from plateward.plates.pattern import PlatePattern
from plateward.reads import actions as reads
from plateward.reads.models import InboxItem, InboxState, Picture
from plateward.search.actions import run_search
from plateward.search.analysis_models import Analysis, AnalysisKind
from plateward.search.kept import Wanted
from plateward.search.kept_actions import keep
from plateward.search.kept_models import KeptSearch
from plateward.search.models import Search
from plateward.search.rules import SearchQuery
from plateward.training.models import Assignment, ProofFile, Session
from plateward.transparency.actions import record_posting
from plateward.transparency.models import Posting
from plateward.violations.models import Report, Told
from plateward.violations.rules import Kind, Via
from tests.alarms import alerted
from tests.days import day_of
from tests.organized import Organized, organized
from tests.payloads import MULTIPART, as_json, as_multipart, inbox_item, picture
from tests.personas import Town
from tests.reviewing import under_review
from tests.teaching import PDF, taught
from tests.tokens import made
from tests.versions import PROPOSERS, proposed

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
    of_whom = {
        "agency": town.agency,
        "user": town.users[person],
        "endpoint": f"https://push.example/{person}",
    }
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
        agency=town.agency,
        campaign=review,
        user=first,
        position="chief-of-police",
        facts={"Title": "Officer"},
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
