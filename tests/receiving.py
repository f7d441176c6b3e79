"""Systems of others that alerts are sent to: a town that decided on it, and a server that takes messages."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message as Headers
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from plateward.outgoing import actions, sending
from plateward.outgoing.calling import Reach
from plateward.outgoing.models import Message, System
from tests.personas import Town
from tests.versions import policy_text, put_on_file

DECISION = """  sent-on:
    clause: B-466.6(a)
    question: Are alerts sent to other systems?
    decision: To the county's dispatch system.
    narrower_reading: To no other system.
    decided_by: The Chief of Police
    decided_on: 2026-01-01
    status: ADOPTED
"""
SILENT = "  systems: {silent: true}\n  plates: {silent: true}"


def decide_to_send(town: Town, now: datetime, *, plates: bool = False, version: str = "2026.8") -> None:
    """Barstow decides what its policy leaves silent: alerts go to other systems."""
    value = "{local_decision: sent-on, value: %s}"
    said = f"  systems: {value % 'true'}\n  plates: {value % str(plates).lower()}"
    text = policy_text("barstow-pd", version, (SILENT, said), ("\ndecisions:\n", f"\ndecisions:\n{DECISION}"))
    put_on_file(town, text, now)


@dataclass
class Received:
    """A message as it came."""

    headers: Headers
    body: bytes

    @property
    def number(self) -> str:
        return self.headers["webhook-id"]

    @property
    def said(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    def is_signed_by(self, secret: str) -> bool:
        """As a receiver checks it, by the words of the standard and not by our code."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = f"{self.number}.{self.headers['webhook-timestamp']}.".encode() + self.body
        wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        given = [word.partition(",") for word in self.headers["webhook-signature"].split()]
        return any(version == "v1" and hmac.compare_digest(mac, wanted) for version, _, mac in given)


@dataclass
class Receiver:
    """A server that answers `status`, and keeps what came; `hold` keeps its answers back."""

    port: int = 0
    status: int = 204
    received: list[Received] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)
    answers: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/alerts"


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A server on this machine until the block ends."""
    receiver = Receiver()
    receiver.answers.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.received.append(Received(self.headers, body))
            receiver.came.set()
            receiver.answers.wait(30)
            self.send_response(receiver.status)
            self.send_header("Content-Length", "0")
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.answers.set()
            server.shutdown()


def reaches_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let messages go to this machine without encryption, as no installation does."""
    monkeypatch.setattr(sending, "reach", lambda: Reach(own=True, seconds=5))


FACTS: dict[str, Any] = {
    "name": "County CAD",
    "purpose": "Dispatchers of the county see it beside their calls.",
    "whats": ["RAISED"],
    "categories": [],
}


def set_up(town: Town, now: datetime, receiver: Receiver | None = None, **given: Any) -> tuple[System, str]:
    """A system that Ivy Imani set up; its address is then the receiver's."""
    facts = FACTS | {"url": "https://cad.county.example/alerts"} | given
    system, secret = actions.set_up(**facts, by=town.actor("imani", now), now=now)
    if receiver is not None:
        System.objects.filter(pk=system.pk).update(url=receiver.url)
    return system, secret


def sent(now: datetime) -> int:
    """The worker sends what is due."""
    return sending.send_due(lambda: now)


def only_message() -> Message:
    return Message.objects.get()
