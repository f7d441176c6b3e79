"""A witness's service: one folder with its key and the last checkpoint, one address that cosigns.

It needs neither database nor Django nor any settings: it is meant for another machine, kept by somebody else.
"""

import fcntl
import logging
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from plateward.config.problems import Problem
from plateward.ledger.checkpoints import Checkpoint
from plateward.ledger.notes import COSIGNATURE, NoteError, SigningKey, VerifierKey
from plateward.ledger.witness import WitnessRefusal, cosign

log = logging.getLogger(__name__)

_LONGEST_REQUEST: Final = 64 * 1024  # bytes; 63 hashes and a checkpoint with 64 signatures fit


@dataclass(frozen=True, slots=True)
class Witness:
    """Cosigns checkpoints of one log; what it knows lies in `folder`."""

    folder: Path
    log: VerifierKey
    key: SigningKey

    @classmethod
    def at(cls, folder: Path, log_key: str, name: str | None) -> "Witness":
        """Open a witness's folder, making it and its key first where there is none; raises Problem."""
        try:
            known = VerifierKey.parse(log_key)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return cls(folder, known, _kept_key(folder / "witness.key", name))
        except (NoteError, OSError) as error:
            raise Problem(f"The witness cannot start: {error}") from error

    def answer(self, request: str, now: datetime) -> str:
        """Cosign a request at `now` and remember its checkpoint first; raises WitnessRefusal.

        A request that shows another tree than before is kept in the folder: it is evidence.
        """
        with self._alone():
            last = self._last()
            try:
                made = cosign(request, last=last, log=self.log, key=self.key, at=int(now.timestamp()))
            except WitnessRefusal as refusal:
                if refusal.is_alarming:
                    self._keep(f"refused-{now:%Y%m%dT%H%M%S%f}", request)
                raise
            self._keep("last.checkpoint", made.note)
        return made.line

    def _last(self) -> Checkpoint | None:
        path = self.folder / "last.checkpoint"
        return Checkpoint.verified(path.read_text(encoding="utf-8"), self.log) if path.exists() else None

    def _keep(self, name: str, text: str) -> None:
        """Have the text on disc for good before anybody is told."""
        fresh = self.folder / f".{name}.{os.getpid()}"
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.folder / name)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Check and remember as one step, whoever else runs on this folder (tlog-witness, its race)."""
        with (self.folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _kept_key(path: Path, name: str | None) -> SigningKey:
    if not path.exists():
        if name is None:
            raise NoteError("a new witness needs a --name, such as clerk.city.example/witness")
        made = SigningKey.from_seed(name, secrets.token_bytes(32), COSIGNATURE)
        path.touch(mode=0o600)
        path.write_text(made.written(), encoding="ascii")
    key = SigningKey.parse(path.read_text(encoding="ascii"))
    if name is not None and name != key.name:
        raise NoteError(f"the folder's key is called {key.name}; choose another folder for {name}")
    return key


def service(witness: Witness, clock: Callable[[], datetime]) -> Starlette:
    """The HTTP service: POST /add-checkpoint."""

    async def add_checkpoint(request: Request) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > _LONGEST_REQUEST:
                return PlainTextResponse("The request is too long.\n", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return await run_in_threadpool(_answer, witness, body, clock())

    return Starlette(routes=[Route("/add-checkpoint", add_checkpoint, methods=["POST"])])


def _answer(witness: Witness, body: bytes, now: datetime) -> Response:
    try:
        return PlainTextResponse(witness.answer(body.decode(), now))
    except UnicodeDecodeError:
        return PlainTextResponse("A request is UTF-8.\n", HTTPStatus.BAD_REQUEST)
    except WitnessRefusal as refusal:
        say = log.critical if refusal.is_alarming else log.warning
        say("refused (%s): %s", refusal.status.value, refusal.answer.strip())
        is_size = refusal.status is HTTPStatus.CONFLICT and not refusal.is_alarming
        return PlainTextResponse(
            refusal.answer, refusal.status, media_type="text/x.tlog.size" if is_size else "text/plain"
        )
