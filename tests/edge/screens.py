"""A unit's screen before a test: its desk, its server's answers, people who signed in, reads and alerts."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import cv2
import httpx
import msgspec
import numpy as np
from starlette.applications import Starlette

from plateward.edge.alerts import Alerts, LocalAlert
from plateward.edge.answers import Answers
from plateward.edge.belief import Belief
from plateward.edge.clock import Clock
from plateward.edge.identity import Identities
from plateward.edge.journal import Journal
from plateward.edge.link import Link
from plateward.edge.listing import Freshness, ListState
from plateward.edge.people import People
from plateward.edge.screen.app import create_app
from plateward.edge.screen.desk import Desk, Parts
from plateward.edge.spool import Spool
from plateward.edge.state import Link as LinkShown
from plateward.edge.state import LinkState, RecentRead, State
from plateward.edge.store import Store
from plateward.recognition import CharacterReading
from plateward.unitwire.calls import Enrolled, SignInBegun, SignInRefused, event_id
from plateward.unitwire.documents import Assignment, Channel, Configuration, Grant, ListEntry
from plateward.unitwire.journal import Entry
from plateward.unitwire.signing import DocumentKey
from tests.edge.spools import store_in

NOW = datetime(2026, 3, 1, 16, tzinfo=UTC)
PIN = "482913"
SIGNING = DocumentKey(bytes(range(32)))
DEVICE, AGENCY = "5d6c1f1e-0000-4000-8000-000000000001", "barstow-pd"
ORIGIN = "http://127.0.0.1"
CONFIGURATION = Configuration(
    device_id=DEVICE,
    agency=AGENCY,
    issued_at=NOW,
    serial=1,
    agency_name="Barstow Police Department",
    time_zone="America/Los_Angeles",
    device_name="Unit 12",
    receiver="https://reads.barstow.example",
    list_fresh_for_s=72 * 3600,
    list_fresh_clause="B-466.11",
    list_may_be_used_stale=False,
    upload_bytes_per_s=None,
    keep_pictures_bytes=None,
    grant_s=12 * 3600,
    lock_after_s=300,
    ask_every_s=60,
    health_every_s=60,
    verify_clause="B-466.4(f)",
    channels=(Channel(id="radio", name="Radio to a CLETS-certified dispatcher"),),
)
BEGUN = SignInBegun(
    device_code="d" * 43,
    user_code="BCDF-GHJK",
    verification_uri="https://plateward.barstow.example/units/sign-in/",
    verification_uri_complete="https://plateward.barstow.example/units/sign-in/?code=BCDF-GHJK",
    expires_in=600,
    interval=0,
)


@dataclass
class Hands:
    """Clocks that the test sets."""

    wall: float = NOW.timestamp()
    steady: float = 1000.0

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds


@dataclass
class Server:
    """What the server answers to a sign-in, in turn; nothing of it where the network is away."""

    answers: list[SignInRefused | Grant] = field(default_factory=list)
    is_away: bool = False
    asked: list[str] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if self.is_away:
            raise httpx.ConnectError("no network")
        if request.url.path == "/unit/v1/sign-in":
            return httpx.Response(200, json=msgspec.to_builtins(BEGUN))
        told = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(told, Grant):
            return httpx.Response(200, json=msgspec.to_builtins(SIGNING.sign(told)))
        return httpx.Response(400, json=msgspec.to_builtins(told))


class InProcess(httpx.BaseTransport):
    """Calls the application without a socket."""

    def __init__(self, app: Starlette) -> None:
        self._app = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def answered() -> httpx.Response:
            answer = await self._app.handle_async_request(request)
            return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

        return asyncio.run(answered())


@dataclass
class Car:
    """Everything of a unit that its screen works on."""

    parts: Parts
    desk: Desk
    hands: Hands
    server: Server
    spool: UUID

    @property
    def state(self) -> State:
        return self.parts.state

    def browser(self, host: str = ORIGIN) -> "Browser":
        return Browser(httpx.Client(transport=InProcess(create_app(self.desk)), base_url=host))

    def journal(self) -> list[Entry]:
        return list(self.parts.journal.unmerged())

    def verbs(self) -> list[str]:
        return [one.verb for one in self.journal()]

    def restart(self) -> "Car":
        """The agent again, over the same store."""
        return _car(self.parts.store, self.hands, self.server)


@dataclass
class Browser:
    """The page's calls without the page."""

    client: httpx.Client

    def look(self) -> dict[str, Any]:
        told: dict[str, Any] = self.client.get("/look").json()
        return told

    def act(self, path: str, status: int = 200, **words: object) -> dict[str, Any]:
        answer = self.client.post(path, json=words, headers={"Origin": str(self.client.base_url).rstrip("/")})
        assert answer.status_code == status, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def open(self, grant: Grant, pin: str = PIN, status: int = 200) -> dict[str, Any]:
        return self.act("/unlock", status, session=str(grant.session), pin=pin)


def car_in(folder: Path) -> Car:
    """An enrolled unit with a configuration and a fresh list, at 8 in the morning in Barstow."""
    car = _car(store_in(folder), Hands(), Server())
    car.parts.identities.take(
        Enrolled(
            device_id=DEVICE,
            agency=AGENCY,
            device="Unit 12",
            key="key-1",
            receiver="https://reads.barstow.example",
            signing_key=SIGNING.public,
            signing_key_id=SIGNING.id,
        )
    )
    return car


def _car(store: Store, hands: Hands, server: Server) -> Car:
    clock, state = Clock(lambda: hands.wall, lambda: hands.steady), State()
    spool = Spool(store, stop_below=0)
    link, identities, journal = (
        Link("https://server.example", version="test"),
        Identities(store),
        Journal(store, clock),
    )
    link._client = httpx.Client(transport=httpx.MockTransport(server))
    parts = Parts(
        store=store,
        journal=journal,
        alerts=Alerts(store, spool),
        answers=Answers(store),
        identities=identities,
        link=link,
        belief=Belief(store, identities, link),
        clock=clock,
        state=state,
        people=People(store, journal, clock),
    )
    as_of = NOW - timedelta(hours=2)
    fresh = ListState(freshness=Freshness.FRESH, is_used=True, version=4, as_of=as_of, clause="B-466.11")
    state.tell(
        configuration=CONFIGURATION, listed=fresh, link=LinkShown(LinkState.UP, NOW), clock_offset_s=0.2
    )
    state.tell(alerts=tuple(parts.alerts.all()))
    return Car(parts, Desk(parts), hands, server, spool.id)


def grant(user: str = "ortiz", name: str = "Daniela Ortiz", **facts: Any) -> Grant:
    given: dict[str, Any] = {
        "device_id": DEVICE,
        "agency": AGENCY,
        "issued_at": NOW,
        "serial": 7,
        "session": uuid4(),
        "user": user,
        "name": name,
        "title": "Patrol officer",
        "capabilities": ("reads.view", "alerts.view", "alerts.dispose", "hotlists.view"),
        "training_ok_until": None,
        "valid_until": NOW + timedelta(hours=12),
    }
    return Grant(**(given | facts))


def signed_in(car: Car, **facts: Any) -> Grant:
    """A person who set a PIN earlier."""
    given = grant(**facts)
    car.parts.people.add(given, PIN)
    return given


def opened(car: Car, **facts: Any) -> Browser:
    """A browser in which a person opened the screen."""
    browser, given = car.browser(), signed_in(car, **facts)
    assert browser.open(given)["stage"] == "OPEN"
    return browser


def entry(plate: str, **facts: Any) -> ListEntry:
    given: dict[str, Any] = {
        "id": str(uuid4()),
        "plate": plate,
        "region": "US-CA",
        "category": "Stolen vehicle",
        "priority": 1,
        "information_only": False,
        "source": "Stolen Vehicle System",
        "detail": "White Toyota Camry, taken in Barstow on Feb 27",
        "expires_at": NOW + timedelta(hours=20),
    }
    return ListEntry(**(given | facts))


def show_read(
    car: Car, plate: str, sequence: int, *, doubt: str = "", picture: bytes = b"", alert: UUID | None = None
) -> None:
    """A read of this moment; the characters in `doubt` are read with little confidence."""
    at = datetime.fromtimestamp(car.hands.wall, UTC)
    car.state.add(
        RecentRead(
            sequence=sequence,
            event_id=event_id(car.spool, sequence),
            plate=plate,
            region="US-CA",
            confidence=0.93,
            characters=tuple(CharacterReading(char, 0.55 if char in doubt else 0.97) for char in plate),
            captured_at=at,
            source="Left front",
            direction="approaching",
            alert=alert,
            picture=picture or plate_picture(plate),
        )
    )


def show_alert(car: Car, wanted: ListEntry, plate: str, sequence: int, why: str, **facts: Any) -> UUID:
    """A read that matched: the alert and its read are on the unit."""
    at = datetime.fromtimestamp(car.hands.wall, UTC)
    alert = LocalAlert(
        id=uuid4(),
        event_id=event_id(car.spool, sequence),
        sequence=sequence,
        entry=wanted,
        plate=plate,
        region="US-CA",
        confidence=0.93,
        explanation=why,
        captured_at=at,
        raised_at=at,
        source="Left front",
        list_as_of=None,
        list_told="",
        picture=plate_picture(plate),
    )
    alert = msgspec.structs.replace(alert, **facts)
    car.parts.alerts._keep(alert)
    show_read(car, plate, sequence, alert=alert.id)
    car.state.tell(alerts=tuple(car.parts.alerts.all()))
    return alert.id


def plate_picture(plate: str, width: int = 320) -> bytes:
    """A drawn plate as a JPEG file."""
    picture = np.full((width // 2, width, 3), 235, dtype=np.uint8)
    at, size = (width // 20, width * 3 // 10), width / 230
    cv2.putText(picture, plate, at, cv2.FONT_HERSHEY_SIMPLEX, size, (70, 40, 30), max(2, width // 90))
    return bytes(cv2.imencode(".jpg", picture)[1].tobytes())


def assignment(username: str = "ortiz", **facts: Any) -> Assignment:
    given: dict[str, Any] = {
        "id": uuid4(),
        "username": username,
        "name": "Daniela Ortiz",
        "incident": "Armed robbery at the Route 66 motel",
        "place": "Main Street between 1st and 7th Avenue",
        "area": {"type": "Point", "coordinates": [-117.02, 34.9]},
        "instruction": "Dark pickup with a ladder rack",
        "from_at": NOW - timedelta(minutes=10),
        "until_at": NOW + timedelta(minutes=50),
        "sent_by": "Dispatcher Nguyen",
        "acknowledged_at": None,
    }
    return Assignment(**(given | facts))


def break_journal(car: Car) -> Callable[[], None]:
    """From now on the journal cannot be written; gives what mends it."""
    car.parts.store.rows("ALTER TABLE journal RENAME TO journal_gone")
    return lambda: car.parts.store.rows("ALTER TABLE journal_gone RENAME TO journal") and None


def changed(car: Car, **facts: Any) -> None:
    """The agency's configuration says something else."""
    car.state.tell(configuration=msgspec.structs.replace(CONFIGURATION, **facts))


def without_network(car: Car) -> None:
    car.server.is_away = True
    car.state.tell(link=LinkShown(LinkState.AWAY, datetime.fromtimestamp(car.hands.wall, UTC)))
