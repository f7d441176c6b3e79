"""The real unit against the real server and receiver: enrolled, told, and its reads stored (B-466.5)."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from django.test import Client
from django.utils import timezone

from plateward.alerts.actions import match_waiting
from plateward.alerts.models import Confirmation, PictureMatch
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.edge.agent import Agent, Unit
from plateward.edge.capturing import Capturing, Parts
from plateward.edge.enrolling import enroll
from plateward.edge.screen.desk import Desk
from plateward.edge.screen.desk import Parts as ScreenParts
from plateward.edge.screen.signing_in import SignIn as SigningIn
from plateward.edge.sender import Sender
from plateward.edge.sources import Taken
from plateward.hotlists import actions as hotlists
from plateward.ingest.app import create_app
from plateward.reads.actions import store_waiting
from plateward.reads.models import Picture, Read
from plateward.units import rules
from plateward.units.models import SignIn, Spool
from tests.canvasses import assigned, opened
from tests.edge.screens import PIN
from tests.edge.units import NumberReader, drawn, plate_of, settings_in
from tests.personas import Town
from tests.stage import Stage
from tests.units import car, code_for

pytestmark = pytest.mark.django_db(transaction=True)


class Road(httpx.BaseTransport):
    """From the unit to the pages by Django's client, to the receiver as its own program.

    `meanwhile` happens once, after the first answer to that path.
    """

    def __init__(self, ingest_database_url: str) -> None:
        self._receiver = create_app(ingest_database_url)
        self.meanwhile: dict[str, Callable[[], object]] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._answered(request, request.read())
        self.meanwhile.pop(request.url.path, lambda: None)()
        return answer

    def _answered(self, request: httpx.Request, body: bytes) -> httpx.Response:
        if request.url.path.startswith("/v1/"):
            return asyncio.run(self._received(request, body))
        headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        kind = headers.pop("content-type", "application/octet-stream")
        found = Client().generic(
            request.method,
            request.url.raw_path.decode(),
            body,
            content_type=kind,
            headers={name: value for name, value in headers.items() if name != "content-length"},
        )
        return httpx.Response(found.status_code, headers=dict(found.items()), content=found.content)

    async def _received(self, request: httpx.Request, body: bytes) -> httpx.Response:
        transport = httpx.ASGITransport(self._receiver)
        async with (
            self._receiver.router.lifespan_context(self._receiver),
            httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
        ):
            found = await client.post(request.url.path, content=body, headers=dict(request.headers))
            return httpx.Response(found.status_code, headers=dict(found.headers), content=found.content)


@pytest.fixture
def road(ingest_database_url: str) -> Road:
    return Road(ingest_database_url)


@pytest.fixture
def unit(
    barstow: Town, now: datetime, tmp_path: Path, road: Road, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Unit]:
    client = httpx.Client
    monkeypatch.setattr(
        "plateward.edge.link.httpx.Client",
        lambda **given: client(transport=road, headers=given["headers"]),
    )
    settings = settings_in(tmp_path, "http://127.0.0.1:8000")
    enroll(settings, code_for(car(barstow, now), barstow, now))
    made = Unit.opened(settings)
    yield made
    made.close()


def wanted(barstow: Town, now: datetime, number: int) -> None:
    stage = Stage(barstow, now)
    asked = stage.asked("ortiz") | {"plate": plate_of(number)}
    hotlists.approve(entry=hotlists.request_entry(**asked), **stage.by("lane"))


def talk(agent: Agent) -> None:
    """A round of talk in which the server refuses nothing."""
    who = agent.unit.identities.now()
    assert who is not None
    agent._round(who)
    assert agent._untold == ""


def see(unit: Unit, *numbers: int) -> None:
    parts = Parts(unit.store, unit.spool, unit.listing, unit.alerts, unit.clock, unit.state, 88)
    for number in numbers:
        picture = Taken(unit.settings.sources[0], unit.clock.now(), drawn(number), None, f"{number}.png")
        Capturing(parts, NumberReader(), {}).take(picture)


def send(unit: Unit) -> None:
    """Everything that waits arrives, is stored and matched."""
    sender = Sender(unit.spool, unit.identities, unit.link, unit.clock, unit.state)
    while unit.spool.standing().waiting:
        assert (sender.step(), sender.problem) == (0, "")
    store_waiting(limit=9, now=timezone.now())
    match_waiting(limit=9, now=timezone.now())


@pytest.mark.clause("B-466.5", "H-426.4")
def test_what_a_car_reads_is_matched_there_and_stored_here(unit: Unit, barstow: Town, now: datetime) -> None:
    wanted(barstow, now, 5)
    agent = Agent(unit, NumberReader())
    talk(agent)
    shown = unit.state.snapshot()
    assert shown.configuration is not None
    assert shown.configuration.agency_name == barstow.agency.name
    assert unit.listing.count() == 1
    see(unit, 5, 6)
    assert [alert.plate for alert in unit.alerts.all()] == [plate_of(5)]
    send(unit)
    assert sorted(Read.objects.values_list("plate", flat=True)) == [plate_of(5), plate_of(6)]
    assert Picture.objects.count() == 4
    talk(agent)
    assert unit.journal.unmerged() == ()
    spool = Spool.objects.get(spool=unit.spool.id)
    assert (spool.announced, [list(one) for one in spool.received]) == (2, [[1, 2]])


@pytest.mark.clause("B-466.6(a)", "H-426.5(a)", "B-466.4(c)", "H-426.3(c)")
def test_what_an_officer_does_in_the_car_is_done_here_in_their_name(
    unit: Unit,
    road: Road,
    barstow: Town,
    now: datetime,
    login: Callable[[str], Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "INTERVAL_S", 0)
    monkeypatch.setattr(SigningIn, "start", SigningIn.run)
    wanted(barstow, now, 5)
    sent = assigned(barstow, opened(barstow, "lane", now), "lane", "ortiz", now)
    agent, desk = Agent(unit, NumberReader()), Desk(ScreenParts.of(unit))
    talk(agent)
    see(unit, 5)

    def confirm() -> None:
        """On her own screen, under the code that the car shows."""
        assert desk._sign_in is not None
        begun = desk._sign_in.progress.begun
        assert begun is not None
        ortiz = login("ortiz")
        ortiz.post("/units/sign-in/", {"code": begun.user_code})
        ortiz.post(f"/units/sign-in/{SignIn.objects.get().pk}/", {"answer": "yes"})

    road.meanwhile["/unit/v1/sign-in/token"] = confirm
    screen = desk.set_pin(desk.begin_sign_in(), PIN, PIN)
    talk(agent)
    front = desk.look(screen).front
    assert front is not None
    desk.compare(screen, front.id, "YES")
    desk.told_by_dispatch(screen, front.id, is_confirmed=True, said="Nguyen", channel="radio")
    desk.choose(screen, None)
    (task,) = desk.look(screen).assignments
    assert task.id == sent.pk
    desk.acknowledge_assignment(screen, task.id)
    talk(agent)
    sent.refresh_from_db()
    assert sent.state == "ACKNOWLEDGED"
    assert len(unit.answers.waiting()) == 2, "what is said of a read waits for it"
    send(unit)
    desk.sign_out(screen)
    talk(agent)
    assert unit.answers.waiting() == ()
    assert PictureMatch.objects.get().characters == "YES"
    assert Confirmation.objects.get().note == "Nguyen"
    assert (SignIn.objects.get().state, unit.people.all()) == ("ENDED", ())
    accesses = AccessRecord.objects.filter(reason="Alert shown on the unit of Car 12", username="ortiz")
    assert {one.elements["plate"] for one in accesses} == {plate_of(5), ""}, "by itself, and in the list"
    done = AuditRecord.objects.filter(username="ortiz", verb__startswith="units.")
    assert {
        "units.screen.signed_in",
        "units.alert.shown",
        "units.alert.answered",
        "units.answer.taken",
        "units.screen.signed_out",
    } <= set(done.values_list("verb", flat=True))
    assert unit.journal.unmerged() == ()
