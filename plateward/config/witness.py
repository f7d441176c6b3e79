"""A witness's service: one folder with its key, the log's and the last checkpoint, one address that cosigns.

It needs neither database nor Django nor any settings: it is meant for another machine, kept by somebody else.
"""

import fcntl
import json
import logging
import os
import secrets
from collections.abc import Awaitable, Callable, Iterator
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
from plateward.ledger.notes import COSIGNATURE, Note, NoteError, SigningKey, VerifierKey
from plateward.ledger.rotations import Span, spans
from plateward.ledger.witness import WitnessRefusal, cosign, follow

log = logging.getLogger(__name__)

_LONGEST_REQUEST: Final = 64 * 1024  # bytes; 63 hashes and a checkpoint with 64 signatures fit


@dataclass(frozen=True, slots=True)
class Witness:
    """Cosigns checkpoints of one log; what it knows lies in `folder`."""

    folder: Path
    log: VerifierKey
    key: SigningKey

    @classmethod
    def at(cls, folder: Path, log_key: str | None, name: str | None) -> "Witness":
        """Open a witness's folder, making it and its key first where there is none; raises Problem.

        The folder keeps the log's key, so that `log_key` is needed once: a folder witnesses one log.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            known = _kept_log(folder / "log.key", log_key)
            made = cls(folder, known, _kept_key(folder / "witness.key", name))
            made._expect(log_key)
            # Once its own key stands, so that a start that was refused leaves nothing behind.
            made._keep("log.key", f"{known}\n")
        except (NoteError, OSError) as error:
            raise Problem(f"The witness cannot start: {error}") from error
        return made

    def _expect(self, given: str | None) -> None:
        """Refuse a key that is neither the log's first known one nor one that it announced since."""
        if given is not None and VerifierKey.parse(given) not in [span.key for span in self._keys()]:
            raise NoteError(
                f"the folder witnesses {self.log.name} by another key; leave --log out, or choose another "
                "folder. A journal's new key is announced to the witness by itself"
            )

    def answer(self, request: str, now: datetime) -> str:
        """Cosign a request at `now` and remember its checkpoint first; raises WitnessRefusal.

        A request that shows another tree than before is kept in the folder: it is evidence.
        """
        with self._alone():
            last = self._last()
            try:
                made = cosign(request, last=last, log=self._keys(), key=self.key, at=int(now.timestamp()))
            except WitnessRefusal as refusal:
                if refusal.is_alarming:
                    self._keep(f"refused-{now:%Y%m%dT%H%M%S%f}", request)
                raise
            self._keep("last.checkpoint", made.note)
        return made.line

    def follow(self, note: str) -> None:
        """Know the new key that the log's key announces with this note; raises WitnessRefusal."""
        with self._alone():
            known = self._rotations()
            if note not in known:
                follow(note, last=self._last(), log=self._keys())
                self._keep("rotations.json", json.dumps([*known, note]))

    def _keys(self) -> list[Span]:
        return spans(self.log, self._rotations())

    def _rotations(self) -> list[str]:
        path = self.folder / "rotations.json"
        return [str(note) for note in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []

    def _last(self) -> Checkpoint | None:
        """What this witness cosigned last, by its own signature: the log's key may be another since."""
        path = self.folder / "last.checkpoint"
        if not path.exists():
            return None
        note = Note.parse(path.read_text(encoding="utf-8"))
        note.verified_by(self.key.verifier)
        return Checkpoint.parse(note.body)

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


def _kept_log(path: Path, given: str | None) -> VerifierKey:
    """The first key known of the log that the folder witnesses; the given one where it witnesses none yet."""
    if not path.exists():
        if given is None:
            raise NoteError("a new folder needs --log, the journal's public key from its ledger page")
        return VerifierKey.parse(given)
    return VerifierKey.parse(path.read_text(encoding="ascii").strip())


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
    """The HTTP service: tlog-witness's POST /add-checkpoint, and our own POST /add-rotation."""

    def cosigned(text: str) -> str:
        return witness.answer(text, clock())

    def followed(text: str) -> str:
        witness.follow(text)
        return "followed\n"

    return Starlette(
        routes=[
            Route("/add-checkpoint", _endpoint(cosigned), methods=["POST"]),
            Route("/add-rotation", _endpoint(followed), methods=["POST"]),
        ]
    )


def _endpoint(act: Callable[[str], str]) -> Callable[[Request], Awaitable[Response]]:
    async def answered(request: Request) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > _LONGEST_REQUEST:
                return PlainTextResponse("The request is too long.\n", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return await run_in_threadpool(_answer, act, body)

    return answered


def _answer(act: Callable[[str], str], body: bytes) -> Response:
    try:
        return PlainTextResponse(act(body.decode()))
    except UnicodeDecodeError:
        return PlainTextResponse("A request is UTF-8.\n", HTTPStatus.BAD_REQUEST)
    except WitnessRefusal as refusal:
        say = log.critical if refusal.is_alarming else log.warning
        say("refused (%s): %s", refusal.status.value, refusal.answer.strip())
        is_size = refusal.status is HTTPStatus.CONFLICT and not refusal.is_alarming
        return PlainTextResponse(
            refusal.answer, refusal.status, media_type="text/x.tlog.size" if is_size else "text/plain"
        )
