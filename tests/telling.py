"""People who are told of alerts: a town that decided on it, their mail server, their browsers."""

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from django.conf import settings

from plateward.outgoing import models, person_actions, persons
from plateward.outgoing.carriers import MailServer, MailTls
from plateward.outgoing.models import Telling
from plateward.policy import CategoryPriority
from tests.personas import Town
from tests.pushing import Browser
from tests.receiving import Receiver
from tests.versions import policy_text, put_on_file

DECISION = """  told-by:
    clause: B-466.6(a)
    question: By which ways may people be told that an alert waits?
    decision: By those named.
    narrower_reading: By none.
    decided_by: The Chief of Police
    decided_on: 2026-01-01
    status: ADOPTED
"""
SILENT = "  told_by: {silent: true}"
ADDRESS = "dunn@pd.city.example"
DOMAINS = ("pd.city.example", "city.example")
PUSH_HOST = "updates.push.services.mozilla.com"


def decide_to_tell(town: Town, now: datetime, *ways: str, version: str = "2026.8") -> None:
    """Barstow decides what its policy leaves silent: by which ways people may be told."""
    put_on_file(town, text_telling(*ways, version=version), now)


def text_telling(*ways: str, version: str = "2026.8") -> bytes:
    """Barstow's policy with that decision."""
    said = f"  told_by: {{local_decision: told-by, value: [{', '.join(ways)}]}}"
    return policy_text("barstow-pd", version, (SILENT, said), ("\ndecisions:\n", f"\ndecisions:\n{DECISION}"))


def chosen(town: Town, person: str, now: datetime, **given: Any) -> Telling:
    """A person who chose to be told of the agency's own entries, by e-mail unless something else is given."""
    facts: dict[str, Any] = {
        "mail": ["own"],
        "push": [],
        "least": CategoryPriority.LOW,
        "late_too": False,
        "quiet_from": None,
        "quiet_until": None,
    }
    return person_actions.choose(**facts | given, by=town.actor(person, now), now=now)


def reads_mail(town: Town, person: str, now: datetime, address: str = ADDRESS) -> Telling:
    """A person whose address counts, with the first message, that asked for it, out of the way."""
    by = town.actor(person, now)
    telling = person_actions.give_address(address=address, by=by, now=now)
    models.Message.objects.filter(person_id=by.user_id, event=None).delete()
    token = persons.token_of(telling, now)
    return person_actions.confirm_address(token=token, by=by, now=now)


def with_browser(
    town: Town, person: str, now: datetime, receiver: Receiver | None = None
) -> tuple[models.Browser, Browser]:
    """A browser of a person, and what it opens messages with; its push service is then the receiver."""
    browser = Browser()
    given = browser.at(f"https://{PUSH_HOST}/wpush/v2/{person}")
    kept = person_actions.add_browser(
        name="My phone",
        endpoint=given.endpoint,
        p256dh=given.p256dh,
        auth=given.auth,
        by=town.actor(person, now),
        now=now,
    )
    if receiver is not None:
        models.Browser.objects.filter(pk=kept.pk).update(endpoint=f"{receiver.url}/{person}")
    return kept, browser


@dataclass
class Mailbox:
    """A mail server that keeps what came; `answer` says otherwise, to RCPT or to DATA."""

    received: list[EmailMessage] = field(default_factory=list)
    to_rcpt: str = ""
    to_data: str = ""
    to_one: dict[str, str] = field(default_factory=dict)
    """Answers to RCPT that one address alone gets."""

    async def handle_RCPT(  # noqa: N802  aiosmtpd names it
        self, _: Any, __: Any, envelope: Envelope, address: str, ___: Any
    ) -> str:
        if said := self.to_one.get(address, self.to_rcpt):
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: Any, __: Any, envelope: Envelope) -> str:  # noqa: N802  the same
        if self.to_data:
            return self.to_data
        content = envelope.content
        assert isinstance(content, bytes)
        came = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(came, EmailMessage)
        self.received.append(came)
        return "250 OK"


class _Anywhere(Controller):
    """A server at whichever port is free."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(environment: Any, **given: Any) -> Iterator[Mailbox]:
    """A mail server on this machine that the installation names, until the block ends."""
    box = Mailbox()
    controller = _Anywhere(box, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        named = MailServer(
            "127.0.0.1",
            controller.port,
            MailTls.OFF,
            "plateward@city.example",
            **{"domains": DOMAINS} | given,
        )
        environment.ENVIRONMENT = replace(settings.ENVIRONMENT, mail=named)
        yield box
    finally:
        controller.stop()
