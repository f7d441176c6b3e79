"""Is the record whole? Known acts are done by a synthetic person on synthetic data, then looked for (R124).

Everything made up belongs to an agency of its own, which no list, count, search or report of a police agency
reaches (R52): agencies never see each other's rows. The agency's policy in force decides the acts.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction

from plateward.accounts import actions as accounts
from plateward.accounts import session_actions as sessions
from plateward.accounts.models import Agency, User
from plateward.audit import exporting, ledger, reading_actions, sealing_actions
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.audit.models import Leaf as KeptLeaf
from plateward.audit.queries import JournalFilter
from plateward.audit.sealing import opening_of
from plateward.audit.who import Who
from plateward.devices import actions as devices
from plateward.devices.models import Device
from plateward.devices.rules import DeviceFacts, DeviceKind
from plateward.governance import actions as governance
from plateward.governance.actor import Actor
from plateward.ledger.leaves import Leaf
from plateward.plates.pattern import PlatePattern
from plateward.plates.text import plate_key
from plateward.policy import CertificationFact, Profile, Refused, may
from plateward.policy.clearance import ClearanceFact
from plateward.reads import actions as reads
from plateward.reads import directory
from plateward.reads.models import Read
from plateward.reads.rules import read_id
from plateward.search import actions as search
from plateward.search.rules import SearchQuery
from plateward.walls import scope

AGENCY, USERNAME, PLATE = "self-test", "self-test", "TEST000"
NAME = "Self-test (synthetic)"
BY = Who.system("self-test")
REASON = "Self-test of the record on synthetic data"
NOT_PERMITTED = "self-test-not-permitted"
ADDRESS = "127.0.0.1"

ACCESS = "audit.access.recorded"


@dataclass(frozen=True, slots=True)
class Act:
    """A known act: what it is called, how it is done, and the verb its journal row must have."""

    name: str
    do: Callable[["Stage"], object]
    verb: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found of an act; `missing` says in words what was not, and is empty when all was."""

    name: str
    verb: str
    row: int | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """The synthetic person under the agency's policy, and the synthetic read."""

    actor: Actor
    user: User
    read: Read
    now: datetime

    @property
    def purpose(self) -> str:
        return next(iter(self.actor.profile.purposes), NOT_PERMITTED)

    def query(self, purpose: str) -> SearchQuery:
        """A search for the synthetic plate at the very moment of its read."""
        return SearchQuery(
            pattern=PlatePattern.parse(PLATE),
            from_at=self.read.captured_at,
            until_at=self.read.captured_at + timedelta(milliseconds=1),
            purpose=purpose,
            reason=REASON,
            reference="SELF-TEST",
        )


def _search(stage: Stage) -> None:
    search.run_search(by=stage.actor, query=stage.query(stage.purpose), now=stage.now)


def _refused_search(stage: Stage) -> None:
    """A search for a purpose no policy has, journaled as the gate journals every refusal."""
    try:
        search.run_search(by=stage.actor, query=stage.query(NOT_PERMITTED), now=stage.now)
    except Refused as refused:
        governance.journal_refusal(
            actor=stage.actor, decision=refused.decision, attempted="POST /search/", now=stage.now
        )


def _open_read(stage: Stage) -> None:
    reads.open_read(
        by=stage.actor,
        read_id=stage.read.id,
        purpose=stage.purpose,
        reason=REASON,
        reference="SELF-TEST",
        now=stage.now,
    )


def _failed_login(stage: Stage) -> None:
    sessions.refuse_session(username=USERNAME, address=ADDRESS, now=stage.now)


def _account_change(stage: Stage) -> None:
    accounts.unlock(user=stage.user, reason=REASON, by=stage.actor.who, now=stage.now)


def _read_journal(stage: Stage) -> None:
    reading_actions.read_journal(
        by=stage.actor.who,
        agency=AGENCY,
        wanted=JournalFilter(),
        before=None,
        profile_version=stage.actor.profile.version,
        now=stage.now,
    )


ACTS = (
    Act("A search", _search, ACCESS),
    Act("A refused search", _refused_search, "governance.access.refused"),
    Act("Opening a read", _open_read, ACCESS),
    Act("A failed log-in", _failed_login, "accounts.session.refused"),
    Act("A change of an account", _account_change, "accounts.user.released"),
    Act("Reading the journal", _read_journal, "audit.journal.viewed"),
)


def perform(profile: Profile, now: datetime) -> list[Outcome]:
    """Do every known act under this policy, seal the journal, and look for each act.

    Whoever asks, the acts see and write the made-up agency's rows and no others.
    """
    with scope.as_agency(AGENCY):
        stage = _stage(profile, now)
        rows = [(act, *_done(act, stage)) for act in ACTS]
        with scope.as_system("The journal of all agencies is sealed in one tree."):
            sealing_actions.seal(now=now)
        return [_outcome(act, row, why, stage) for act, row, why in rows]


def _done(act: Act, stage: Stage) -> tuple[AuditRecord | None, str]:
    """Do an act; the journal row it left, or why it could not be done."""
    mine = AuditRecord.objects.filter(agency=AGENCY)
    last = mine.order_by("-pk").values_list("pk", flat=True).first() or 0
    try:
        act.do(stage)
    except Refused as refused:
        return None, f"the act was refused: {refused.decision.reason}"
    return mine.filter(pk__gt=last, verb=act.verb, username=USERNAME).order_by("pk").first(), ""


def _outcome(act: Act, row: AuditRecord | None, why: str, stage: Stage) -> Outcome:
    if row is None:
        return Outcome(act.name, act.verb, None, (why or "no journal row",))
    missing = [*_of_row(row, stage), *_of_ledger(row)]
    if act.verb == ACCESS:
        missing += _of_access(row, stage)
    return Outcome(act.name, act.verb, row.pk, tuple(missing))


def _of_row(row: AuditRecord, stage: Stage) -> Iterator[str]:
    if row.recorded_at != stage.now:
        yield "date and time in the journal"
    if not row.name or not row.subject:
        yield "person or object in the journal"


def _of_access(row: AuditRecord, stage: Stage) -> Iterator[str]:
    """What Civil Code § 1798.90.52(a) asks for that the access record lacks."""
    access = AccessRecord.objects.filter(audit_id=row.pk).first()
    if access is None:
        yield "the access record of Civil Code § 1798.90.52"
        return
    demanded = {
        "(a)(1) date and time": access.accessed_at == stage.now,
        "(a)(2) data elements of the query": access.elements.get("plate") == PLATE == access.plate,
        "(a)(3) username and organization": access.username == USERNAME and access.organization == NAME,
        "(a)(4) purpose": access.purpose == stage.purpose,
        "reason and reference": access.reason == REASON and access.reference == "SELF-TEST",
        "number of results": access.result_count == 1,
    }
    yield from (name for name, is_there in demanded.items() if not is_there)


def _of_ledger(row: AuditRecord) -> Iterator[str]:
    """Whether the row is sealed as it stands, and shown by an export."""
    try:
        ledger.proof_of(row)
    except ledger.NotSealedError:
        yield "a place in the ledger"
        return
    kept = KeptLeaf.objects.get(audit_id=row.pk)
    if not Leaf.parse(bytes(kept.data)).opens_with(bytes(kept.salt), opening_of(row)):
        yield "the same content in the ledger"
    if not {"leaf", "opening", "salt"} <= exporting.line_of(row, AGENCY).keys():
        yield "its line in the export"


@transaction.atomic
def _stage(profile: Profile, now: datetime) -> Stage:
    agency, _ = Agency.with_synthetic.get_or_create(
        pk=AGENCY, defaults={"name": NAME, "short_name": NAME, "is_synthetic": True}
    )
    title = next((one for one in profile.titles if may(profile, one, "search.run")), "")
    user = User.objects.filter(username=USERNAME).first() or accounts.create_user(
        agency=agency, username=USERNAME, full_name=NAME, title=title or "none", by=BY, now=now
    )
    today = profile.agency.day(now)
    actor = Actor(
        user_id=user.pk,
        username=USERNAME,
        name=NAME,
        title=title,
        agency=AGENCY,
        agency_name=NAME,
        positions=frozenset(profile.positions),
        certifications=[CertificationFact(course, today) for course in profile.training.courses],
        clearance=ClearanceFact(is_cleared=True, screened_on=today),
        profile=profile,
        today=today,
        address=ADDRESS,
    )
    return Stage(actor, user, _read(agency, now), now)


def _read(agency: Agency, now: datetime) -> Read:
    """The synthetic read of this moment; it comes from no camera and was compared with no hotlist."""
    reads.ensure_partitions(now=now)
    device = (
        Device.objects.filter(agency=agency).first()
        or devices.register(
            agency=agency,
            facts=DeviceFacts(name=NAME, kind=DeviceKind.FILE, location="Nowhere", owner=NAME),
            by=BY,
            now=now,
        )[0]
    )
    event = f"self-test-{uuid4()}"
    captured_at = now.replace(microsecond=now.microsecond // 1000 * 1000)
    made = Read.objects.filter(agency=agency, plate_key=plate_key(PLATE), captured_at=captured_at).first()
    if made:
        return made
    read = Read.objects.create(
        id=read_id(captured_at, device.pk, event, PLATE),
        captured_at=captured_at,
        plate_key=plate_key(PLATE),
        plate=PLATE,
        plate_raw=PLATE,
        agency=agency,
        device=device,
        received_at=now,
        stored_at=now,
        clock_skew_s=0.0,
        source_event_id=event,
    )
    directory.note([read.id])
    return read
