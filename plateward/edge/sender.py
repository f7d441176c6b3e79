"""Handing reads over in order, at the agency's rate; cleared here only after the server's receipt."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from plateward.edge.backoff import asked, pause
from plateward.edge.clock import Clock
from plateward.edge.identity import Identities, Identity
from plateward.edge.link import Answer, Away, Link, Unwilling
from plateward.edge.reading import multipart
from plateward.edge.settings import is_sealed_way
from plateward.edge.spool import Spool, Waiting
from plateward.edge.state import State
from plateward.unitwire.calls import event_id

IDLE_S: Final = 0.5
_OF_THIS_READ: Final = frozenset({400, 413, 415, 422})
"""Refusals that speak of the body; any other is the way's or the server's, and is tried again."""


class Receipt(Struct, frozen=True):
    """What the receiver answers once a payload is on its disc."""

    receipt: str
    payload_sha256: str
    duplicate: bool = False


class Sender:
    """Sends what waits; `step` again and again, by one thread."""

    def __init__(
        self,
        spool: Spool,
        identities: Identities,
        link: Link,
        clock: Clock,
        state: State,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._spool, self._identities, self._link = spool, identities, link
        self._clock, self._state, self._chance = clock, state, chance
        self._failures = 0
        self.problem = ""

    def step(self) -> float:
        """Send the first read that waits; gives the seconds to wait before the next step. Raises Revoked."""
        who = self._identities.now()
        waiting = self._spool.claim() if who else None
        if who is None or waiting is None:
            return IDLE_S
        body, content_type = multipart(self._spool.id, waiting)
        name = event_id(self._spool.id, waiting.sequence)
        try:
            answer = self._link.hand_over(self._receiver(who), who, name, body, content_type)
            self._clear(waiting, body, answer)
        except Away as away:
            return self._failed(str(away), away.retry_after)
        except Unwilling as refusal:
            # A proxy's refusal is a page of its own; the receiver's names its kind (RFC 9457).
            if refusal.status not in _OF_THIS_READ or "type" not in refusal.document:
                return self._failed(str(refusal), "")
            if str(refusal.document.get("type", "")).endswith("idempotency-key-reused"):
                self._spool.begin_anew()
            else:
                self._spool.refuse(waiting.sequence, str(refusal))
        self._failures, self.problem = 0, ""
        return self._rate(len(body))

    def _receiver(self, who: Identity) -> str:
        configuration = self._state.snapshot().configuration
        if configuration is not None and is_sealed_way(configuration.receiver):
            return configuration.receiver
        return who.receiver

    def _clear(self, waiting: Waiting, body: bytes, answer: Answer) -> None:
        receipt, ours = answer.as_(Receipt), hashlib.sha256(body).hexdigest()
        if receipt.payload_sha256 != ours:
            raise Away(
                f"The receipt of read {waiting.sequence} is of other bytes ({receipt.payload_sha256[:16]}…, "
                f"sent were {ours[:16]}…): the copy is kept and sent again."
            )
        self._spool.clear(
            waiting.sequence, receipt=receipt.receipt, payload_sha256=ours, now=self._clock.now()
        )

    def _failed(self, told: str, retry_after: str) -> float:
        self._failures += 1
        self.problem = told
        return asked(retry_after, pause(self._failures, self._chance))

    def _rate(self, size: int) -> float:
        configuration = self._state.snapshot().configuration
        allowed = configuration.upload_bytes_per_s if configuration is not None else None
        return size / allowed if allowed else 0.0
