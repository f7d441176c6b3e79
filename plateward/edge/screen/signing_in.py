"""A person signs in from a phone or the car's terminal: the unit's side of RFC 8628."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from plateward.edge.belief import Belief
from plateward.edge.clock import Clock
from plateward.edge.identity import Identities, Identity
from plateward.edge.link import Away, Link, Revoked, Unwilling
from plateward.edge.store import NoRoomError
from plateward.unitwire.calls import SignInBegun, SignInRefused, TokenRequest
from plateward.unitwire.documents import Grant
from plateward.unitwire.signing import DocumentError

SLOWER_S: Final = 5
"""What `slow_down` adds to the interval (RFC 8628, section 3.5)."""
_LONGEST_S: Final = 60


class Step(StrEnum):
    """How a sign-in stands."""

    ASKING = "ASKING"
    WAITING = "WAITING"
    GRANTED = "GRANTED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A sign-in as the screen shows it; `told` says why it failed and what to do."""

    step: Step
    begun: SignInBegun | None = None
    until: datetime | None = None
    grant: Grant | None = None
    told: str = ""


class SignIn:
    """One sign-in: a thread asks the server until its person confirmed, it is over, or it is cancelled."""

    def __init__(
        self, link: Link, identities: Identities, belief: Belief, clock: Clock, changed: Callable[[], None]
    ) -> None:
        self._link, self._identities, self._belief, self._clock = link, identities, belief, clock
        self._changed = changed
        self._over = threading.Event()
        self.progress = Progress(step=Step.ASKING)

    def start(self) -> None:
        """Begin, without waiting for the server."""
        threading.Thread(target=self.run, name="sign-in", daemon=True).start()

    def cancel(self) -> None:
        """Ask no more."""
        self._over.set()

    def run(self) -> None:
        """Ask until it is settled."""
        try:
            self._ask()
        except Away as away:
            self._fail(f"A sign-in needs the network. {away} Try again where there is reception.")
        except Revoked as revoked:
            self._fail(f"The server refuses this unit: {revoked}")
        except (Unwilling, DocumentError) as problem:
            self._fail(f"The server's answer cannot be used: {problem}")
        except NoRoomError:
            self._fail("The unit's disc is full: nobody can sign in until there is room.")

    def _ask(self) -> None:
        who = self._identities.now()
        if who is None:
            self._fail("This unit is not enrolled. Have it enrolled with a code from the device's page.")
            return
        begun = self._link.post("sign-in", who, {}).as_(SignInBegun)
        lasts = timedelta(seconds=begun.expires_in)
        self._tell(Progress(step=Step.WAITING, begun=begun, until=self._clock.true_now() + lasts))
        deadline, interval = self._clock.steady() + begun.expires_in, begun.interval
        while not self._over.wait(interval):
            if self._clock.steady() >= deadline:
                self._fail("Nobody confirmed it in time. Start anew.")
                return
            interval = self._once(who, begun, interval)

    def _once(self, who: Identity, begun: SignInBegun, interval: int) -> int:
        """Ask once; gives the seconds to wait. A lost network is no answer (RFC 8628, section 3.5)."""
        try:
            answer = self._link.post("sign-in/token", who, TokenRequest(device_code=begun.device_code))
        except Away:
            return min(interval * 2, _LONGEST_S)
        except Unwilling as refusal:
            return self._refused(refusal, interval)
        grant = self._belief.opened(answer, who, Grant, "grant")
        self._belief.took("grant", grant)
        self._over.set()
        self._tell(Progress(step=Step.GRANTED, grant=grant))
        return interval

    def _refused(self, refusal: Unwilling, interval: int) -> int:
        try:
            told = msgspec.convert(refusal.document, SignInRefused)
        except msgspec.ValidationError:
            raise refusal from None
        if told.error == "authorization_pending":
            return interval
        if told.error == "slow_down":
            return interval + SLOWER_S
        self._fail(_FAILURES.get(told.error, "{} Start anew.").format(told.error_description).strip())
        return interval

    def _fail(self, told: str) -> None:
        self._over.set()
        self._tell(replace(self.progress, step=Step.FAILED, told=told))

    def _tell(self, progress: Progress) -> None:
        self.progress = progress
        self._changed()


_FAILURES: Final = {
    "access_denied": "The sign-in was turned away. {}",
    "expired_token": "Nobody confirmed it in time. Start anew. {}",
}
