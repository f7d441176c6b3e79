"""Who sends, proven in the way that is set for the device: its key, HTTP Digest, or a signature."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from starlette.requests import Request

from plateward.devices.ways import allows, secret_context
from plateward.ingest import digest, problems
from plateward.ingest.inbox import Inbox
from plateward.ingest.keys import key_sent
from plateward.ingest.payloads import Sender
from plateward.ingest.problems import Problem
from plateward.ingest.signatures import problem_of
from plateward.reads.adapters import Adapter, KeyPlace
from plateward.vault.masters import MasterKeyError, Masters, Wrapped

MOST_SECRETS = 10_000


@dataclass(frozen=True, slots=True)
class Known:
    """A device of the register; with a signature, one whose body must still be compared with it."""

    sender: Sender
    signature: str = ""


class Identity:
    """Asks the register who sends. Every method raises Problem."""

    def __init__(self, inbox: Inbox, masters: Masters | None) -> None:
        self._inbox = inbox
        self._masters = masters
        self._nonces = digest.Nonces()
        self._secrets: dict[bytes, str] = {}

    async def known(self, request: Request, adapter: Adapter) -> Known:
        """Who sends this request, which may come from its address."""
        known = await self._shown(request, adapter)
        address = source_address(request)
        if not allows(known.sender.sources, address):
            await self._inbox.refusals.add(known.sender, "SOURCE", address, datetime.now(UTC))
            raise Problem(problems.SOURCE_REFUSED, f"It came from {address or 'an unknown address'}.")
        return known

    async def check(self, known: Known, body: bytes, request: Request) -> None:
        """Compare a signed body with its signature."""
        if not known.signature:
            return
        now = datetime.now(UTC)
        if said := problem_of(known.signature, body, await self._secret(known.sender), now):
            await self._inbox.refusals.add(known.sender, "PROOF", source_address(request), now)
            raise Problem(problems.SIGNATURE_WRONG, said)

    async def _shown(self, request: Request, adapter: Adapter) -> Known:
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        takes_digest = KeyPlace.DIGEST in adapter.key_places
        if takes_digest and scheme.lower() == "digest":
            return Known(await self._by_digest(request, rest))
        in_path = request.path_params.get("key", "")
        if adapter.signature and (signature := request.headers.get(adapter.signature)):
            return Known(await self._by_name(in_path or request.query_params.get("device", "")), signature)
        key = key_sent(request.headers, request.query_params, adapter.key_places, in_path)
        if not key:
            raise self._challenged() if takes_digest else Problem(problems.KEY_MISSING)
        return Known(await self._inbox.senders.of_key(key))

    def _challenged(self, *, stale: bool = False) -> Problem:
        challenges = tuple(self._nonces.challenges(digest.now(), stale=stale))
        return Problem(problems.PROOF_MISSING, challenges=challenges)

    async def _by_digest(self, request: Request, credentials: str) -> Sender:
        answer = digest.parse(credentials)
        sender = await self._inbox.senders.of_login(answer.username) if answer else None
        if answer is None or sender is None:
            raise self._challenged()
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if not digest.is_proven(answer, await self._secret(sender), request.method, target):
            await self._inbox.refusals.add(sender, "PROOF", source_address(request), datetime.now(UTC))
            raise self._challenged()
        if self._nonces.standing(answer.nonce, answer.count, digest.now()) is digest.Standing.STALE:
            raise self._challenged(stale=True)
        return sender

    async def _by_name(self, device: str) -> Sender:
        try:
            found = await self._inbox.senders.of_device(str(UUID(device)))
        except ValueError:
            found = None
        if found is None:
            raise Problem(problems.DEVICE_UNNAMED)
        return found

    async def _secret(self, sender: Sender) -> str:
        """The device's secret, remembered under its wrapping, which changes with it."""
        wrapped = sender.secret
        assert wrapped is not None  # noqa: S101  looked up with it
        if wrapped.key not in self._secrets:
            if len(self._secrets) >= MOST_SECRETS:
                self._secrets.clear()
            self._secrets[wrapped.key] = await asyncio.to_thread(self._unwrapped, wrapped, sender.id)
        return self._secrets[wrapped.key]

    def _unwrapped(self, wrapped: Wrapped, device: UUID) -> str:
        if self._masters is None:
            raise Problem(problems.SECRET_SEALED, "The receiver was started without master keys.")
        try:
            return self._masters.unwrap(wrapped, secret_context(device)).decode()
        except MasterKeyError as error:
            raise Problem(problems.SECRET_SEALED, str(error)) from error


def source_address(request: Request) -> str:
    """The sender's own address; that of a proxy in between unless PLATEWARD_TRUSTED_PROXIES names it."""
    return request.client.host if request.client else ""
