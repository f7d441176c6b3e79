"""Every act writes its journal row in its own transaction.

ACTS holds every public function of every subject's actions: each is done once, its journal row seen, and
done once more with a journal that fails, whereupon nothing may have changed. A function that is missing
here fails a test.
"""

import inspect
import pkgutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import Model

import plateward
from plateward.accounts import actions as accounts
from plateward.accounts.models import Agency
from plateward.alerts import actions as alerts
from plateward.alerts import queries as alert_queries
from plateward.alerts.rules import ConfirmationResult, Place
from plateward.audit import alarm_actions, reading_actions, sealing_actions
from plateward.audit.models import AlarmKind, AuditRecord, LedgerAlarm
from plateward.audit.queries import AccessFilter, JournalFilter
from plateward.devices import actions as devices
from plateward.devices import login_actions, watch_actions
from plateward.devices import way_actions as ways
from plateward.devices.models import Device, Refusal
from plateward.devices.rules import DeviceFacts, DeviceKind, ServiceKind
from plateward.devices.ways import WayIn
from plateward.governance import actions as governance
from plateward.governance.organization import actions as organization
from plateward.hotlists import actions as hotlists
from plateward.hotlists import clock_actions
from plateward.hotlists.filters import VehicleFilter
from plateward.notices import actions as notices
from plateward.notices.models import Notice
from plateward.notices.rules import to_position
from plateward.policy import Decision, ReadFault
from plateward.reads import actions as reads
from plateward.reads import check_actions, deleted_actions, upload_actions
from plateward.reads.check_rules import Finding
from plateward.reads.claims import claim
from plateward.reads.models import InboxItem
from plateward.search import actions as search
from plateward.search import export_actions
from plateward.search import watch_actions as watching
from tests.account_acts import ACCOUNT_ACTS
from tests.alarms import alerted, arrives, wanted, worked
from tests.analysis_acts import ANALYSES
from tests.api_acts import API_ACTS
from tests.auditing import AUDIT_ACTS
from tests.canvasses import CANVASS_ACTS
from tests.check_acts import CHECK_ACTS
from tests.control_acts import CONTROL_ACTS
from tests.db.acts_of_publishing import PUBLISHING
from tests.factor_acts import FACTOR_ACTS
from tests.field_acts import FIELD_ACTS
from tests.hiding import old_and_new, two_phased
from tests.holding_acts import HOLDING_ACTS
from tests.holds import HOLD_ACTS
from tests.identity_acts import IDENTITY_ACTS
from tests.incident_acts import INCIDENT_ACTS
from tests.key_acts import KEY_ACTS
from tests.ledger_acts import LEDGER_ACTS
from tests.list_acts import LIST_ACTS
from tests.organization_acts import ORGANIZATION_ACTS
from tests.outgoing_acts import OUTGOING_ACTS
from tests.oversight_acts import OVERSIGHT
from tests.package_acts import PACKAGE_ACTS
from tests.personas import SETUP, Town
from tests.purges import ready
from tests.releasing import RELEASE_ACTS
from tests.reporting import REPORT_ACTS
from tests.retention_acts import RETENTION_ACTS
from tests.rowless import WITHOUT_A_ROW
from tests.sightings import seen
from tests.stage import Act, Stage
from tests.teaching import TEACHING
from tests.units import UNIT_ACTS
from tests.versions import proposed

pytestmark = pytest.mark.clause("B-466.6(a)", "H-426.5(a)")


def register(s: Stage) -> Act:
    return lambda: devices.register(
        agency=s.town.agency,
        facts=DeviceFacts(name="Car 12", kind=DeviceKind.MOBILE, location="Patrol car 12", owner="Barstow"),
        **s.setup,
    )


def hotlist_act(name: str, who: str, *, is_active: bool = False, **given: str) -> Callable[[Stage], Act]:
    def prepare(s: Stage) -> Act:
        entry = s.requested()
        if is_active:
            hotlists.approve(entry=entry, **s.by("lane"))
        return lambda: getattr(hotlists, name)(entry=entry, **given, **s.by(who))

    return prepare


def draft_act(name: str, who: str, **given: str) -> Callable[[Stage], Act]:
    def prepare(s: Stage) -> Act:
        draft = proposed(s.town, s.now)
        return lambda: getattr(governance, name)(draft=draft, **given, **s.by(who))

    return prepare


def journal_withheld(s: Stage) -> Act:
    entry = s.requested()
    decision = s.actor("ortiz").sees("state")
    return lambda: hotlists.journal_withheld(entry=entry, decision=decision, **s.by("ortiz"))


def expire_due(s: Stage) -> Act:
    hotlists.approve(entry=s.requested(), **s.by("lane"))
    return lambda: clock_actions.expire_due(now=s.now + timedelta(hours=72))


def enter(s: Stage) -> Act:
    approved = hotlists.approve(entry=hotlists.request_entry(**s.asked("diaz")), **s.by("cole"))
    return lambda: hotlists.enter(entry=approved, **s.by("diaz"))


def remind_due(s: Stage) -> Act:
    hotlists.approve(entry=s.requested(), **s.by("lane"))
    return lambda: clock_actions.remind_due(now=s.now + timedelta(hours=49))


def tell_of_removals(s: Stage) -> Act:
    entry = hotlists.approve(entry=s.requested(), **s.by("lane"))
    hotlists.report_recovered(entry=entry, **s.by("quinn"))
    return lambda: clock_actions.tell_of_removals(now=s.now + timedelta(hours=2))


def preview_watch(s: Stage) -> Act:
    asked = {"plate": "?ABC12*", "vehicle": VehicleFilter(), "days": 30, "case_number": "26-01234"}
    why = {"purpose": "stolen-or-wanted-vehicle", "reason": "Shots fired at 1st and Main, partial plate"}
    return lambda: watching.preview_watch(**asked, **why, **s.by("ortiz"))


def match_waiting(s: Stage) -> Act:
    wanted(s.town, "8ABC123", s.now)
    arrives(s.town.camera, "8ABC123", s.now)
    return lambda: alerts.match_waiting(limit=10, now=s.now)


def alert_act(name: str, *done: str, **given: Any) -> Callable[[Stage], Act]:
    def prepare(s: Stage) -> Act:
        alert = worked(alerted(s.town, s.now), s.town, s.now, *done)
        return lambda: getattr(alerts, name)(alert=alert, **given, **s.by("dunn"))

    return prepare


def deliver(s: Stage) -> Act:
    alerted(s.town, s.now)
    shown = list(alert_queries.with_hits(s.town.agency.pk))
    return lambda: alerts.deliver(alerts=shown, place=Place.CONSOLE, **s.by("dunn"))


def store_waiting(s: Stage) -> Act:
    s.unreadable()
    return lambda: reads.store_waiting(limit=10, now=s.now)


def open_alert(s: Stage) -> Act:
    alerted(s.town, s.now)
    alert = alert_queries.with_hits(s.town.agency.pk).get()
    return lambda: alerts.open_alert(alert=alert, **s.by("dunn"))


def end_unmatched(s: Stage) -> Act:
    item = s.unreadable()
    return lambda: reads.end_unmatched(item=item, now=s.now)


def open_read(s: Stage) -> Act:
    read = seen(s.town.camera, "6XYZ789", s.now)
    return lambda: reads.open_read(
        read_id=read.id, purpose="stolen-plate", reason="Compare", reference="", **s.by("ortiz")
    )


def quarantine_act(name: str, **given: str) -> Callable[[Stage], Act]:
    def prepare(s: Stage) -> Act:
        item = s.quarantined()
        return lambda: getattr(reads, name)(item=item, **given, **s.by("imani"))

    return prepare


def set_aside(s: Stage) -> Act:
    s.unreadable()

    @transaction.atomic
    def act() -> None:
        (item,), _ = claim(1, s.now)
        reads.quarantine(item, "It holds no plate.", s.now)

    return act


def reachable(s: Stage) -> Device:
    """A camera whose pictures lie within its own network."""
    way_in = WayIn(sources=("192.0.2.0/24",), picture_hosts=("http://192.0.2.17",))
    return ways.set_way_in(device=s.town.camera, revision=1, way_in=way_in, **s.setup)[0]


def remove_picture_login(s: Stage) -> Act:
    camera = reachable(s)
    login_actions.set_picture_login(device=camera, username="viewer", password="secret", **s.setup)
    return lambda: login_actions.remove_picture_login(device=camera, **s.setup)


def journal_refusals(s: Stage) -> Act:
    facts = {"count": 3, "first_at": s.now, "last_at": s.now, "addresses": "192.0.2.9", "reason": "SOURCE"}
    Refusal.objects.create(agency=s.town.agency, device=s.town.camera, **facts)
    return lambda: ways.journal_refusals(now=s.now)


def open_deleted_read(s: Stage) -> Act:
    two_phased(s.town, s.now)
    ready(s.town, s.now)
    old, _ = old_and_new(s.town, s.now)
    stated = {"purpose": "stolen-plate", "reason": "Robbery", "reference": "26-1"}
    return lambda: deleted_actions.open_deleted_read(read_id=old.id, **stated, **s.by("chen"))


def replay_all(s: Stage) -> Act:
    s.quarantined()
    return lambda: reads.replay_all(**s.by("imani"))


def show_results(s: Stage) -> Act:
    made = search.run_search(query=s.query(), **s.by("ortiz")).search
    return lambda: search.show_results(search_id=made.pk, after=None, **s.by("ortiz"))


def take_out(s: Stage) -> Act:
    query = replace(s.query(), reference="26-01234")
    made = search.run_search(query=query, **s.by("diaz")).search

    def act() -> None:
        export_actions.take_out(search_id=made.pk, **s.by("diaz")).file.close()

    return act


def export_journal(s: Stage) -> Act:
    sealing_actions.seal(now=s.now)
    place = Path(tempfile.mkdtemp(dir=settings.ENVIRONMENT.data)) / "journal.zip"
    return lambda: reading_actions.export_journal(by=SETUP, agency="barstow-pd", path=place, now=s.now)


def raised_alarm(s: Stage) -> LedgerAlarm:
    alarm = alarm_actions.raise_alarm(kind=AlarmKind.MODIFIED, told=["row 7: it was edited"], now=s.now)
    assert alarm is not None
    return alarm


def answer_alarm(s: Stage) -> Act:
    alarm = raised_alarm(s)
    return lambda: alarm_actions.answer_alarm(
        by=SETUP, agency="barstow-pd", alarm_id=alarm.pk, answer="Put back.", now=s.now
    )


def take_proof(s: Stage) -> Act:
    sealing_actions.seal(now=s.now)
    row = AuditRecord.objects.filter(agency="barstow-pd").latest("pk")
    return lambda: reading_actions.take_proof(
        by=s.actor("cole").who, agency="barstow-pd", row_id=row.pk, profile_version="2026.2", now=s.now
    )


def raised(s: Stage) -> Notice:
    return notices.raise_notice(
        agency=s.town.agency.pk,
        key="review:1",
        kind="review-due",
        to=to_position("chief-of-police"),
        text="The account review is due.",
        subject="accounts.User:1",
        due_at=s.now + timedelta(days=1),
        escalates_to="administrative-division-commander",
        **s.setup,
    )


def notice_act(name: str, given: Callable[[Stage, Notice], dict[str, Any]]) -> Callable[[Stage], Act]:
    def prepare(s: Stage) -> Act:
        notice = raised(s)
        return lambda: getattr(notices, name)(**given(s, notice))

    return prepare


def checked_read(s: Stage) -> Act:
    read = seen(s.town.camera, "8BC123", s.now)
    said = {"shows": "BBC123", "shows_region": "", "reason": "A flat back."}
    return lambda: check_actions.check_read(read_id=read.id, **said, **s.by("ortiz"))


def noted_fault(s: Stage) -> Act:
    alert = alerted(s.town, s.now)
    fault = {"read_id": alert.hits.get().read_id, "fault": ReadFault.MISREAD, "found_in": alert.pk}
    return lambda: check_actions.note_fault(**fault, reason="Not that plate.", **s.by("ortiz"))


def noted_comparison(s: Stage) -> Act:
    read = seen(s.town.camera, "8BC123", s.now)
    finding = Finding(plate="BBC123", region="", is_misread=True, is_wrong_state=False, pairs=("8/B",))
    said = {"read": read, "finding": finding, "found_in": uuid4()}
    return lambda: check_actions.note_comparison(**said, **s.by("ortiz"))


def staged(prepare: Callable[[Town, datetime], Act]) -> Callable[[Stage], Act]:
    """An act of a module of its own, which needs the town and the instant only."""
    return lambda s: prepare(s.town, s.now)


POSTED = "https://town.example/alpr"


ACTS: Mapping[str, Callable[[Stage], Act]] = {
    **PUBLISHING,
    **ACCOUNT_ACTS,
    **ORGANIZATION_ACTS,
    **{f"oversight.{name}": staged(prepare) for name, prepare in OVERSIGHT.items()},
    **FACTOR_ACTS,
    **FIELD_ACTS,
    **UNIT_ACTS,
    **IDENTITY_ACTS,
    **CONTROL_ACTS,
    **AUDIT_ACTS,
    **INCIDENT_ACTS,
    **REPORT_ACTS,
    **API_ACTS,
    **{name: staged(act) for name, act in TEACHING.items()},
    "alerts.deliver": deliver,
    "alerts.dispose": alert_act("dispose", code="not-located"),
    "alerts.match_waiting": match_waiting,
    "alerts.open_alert": open_alert,
    "alerts.record_confirmation": alert_act(
        "record_confirmation", "confirm", channel="clets-terminal", result=ConfirmationResult.CONFIRMED
    ),
    **HOLDING_ACTS,
    **HOLD_ACTS,
    **CHECK_ACTS,
    **OUTGOING_ACTS,
    "alerts.work_step": alert_act("work_step", step="confirm"),
    "audit.answer_alarm": answer_alarm,
    **KEY_ACTS,
    **LEDGER_ACTS,
    "audit.export_journal": export_journal,
    "audit.raise_alarm": lambda s: lambda: raised_alarm(s),
    "audit.watch_sealing": lambda s: lambda: alarm_actions.watch_sealing(now=s.now + timedelta(minutes=3)),
    "audit.read_accesses": lambda s: lambda: reading_actions.read_accesses(**s.filtered(AccessFilter())),
    "audit.read_journal": lambda s: lambda: reading_actions.read_journal(**s.filtered(JournalFilter())),
    "audit.take_proof": take_proof,
    "devices.register": register,
    "devices.change": lambda s: (
        lambda: devices.change(
            device=s.town.camera,
            revision=1,
            facts=replace(s.town.camera.facts, owner="The county"),
            **s.setup,
        )
    ),
    "devices.record_service": lambda s: (
        lambda: devices.record_service(
            device=s.town.camera,
            kind=ServiceKind.REPAIR,
            done_date=date(2026, 1, 20),
            done_by="Poles Inc.",
            note="New cable.",
            **s.setup,
        )
    ),
    "devices.rotate_key": lambda s: lambda: devices.rotate_key(device=s.town.camera, **s.setup),
    "devices.set_enabled": lambda s: (
        lambda: devices.set_enabled(device=s.town.camera, enabled=False, **s.setup)
    ),
    "devices.watch": lambda s: (
        lambda: watch_actions.watch(
            agency="barstow-pd",
            profile=s.town.actor("cole", s.now).profile,
            lately={},
            now=s.now + timedelta(days=400),
        )
    ),
    "devices.set_way_in": lambda s: (
        lambda: ways.set_way_in(
            device=s.town.camera, revision=1, way_in=WayIn(sources=("192.0.2.0/24",)), **s.setup
        )
    ),
    "devices.set_picture_login": lambda s: (
        lambda: login_actions.set_picture_login(
            device=reachable(s), username="viewer", password="secret", **s.setup
        )
    ),
    "devices.remove_picture_login": remove_picture_login,
    "devices.journal_refusals": journal_refusals,
    "devices.issue_anew": lambda s: lambda: ways.issue_anew(device=s.town.camera, **s.setup),
    "governance.adopt": lambda s: (
        lambda: governance.adopt(agency=s.town.agency, profile_bytes=s.profile_bytes("2026.3"), **s.setup)
    ),
    "governance.adopt_draft": draft_act("adopt_draft", "chen", compared_with="2026.2", note=""),
    "governance.appoint": lambda s: (
        lambda: governance.appoint(
            user=s.town.users["soto"],
            position="custodian-of-records",
            profile_version="2026.2",
            **s.setup,
        )
    ),
    "governance.establish": lambda s: (
        lambda: governance.establish(profile_bytes=s.profile_bytes("2026.2", "needles-pd"), **s.setup)
    ),
    "governance.journal_refusal": lambda s: (
        lambda: governance.journal_refusal(
            actor=s.actor("ruiz"),
            decision=Decision(False, "B-466.4(d)", "No training."),
            attempted="GET /search/",
            now=s.now,
        )
    ),
    "governance.propose": lambda s: (
        lambda: governance.propose(
            profile_bytes=s.profile_bytes("2026.3"), why="The council asked.", **s.by("cole")
        )
    ),
    "governance.refuse_draft": draft_act("refuse_draft", "chen", note="Too early."),
    "governance.replay_draft": draft_act("replay_draft", "chen"),
    "governance.withdraw_draft": draft_act("withdraw_draft", "cole", note=""),
    "hotlists.approve": hotlist_act("approve", "lane"),
    "hotlists.assert_unavailable": hotlist_act(
        "assert_unavailable", "ortiz", position="operations-division-commander", reason="Phone off."
    ),
    "hotlists.expire_due": expire_due,
    "hotlists.enter": enter,
    "hotlists.remind_due": remind_due,
    "hotlists.tell_of_removals": tell_of_removals,
    "hotlists.report_recovered": hotlist_act("report_recovered", "quinn", is_active=True),
    "hotlists.journal_withheld": journal_withheld,
    **LIST_ACTS,
    "hotlists.refresh": hotlist_act("refresh", "lane", is_active=True, source="CLETS", note="Still missing."),
    "hotlists.refuse": hotlist_act("refuse", "lane", note="Recovered."),
    "hotlists.remove": hotlist_act("remove", "quinn", is_active=True, note="Recovered."),
    "hotlists.request_entry": lambda s: lambda: hotlists.request_entry(**s.asked("ortiz")),
    "hotlists.withdraw": hotlist_act("withdraw", "ortiz"),
    "notices.escalate_due": notice_act("escalate_due", lambda s, _: {"now": s.now + timedelta(days=1)}),
    "notices.note": notice_act("note", lambda s, n: {"notice_id": n.pk, **s.by("chen")}),
    "notices.raise_notice": lambda s: lambda: raised(s),
    "notices.settle": notice_act("settle", lambda s, n: {"agency": n.agency, "key": n.key, **s.setup}),
    "notices.settle_about": notice_act(
        "settle_about", lambda s, n: {"agency": n.agency, "subject": n.subject, "kind": n.kind, **s.setup}
    ),
    "reads.check_read": checked_read,
    "reads.note_comparison": noted_comparison,
    "reads.note_fault": noted_fault,
    "reads.upload": lambda s: (
        lambda: upload_actions.upload(
            by=s.actor("imani"),
            device=s.town.camera,
            name="reads.csv",
            data=f"captured_at,plate\n{s.now.isoformat()},8ABC123\n".encode(),
            now=s.now,
        )
    ),
    "reads.end_unmatched": end_unmatched,
    "reads.discard": quarantine_act("discard", reason="A test shot."),
    "reads.inspect": quarantine_act("inspect"),
    "reads.open_deleted_read": open_deleted_read,
    "reads.open_read": open_read,
    "reads.quarantine": set_aside,
    "reads.replay": quarantine_act("replay"),
    "reads.replay_all": replay_all,
    "reads.store_waiting": store_waiting,
    **RELEASE_ACTS,
    **RETENTION_ACTS,
    **ANALYSES,
    "search.preview_watch": preview_watch,
    "search.take_out": take_out,
    "search.run_search": lambda s: lambda: search.run_search(query=s.query(), **s.by("ortiz")),
    "search.show_results": show_results,
    **CANVASS_ACTS,
    **PACKAGE_ACTS,
}

INSTALLATION_WIDE = {
    "units.refuse_code",
    "units.rotate_signing_key",
    "audit.answer_alarm",
    "audit.merge",
    "audit.raise_alarm",
    "audit.rotate_key",
    "audit.watch_sealing",
    "reads.add_master",
    "reads.forget_earlier_masters",
    "reads.rewrap",
    "reads.seal_plain",
}
"""About the journal itself, in every agency's, or about what belongs to the whole installation."""


@pytest.fixture
def stage(barstow: Town, now: datetime) -> Stage:
    return Stage(town=barstow, now=now)


def skipped(model: type[Model]) -> set[str]:
    return PROGRESS if model is InboxItem else set()


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of ours, the journal included."""
    models = [model for model in apps.get_models() if model.__module__.startswith("plateward.")]
    return {
        model._meta.label: sorted(
            (
                {name: value for name, value in row.items() if name not in skipped(model)}
                for row in model._base_manager.values()
            ),
            key=lambda row: str(sorted(row.items(), key=str)),
        )
        for model in models
    }


TRIES_AGAIN = {"alerts.match_waiting", "reads.store_waiting"}
"""Acts of the intake, which note that they failed, and when to try again, and go on with other payloads."""

PROGRESS = {"attempts", "retry_at", "processed_at", "reason"}
"""Where they note it."""


class JournalDownError(Exception):
    pass


def written_in(package: str) -> Iterator[ModuleType]:
    """A subject's actions, and those of its parts: `actions` and `…_actions`."""
    home = import_module(f"plateward.{package}")
    for module in pkgutil.iter_modules(home.__path__):
        if module.name == "actions" or module.name.endswith("_actions"):
            yield import_module(f"plateward.{package}.{module.name}")


def test_every_write_function_is_shown_here() -> None:
    found = set()
    for package in pkgutil.iter_modules(plateward.__path__):
        if not package.ispkg:
            continue
        modules = [(package.name, module) for module in written_in(package.name)]
        if package.name == "governance":
            modules.append(("organization", organization))
        for subject, module in modules:
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if function.__module__ == module.__name__ and not name.startswith("_"):
                    found.add(f"{subject}.{name}")
    assert found == ACTS.keys() | WITHOUT_A_ROW.keys()


@pytest.mark.parametrize("name", ACTS)
def test_act_and_journal_row_are_written_together(
    stage: Stage, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = ACTS[name](stage)
    before = everything()
    rows = AuditRecord.objects.count()

    def fail(*_: object, **__: object) -> None:
        raise JournalDownError

    with monkeypatch.context() as broken:
        broken.setattr(AuditRecord, "save", fail)
        with pytest.raises(JournalDownError) if name not in TRIES_AGAIN else nullcontext():
            act()
    assert everything() == before, "the change stayed although its journal row failed"

    InboxItem.objects.update(retry_at=None)
    whose = {""} if name in INSTALLATION_WIDE else {"barstow-pd", "needles-pd"}
    act()
    written = AuditRecord.objects.order_by("id").values_list("agency", flat=True)[rows:]
    assert not whose.isdisjoint(written)


def test_rows_outlive_the_account_they_name(stage: Stage) -> None:
    accounts.create_user(
        agency=Agency.objects.get(pk="barstow-pd"),
        username="leaver",
        full_name="Lea Leaver",
        title="patrol-officer",
        **stage.setup,
    )
    subject = AuditRecord.objects.get(verb="accounts.user.created", detail__username="leaver").subject
    stage.town.users["ortiz"].__class__.objects.filter(username="leaver").delete()
    assert AuditRecord.objects.filter(subject=subject).exists()
