"""A server as a unit meets it: the agreed words, real documents and receipts; it can be away, or revoke."""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import msgspec

from plateward.reads import framing
from plateward.unitwire.calls import (
    Answers,
    Done,
    Enroll,
    Enrolled,
    Greeting,
    HealthReport,
    JournalPortion,
    Merged,
    Outcome,
    Outcomes,
    TransferReport,
    Turns,
)
from plateward.unitwire.documents import (
    Assignments,
    Configuration,
    Document,
    HotList,
    ListChanges,
    ListEntry,
    Signed,
)
from plateward.unitwire.journal import BEGINNING, Entry, problem_of
from plateward.unitwire.signing import DocumentKey

CODE = "7K3M9QXA00TE"
DEVICE, AGENCY = "5d6c1f1e-0000-4000-8000-000000000001", "barstow-pd"
PROBLEM = "application/problem+json"


def entry(plate: str, *, name: str = "", hours: float = 24, **more: Any) -> ListEntry:
    facts = {
        "id": name or f"entry-{plate}",
        "plate": plate,
        "region": None,
        "category": "Stolen vehicle",
        "priority": 1,
        "information_only": False,
        "source": "SVS",
        "detail": "white sedan",
        "expires_at": datetime.now(UTC) + timedelta(hours=hours),
    }
    return ListEntry(**(facts | more))


@dataclass
class UnitServer:
    """What the server knows, and how it behaves; the test changes both."""

    signing: DocumentKey = field(default_factory=lambda: DocumentKey(bytes(range(32))))
    key: str = "key-1"
    is_away: bool = False
    is_disabled: bool = False
    agency: str = AGENCY
    receiver: str = ""
    retry_after: str = ""
    hangs_up_after_storing: int = 0
    wrong_receipts: int = 0
    refusal: str = "refused"
    refuses: Callable[[bytes], int] = lambda _: 0
    entries: tuple[ListEntry, ...] = ()
    parts: int = 1
    version: int = 1
    serial: int = 0
    clock_ahead_s: float = 0.0
    configuration: dict[str, Any] = field(default_factory=dict)
    received: dict[str, bytes] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    duplicates: int = 0
    journals: dict[str, list[Entry]] = field(default_factory=dict)
    transfers: list[TransferReport] = field(default_factory=list)
    healths: list[HealthReport] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answers: list[tuple[Done, ...]] = field(default_factory=list)
    later: bool = False
    breaks_chains: bool = False
    url: str = ""
    turns: tuple[Signed, ...] = ()
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reads(self) -> list[dict[str, Any]]:
        """Every read that was taken in, as its JSON, in the order it came."""
        return [json.loads(self.parts_of(name)["read"]) for name in self.order]

    def parts_of(self, name: str) -> dict[str, bytes]:
        body, _, kind = self.received[name].rpartition(b"\0")
        return {part.name: part.data for part in framing.parts_of(body, kind.decode())}

    def signed(self, kind: type[Document], **facts: Any) -> Signed:
        self.serial += 1
        about = {
            "device_id": DEVICE,
            "agency": self.agency,
            "issued_at": datetime.now(UTC),
            "serial": self.serial,
        }
        return self.signing.sign(kind(**about, **facts))

    def configured(self) -> Signed:
        facts = {
            "agency_name": "Barstow Police Department",
            "time_zone": "America/Los_Angeles",
            "device_name": "Unit 12",
            "receiver": self.url,
            "list_fresh_for_s": 72 * 3600,
            "list_fresh_clause": "B-466.11",
            "list_may_be_used_stale": False,
            "upload_bytes_per_s": None,
            "keep_pictures_bytes": None,
            "grant_s": None,
            "lock_after_s": 300,
            "ask_every_s": 1,
            "health_every_s": 1,
        }
        return self.signed(Configuration, **(facts | self.configuration))

    def listed(self, query: dict[str, str]) -> Signed:
        now = datetime.now(UTC)
        if query.get("since") == str(self.version):
            facts = {"from_version": self.version, "version": self.version, "as_of": now}
            return self.signed(ListChanges, **facts, added=(), removed=())
        part = int(query.get("part", 1))
        share = self.entries[part - 1 :: self.parts]
        facts = {"version": self.version, "as_of": now, "part": part, "parts": self.parts}
        return self.signed(HotList, **facts, entries=share)


class _Handler(BaseHTTPRequestHandler):
    server: "_Http"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def _answer(self, body: bytes) -> None:
        at, path = self.server.at, urlsplit(self.path).path
        with at.lock:
            at.asked.append(path)
            if at.is_away:
                self._problem(503, "unavailable", {"Retry-After": at.retry_after} if at.retry_after else {})
            elif at.is_disabled:
                self._problem(403, "revoked")
            elif path == "/unit/v1/enroll":
                self._enroll(body)
            elif self.headers.get("Authorization") != f"Bearer {at.key}":
                self._problem(401, "key-unknown")
            elif path == "/v1/from/plateward-unit":
                self._take(body)
            else:
                self._say(path.removeprefix("/unit/v1/"), dict(parse_qsl(urlsplit(self.path).query)), body)

    def _enroll(self, body: bytes) -> None:
        at = self.server.at
        if msgspec.json.decode(body, type=Enroll).code != CODE:
            self._problem(403, "code-refused")
            return
        told = Enrolled(
            device_id=DEVICE,
            agency=at.agency,
            device="Unit 12",
            key=at.key,
            receiver=at.receiver or at.url,
            signing_key=at.signing.public,
            signing_key_id=at.signing.id,
        )
        self._send(201, msgspec.json.encode(told))

    def _take(self, body: bytes) -> None:
        """Store once under the sender's name, as the receiver does."""
        at, name = self.server.at, self.headers["Idempotency-Key"]
        if status := at.refuses(body):
            self._problem(status, at.refusal)
            return
        digest = hashlib.sha256(body).hexdigest()
        kept = body + b"\0" + self.headers["Content-Type"].encode()
        known = at.received.setdefault(name, kept)
        if known != kept:
            self._problem(422, "idempotency-key-reused")
            return
        is_duplicate = name in at.order
        at.duplicates += is_duplicate
        if not is_duplicate:
            at.order.append(name)
        if at.hangs_up_after_storing:
            at.hangs_up_after_storing -= 1
            self.close_connection = True
            return
        if at.wrong_receipts:
            at.wrong_receipts -= 1
            digest = "0" * 64
        receipt = {"receipt": f"receipt-{name}", "payload_sha256": digest, "duplicate": is_duplicate}
        self._send(200 if is_duplicate else 202, json.dumps(receipt).encode())

    def _say(self, path: str, query: dict[str, str], body: bytes) -> None:
        at = self.server.at
        told: msgspec.Struct
        match path:
            case "configuration":
                told = at.configured()
            case "list":
                told = at.listed(query)
            case "assignments":
                sessions = {"sessions": ()} if "sessions" in Assignments.__struct_fields__ else {}
                told = at.signed(Assignments, assignments=(), **sessions)
            case "health":
                at.healths.append(msgspec.json.decode(body, type=HealthReport))
                told = Greeting(server_time=datetime.now(UTC) + timedelta(seconds=at.clock_ahead_s))
            case "transfers":
                at.transfers.append(msgspec.json.decode(body, type=TransferReport))
                self._send(204, b"")
                return
            case "answers":
                asked = msgspec.json.decode(body, type=Answers).answers
                at.answers.append(asked)
                outcome: Literal["DONE", "LATER"] = "LATER" if at.later else "DONE"
                told = Outcomes(outcomes=tuple(Outcome(id=one.id, outcome=outcome) for one in asked))
            case "journal":
                self._merge(msgspec.json.decode(body, type=JournalPortion))
                return
            case "keys":
                told = Turns(turns=at.turns)
            case _:
                self._problem(404, "unknown")
                return
        self._send(200, msgspec.json.encode(told))

    def _merge(self, portion: JournalPortion) -> None:
        known = self.server.at.journals.setdefault(str(portion.journal), [])
        if self.server.at.breaks_chains:
            self._problem(409, "chain-broken", {}, merged_to=0)
            return
        fresh = [one for one in portion.entries if one.n > len(known)]
        good, wrong = problem_of(fresh, after=len(known), previous=known[-1].hash if known else BEGINNING)
        known += fresh[:good]
        if wrong:
            self._problem(409, "chain-broken", {}, merged_to=len(known))
        else:
            self._send(200, msgspec.json.encode(Merged(merged_to=len(known))))

    def _problem(self, status: int, slug: str, headers: dict[str, str] | None = None, **more: object) -> None:
        told = {"type": f"/unit/v1/problems/{slug}", "status": status, "detail": slug, **more}
        self._send(status, json.dumps(told).encode(), PROBLEM, headers)

    def _send(
        self, status: int, data: bytes, kind: str = "application/json", headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(data)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """As the server's clock has it."""
        return super().date_time_string((timestamp or time.time()) + self.server.at.clock_ahead_s)

    def log_message(self, *_: object) -> None:
        """Quiet."""


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    at: UnitServer

    def handle_error(self, *_: object) -> None:
        """A unit that was killed hangs up."""


@contextmanager
def serving() -> Iterator[UnitServer]:
    """The server at a free port until the block ends."""
    http = _Http(("127.0.0.1", 0), _Handler)
    http.at = UnitServer(url=f"http://127.0.0.1:{http.server_port}")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield http.at
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
