"""A district attorney on the register and a request on file, as either town's people enter them."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from PIL import Image

from plateward.accounts import partner_actions as partner_accounts
from plateward.accounts.models import User
from plateward.accounts.rules import AccountState
from plateward.evidence import package_work
from plateward.evidence.models import Package
from plateward.governance import actions as governance
from plateward.governance.queries import file_store
from plateward.policy import PartnerClass
from plateward.reads import actions as reads
from plateward.reads.models import PictureRole, Read
from plateward.reads.store import picture_store
from plateward.releases import (
    answer_actions,
    answer_read_actions,
    answer_store,
    clock_actions,
    fulfill_actions,
    partner_actions,
    portal_actions,
    records_actions,
    request_actions,
    share_actions,
)
from plateward.releases.answer_models import AnswerPicture
from plateward.releases.fulfilling_models import Fulfillment
from plateward.releases.partner_actions import Finding
from plateward.releases.partner_models import Partner, PartnerReview
from plateward.releases.portal_models import PartnerAccount
from plateward.releases.records_models import RecordsPaper, RecordsRequest
from plateward.releases.records_rules import Determination, Outcome, Unusual
from plateward.releases.redaction import Box
from plateward.releases.request_models import ReleaseRequest
from plateward.releases.requesting import Asked, Described
from plateward.releases.rules import Override
from plateward.releases.share_models import InformationAgreement, StandingShare, VendorShareList
from plateward.releases.share_rules import Answer
from tests.days import day_of
from tests.payloads import as_json, inbox_item
from tests.personas import SETUP, Town
from tests.purges import pictured as store_picture
from tests.sightings import seen
from tests.teaching import PDF

Act = Callable[[], Any]
COMMANDERS = {"barstow-pd": "cole", "huntington-park-pd": "hayes"}
APPROVERS = {"barstow-pd": "lane", "huntington-park-pd": "hayes"}
CLERKS = {"barstow-pd": "soto", "huntington-park-pd": "howe"}
DA = "County District Attorney"
LETTER = b"%PDF-1.7 We hold such records."


def with_clerk(town: Town, now: datetime) -> str:
    """Appoint the Custodian of Records, who records requests and hands data over."""
    clerk = CLERKS[town.agency.pk]
    by = {"by": SETUP, "profile_version": town.actor(clerk, now).profile.version}
    if not town.actor(clerk, now).may("releases.fulfill"):
        governance.appoint(user=town.users[clerk], position="custodian-of-records", now=now, **by)
    return clerk


def finding(now: datetime, kind: PartnerClass = PartnerClass.PROSECUTOR, **given: Any) -> Finding:
    facts: dict[str, Any] = {
        "state": "CA",
        "is_enforcement": True,
        "authority": "Gov. Code § 26500; county charter",
        "again_date": day_of(now) + timedelta(days=300),
        "document": PDF,
    }
    return Finding(kind=kind, **facts | given)


def partner(town: Town, now: datetime, name: str = DA, **given: Any) -> Partner:
    by = town.actor(COMMANDERS[town.agency.pk], now)
    return partner_actions.enter_partner(
        name=name, ori="CA036013A", finding=finding(now, **given), by=by, now=now
    )


def asked(now: datetime, partner: Partner | None, today: date, **given: Any) -> Asked:
    facts: dict[str, Any] = {
        "agency_name": partner.name if partner else "Somebody",
        "person": "Pat Prosecutor",
        "purpose": "suspect-interdiction",
        "intended": "Robbery at 1st and Main, case 26-0142",
        "data": Described(
            plates=["8ABC123"], cameras=[], from_at=now - timedelta(days=2), until_at=now + timedelta(days=1)
        ),
        "received_date": today,
        "form": PDF,
        "is_acknowledged": True,
    }
    return Asked(partner=partner, **facts | given)


def request_on_file(town: Town, now: datetime, of: Partner | None = None, **given: Any) -> ReleaseRequest:
    """A request that the clerk recorded."""
    by = town.actor(with_clerk(town, now), now)
    of = of or Partner.objects.filter(agency=town.agency).first() or partner(town, now)
    return request_actions.record_request(asked=asked(now, of, by.today, **given), by=by, now=now)


def approved(town: Town, now: datetime, **given: Any) -> ReleaseRequest:
    """A request that somebody other than the partner's reviewer approved."""
    made = request_on_file(town, now, **given)
    by = town.actor(APPROVERS[town.agency.pk], now)
    return request_actions.approve_request(
        request=made, reason="Within policy.", override=Override(), destroy_by=None, by=by, now=now
    )


def kept_request(town: Town, now: datetime) -> ReleaseRequest:
    """A request of a partner as bare rows, without a word in the journal."""
    person = town.users[COMMANDERS[town.agency.pk]]
    facts = {"entered_by": person, "entered_at": now}
    of, is_new = Partner.objects.get_or_create(agency=town.agency, name=DA, defaults=facts)
    if is_new:
        PartnerReview.objects.create(
            agency=town.agency,
            partner=of,
            kind=PartnerClass.PROSECUTOR,
            state="CA",
            is_enforcement=True,
            authority="Charter",
            document_type="application/pdf",
            document_sha256="0" * 64,
            reviewed_by=person,
            reviewed_at=now,
            again_date=day_of(now) + timedelta(days=300),
        )
    given = {
        "partner": of,
        "agency_name": DA,
        "intended": "Robbery",
        "from_at": now - timedelta(days=1),
        "until_at": now,
        "form_type": "application/pdf",
        "form_sha256": "0" * 64,
        "received_date": day_of(now),
        "recorded_by": person,
        "recorded_at": now,
    }
    return ReleaseRequest.objects.get_or_create(agency=town.agency, number="2026-0001", defaults=given)[0]


def kept_portal_request(town: Town, now: datetime) -> ReleaseRequest:
    """A request that somebody of the partner submitted, as bare rows."""
    of = kept_request(town, now).partner
    assert of is not None
    person = portal_person(town, now, of)
    given = {
        "partner": of,
        "agency_name": DA,
        "intended": "Robbery",
        "from_at": now - timedelta(days=1),
        "until_at": now,
        "received_date": day_of(now),
        "asked_by": person,
        "recorded_at": now,
    }
    return ReleaseRequest.objects.get_or_create(agency=town.agency, number="2026-0002", defaults=given)[0]


def portal_person(town: Town, now: datetime, of: Partner) -> User:
    """Somebody of a partner with an account of the portal, without a word in the journal."""
    username = f"pat-{town.agency.pk}-{len(of.name)}"
    facts = {
        "full_name": "Pat Prosecutor",
        "title": "partner",
        "organization": of.name,
        "agency": town.agency,
        "state": AccountState.ACTIVE,
        "state_since_at": now,
        "admitted_at": now,
        "created_at": now,
    }
    person, _ = User.objects.get_or_create(username=username, defaults=facts)
    given = {
        "agency": town.agency,
        "partner": of,
        "invited_by": town.users[COMMANDERS[town.agency.pk]],
        "invited_at": now,
    }
    PartnerAccount.objects.get_or_create(user=person, defaults=given)
    return person


def kept_left(town: Town, now: datetime) -> Fulfillment:
    """A package left in the portal, of which our copy was destroyed since, as bare rows."""
    request = kept_portal_request(town, now)
    by = town.users[COMMANDERS[town.agency.pk]]
    facts = {"wanted": {}, "purpose": "stolen-plate", "reason": "Said", "ordered_by": by, "ordered_at": now}
    facts |= {"state": "DISCARDED", "access_row": 0, "discarded_by": by, "discarded_at": now}
    facts |= {"ordered_as": "captain", "profile_version": "2026.2", "discarded_because": "Collected."}
    package, _ = Package.objects.get_or_create(agency=town.agency, year=2026, number=1, defaults=facts)
    given = {"agency": town.agency, "package": package, "prepared_by": by, "prepared_at": now}
    given |= {"way": "PORTAL", "collector": request.asked_by, "handed_by": by, "handed_at": now}
    given |= {"collect_by_date": day_of(now) + timedelta(days=14)}
    return Fulfillment.objects.get_or_create(request=request, defaults=given)[0]


def _partner(s: Any, **given: Any) -> Partner:
    return partner(s.town, s.now, **given)


def review(s: Any) -> Act:
    known, later = _partner(s), s.now + timedelta(minutes=1)
    by = s.town.actor("cole", later)
    return lambda: partner_actions.review_partner(partner=known, finding=finding(s.now), by=by, now=later)


def end(s: Any) -> Act:
    known = _partner(s)
    return lambda: partner_actions.end_partner(partner=known, reason="Dissolved.", **s.by("cole"))


def reopen(s: Any) -> Act:
    known = _partner(s)
    partner_actions.end_partner(partner=known, reason="Dissolved.", **s.by("cole"))
    later = s.now + timedelta(minutes=1)
    by = s.town.actor("cole", later)
    return lambda: partner_actions.reopen_partner(
        partner=known, reason="Founded anew.", finding=finding(s.now), by=by, now=later
    )


def closed_account(s: Any) -> PartnerAccount:
    """An account of a partner that was suspended."""
    person = portal_person(s.town, s.now, _partner(s))
    person.state = AccountState.SUSPENDED
    person.save()
    return PartnerAccount.objects.select_related("user", "partner").get(user=person)


def reopen_account(s: Any) -> Act:
    account = closed_account(s)
    return lambda: portal_actions.reopen_account(account=account, reason="Back on duty.", **s.by("cole"))


def reopen_partner_account(s: Any) -> Act:
    user = closed_account(s).user
    return lambda: partner_accounts.reopen_partner_account(user=user, reason="Back.", **s.by("cole"))


def answer_difference(s: Any) -> Act:
    made = share_actions.import_list(
        vendor="Reader Works", column="Agency", data=b"Agency\nSome Sheriff\n", **s.by("cole")
    )
    return lambda: share_actions.answer_difference(
        share_list=made, number=0, answer=Answer.TOLD, note="Ticket 4711.", **s.by("cole")
    )


def extend_collection(s: Any) -> Act:
    made = leave(s)()
    until = s.actor("soto").today + timedelta(days=30)
    return lambda: fulfill_actions.extend_collection(
        request=made.request, collect_by=until, reason="On leave.", **s.by("soto")
    )


def remind(s: Any) -> Act:
    _partner(s, again_date=day_of(s.now) + timedelta(days=5))
    return lambda: clock_actions.remind(now=s.now)


def record(s: Any) -> Act:
    known, clerk = _partner(s), with_clerk(s.town, s.now)
    by = s.actor(clerk)
    wanted = asked(s.now, known, by.today)
    return lambda: request_actions.record_request(asked=wanted, by=by, now=s.now)


def request_act(name: str, who: str, **given: Any) -> Callable[[Any], Act]:
    def prepare(s: Any) -> Act:
        made = request_on_file(s.town, s.now)
        return lambda: getattr(request_actions, name)(request=made, reason="Said.", **given, **s.by(who))

    return prepare


def proposed_share(s: Any) -> StandingShare:
    return share_actions.propose_share(
        partner=_partner(s),
        listed_as="County DA",
        what="Searches",
        authority="Agreement",
        expires_date=day_of(s.now) + timedelta(days=100),
        **s.by("cole"),
    )


def share_act(name: str, who: str, *, is_active: bool = False, **given: Any) -> Callable[[Any], Act]:
    def prepare(s: Any) -> Act:
        share = proposed_share(s)
        if is_active:
            share_actions.approve_share(share=share, note="Fits.", **s.by("lane"))
        return lambda: getattr(share_actions, name)(share=share, note="Said.", **given, **s.by(who))

    return prepare


def share_propose(s: Any) -> Act:
    return lambda: proposed_share(s)


def renew(s: Any) -> Act:
    until = day_of(s.now) + timedelta(days=200)
    return share_act("renew_share", "lane", is_active=True, expires_date=until)(s)


def agreement(s: Any) -> Act:
    of = _partner(s)
    return lambda: share_actions.enter_agreement(
        partner=of,
        title="Exchange",
        exchanges="Reads",
        safeguards="Records",
        signed_date=day_of(s.now),
        ends_date=None,
        document=PDF,
        **s.by("cole"),
    )


def kept_share(town: Town, now: datetime) -> StandingShare:
    """A share as a bare row."""
    of = kept_request(town, now).partner
    facts = {
        "partner": of,
        "what": "Searches",
        "authority": "Agreement",
        "state": "PROPOSED",
        "expires_date": day_of(now) + timedelta(days=100),
        "proposed_by": town.users[CLERKS[town.agency.pk]],
        "proposed_at": now,
    }
    return StandingShare.objects.get_or_create(agency=town.agency, listed_as="DA", defaults=facts)[0]


def kept_list(town: Town, now: datetime) -> VendorShareList:
    """A compared list as a bare row."""
    facts = {"column": "Agency", "sha256": "0" * 64, "names": ["DA"], "drift": [["UNKNOWN", "DA", ""]]}
    facts |= {"imported_by": town.users[COMMANDERS[town.agency.pk]], "imported_at": now}
    return VendorShareList.objects.get_or_create(agency=town.agency, vendor="Reader Works", defaults=facts)[0]


def kept_agreement(town: Town, now: datetime) -> InformationAgreement:
    """An agreement as a bare row."""
    facts = {
        "partner": kept_request(town, now).partner,
        "exchanges": "Reads",
        "safeguards": "Records",
        "signed_date": day_of(now),
        "document_type": "application/pdf",
        "document_sha256": "0" * 64,
        "entered_by": town.users[COMMANDERS[town.agency.pk]],
        "entered_at": now,
    }
    return InformationAgreement.objects.get_or_create(agency=town.agency, title="Exchange", defaults=facts)[0]


def received(s: Any) -> RecordsRequest:
    by = s.actor(with_clerk(s.town, s.now))
    return records_actions.receive(
        requester="",
        contact="",
        channel="MAIL",
        described="Reads of my own car",
        received_date=by.today,
        by=by,
        now=s.now,
    )


def records_act(name: str, /, *, determined: bool = False, **given: Any) -> Callable[[Any], Act]:
    def prepare(s: Any) -> Act:
        made = received(s)
        if determined:
            records_actions.determine(request=made, made=NONE_HELD, **s.by("soto"))
        return lambda: getattr(records_actions, name)(request=made, **given, **s.by("soto"))

    return prepare


NONE_HELD = Determination(Outcome.NONE_HELD, "There are none.")


def take_in(s: Any) -> Act:
    with_clerk(s.town, s.now)
    return lambda: received(s)


def extended(s: Any) -> Act:
    until = s.actor("soto").today + timedelta(days=20)
    return records_act("extend", reason=Unusual.VOLUMINOUS, until=until, text="")(s)


def drawn_picture() -> bytes:
    drawn = BytesIO()
    Image.new("RGB", (60, 40), "white").save(drawn, "JPEG")
    return drawn.getvalue()


def pictured(s: Any) -> AnswerPicture:
    """A picture of an answer that nothing is decided about."""
    return answer_actions.add_picture(request=received(s), data=drawn_picture(), name="Scene", **s.by("soto"))


def add_picture(s: Any) -> Act:
    request = received(s)
    return lambda: answer_actions.add_picture(
        request=request, data=drawn_picture(), name="Scene", **s.by("soto")
    )


def add_read_picture(s: Any) -> Act:
    request = received(s)
    read = seen(s.town.camera, "8ABC123", s.now)
    store_picture(read, picture_store(), s.now)
    return lambda: answer_read_actions.add_read_picture(
        request=request, read=read.id, role=PictureRole.SCENE, name="Scene", **s.by("soto")
    )


def picture_act(name: str, **given: Any) -> Callable[[Any], Act]:
    def prepare(s: Any) -> Act:
        made = pictured(s)
        return lambda: getattr(answer_actions, name)(picture=made, **given, **s.by("soto"))

    return prepare


def redact_picture(s: Any) -> Act:
    made, boxes = pictured(s), [Box(0, 0, 5, 5)]
    previewed = hashlib.sha256(answer_store.covered(made, boxes)).hexdigest()
    return lambda: answer_actions.redact_picture(
        picture=made, boxes=boxes, previewed=previewed, **s.by("soto")
    )


def preview_picture(s: Any) -> Act:
    made = pictured(s)
    return lambda: answer_actions.preview_picture(picture=made, boxes=[Box(0, 0, 5, 5)], **s.by("soto"))


def note_unsearched(s: Any) -> Act:
    made = pictured(s)
    return lambda: answer_actions.note_unsearched(picture=made, why="It failed.", now=s.now)


def search_again(s: Any) -> Act:
    note_unsearched(s)()
    made = AnswerPicture.objects.get()
    return lambda: answer_actions.search_again(picture=made, **s.by("soto"))


def note_found(s: Any) -> Act:
    made = pictured(s)
    return lambda: answer_actions.note_found(picture=made, boxes=[[1, 2, 3, 4]], now=s.now)


def kept_picture(town: Town, now: datetime) -> AnswerPicture:
    """A picture of an answer as a bare row, with its original."""
    facts = {"name": "Scene", "media_type": "image/jpeg", "width": 60, "height": 40, "added_at": now}
    facts |= {"agency": town.agency, "added_by": town.users[COMMANDERS[town.agency.pk]]}
    request = kept_records(town, now).request
    data = drawn_picture()
    digest = hashlib.sha256(data).hexdigest()
    made, is_new = AnswerPicture.objects.get_or_create(request=request, sha256=digest, defaults=facts)
    if is_new:
        answer_store.keep(made, data)
    return made


def kept_records(town: Town, now: datetime) -> RecordsPaper:
    """A public request as a bare row, and its letter on file."""
    by = town.users[COMMANDERS[town.agency.pk]]
    facts = {"state": "RECEIVED", "channel": "MAIL", "described": "Reads", "received_date": day_of(now)}
    facts |= {"entered_by": by, "entered_at": now}
    request, _ = RecordsRequest.objects.get_or_create(agency=town.agency, number="PR-1", defaults=facts)
    given = {"kind": "DETERMINATION", "name": "Letter", "media_type": "application/pdf"}
    given |= {"sha256": hashlib.sha256(LETTER).hexdigest(), "made_by": by, "made_at": now}
    paper = RecordsPaper.objects.get_or_create(agency=town.agency, request=request, defaults=given)[0]
    file_store().put(paper.path, LETTER)
    return paper


def prepared(s: Any, *, is_built: bool = True, before: Callable[[Read], object] | None = None) -> Fulfillment:
    """An approved request whose read is packed, with its clerk; `before` is done with the read first."""
    seen_read(s.town, s.now)
    if before:
        before(Read.objects.get(plate="8ABC123"))
    made = fulfill_actions.prepare(request=approved(s.town, s.now), **s.by("soto"))
    if is_built and made.package is not None:
        package_work.make(package=made.package, **s.by("soto"))
        made.package.refresh_from_db()
    return made


def seen_read(town: Town, now: datetime) -> None:
    """One read of the plate asked for."""
    inbox_item(town.camera, as_json(now, plate="8ABC123"), now)
    reads.store_waiting(limit=10, now=now)


def prepare(s: Any) -> Act:
    seen_read(s.town, s.now)
    request = approved(s.town, s.now)
    return lambda: fulfill_actions.prepare(request=request, **s.by("soto"))


def leave(s: Any) -> Act:
    made = prepared(s)
    portal_person(s.town, s.now, made.request.partner)
    account = PartnerAccount.objects.get()
    until = s.actor("soto").today + timedelta(days=14)
    return lambda: fulfill_actions.leave_in_portal(
        request=made.request, account=account, collect_by=until, **s.by("soto")
    )


def hand_over(s: Any) -> Act:
    made = prepared(s)
    return lambda: fulfill_actions.hand_over(request=made.request, receipt="Lee, DVD 4411", **s.by("soto"))


def collect(s: Any) -> Act:
    made = leave(s)()
    by = s.actor(made.collector.username)
    return lambda: fulfill_actions.collect(request=made.request, by=by, now=s.now).close()


def invite(s: Any) -> Act:
    known = _partner(s)
    return lambda: portal_actions.invite(
        partner=known, username="pat", full_name="Pat Prosecutor", **s.by("cole")
    )


def invite_partner(s: Any) -> Act:
    return lambda: partner_accounts.invite_partner(
        username="pat", full_name="Pat Prosecutor", organization=DA, **s.by("cole")
    )


def submit(s: Any) -> Act:
    known = _partner(s)
    by = s.actor(portal_person(s.town, s.now, known).username)
    return lambda: portal_actions.submit(asked=asked(s.now, known, by.today), by=by, now=s.now)


def withdraw_own(s: Any) -> Act:
    made = submit(s)()
    by = s.actor(made.asked_by.username)
    return lambda: portal_actions.withdraw_own(request=made, reason="Solved.", by=by, now=s.now)


RELEASE_ACTS: Mapping[str, Callable[[Any], Act]] = {
    "releases.enter_partner": lambda s: lambda: _partner(s),
    "releases.review_partner": review,
    "releases.end_partner": end,
    "accounts.invite_partner": invite_partner,
    "accounts.reopen_partner_account": reopen_partner_account,
    "releases.reopen_account": reopen_account,
    "releases.reopen_partner": reopen,
    "releases.answer_difference": answer_difference,
    "releases.extend_collection": extend_collection,
    "releases.remind": remind,
    "releases.propose_share": share_propose,
    "releases.approve_share": share_act("approve_share", "lane"),
    "releases.refuse_share": share_act("refuse_share", "lane"),
    "releases.renew_share": renew,
    "releases.end_share": share_act("end_share", "cole"),
    "releases.import_list": lambda s: (
        lambda: share_actions.import_list(
            vendor="Reader Works", column="Agency", data=b"Agency\nDA\n", **s.by("cole")
        )
    ),
    "releases.enter_agreement": agreement,
    "releases.receive": take_in,
    "releases.extend": extended,
    "releases.determine": records_act("determine", made=NONE_HELD),
    "releases.close": records_act("close", determined=True, note="Sent."),
    "releases.withdraw": records_act("withdraw", note="Settled."),
    "releases.redact_picture": redact_picture,
    "releases.add_picture": add_picture,
    "releases.add_read_picture": add_read_picture,
    "releases.note_found": note_found,
    "releases.note_unsearched": note_unsearched,
    "releases.preview_picture": preview_picture,
    "releases.search_again": search_again,
    "releases.open_picture": picture_act("open_picture"),
    "releases.leave_whole": picture_act("leave_whole", reason="Nobody is in it."),
    "releases.withhold_picture": picture_act("withhold_picture", reason="Gov. Code § 7923.600"),
    "releases.redact_table": records_act(
        "redact_table", data=b"plate\n8ABC123\n", columns=["plate"], name="Reads"
    ),
    "releases.prepare": prepare,
    "releases.leave_in_portal": leave,
    "releases.hand_over": hand_over,
    "releases.collect": collect,
    "releases.invite": invite,
    "releases.submit": submit,
    "releases.withdraw_own": withdraw_own,
    "releases.record_request": record,
    "releases.approve_request": request_act("approve_request", "lane", override=Override(), destroy_by=None),
    "releases.refuse_request": request_act("refuse_request", "cole"),
    "releases.withdraw_request": request_act("withdraw_request", "soto"),
}
