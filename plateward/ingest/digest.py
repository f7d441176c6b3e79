"""HTTP Digest (RFC 7616), for devices that can do nothing else: SHA-256 and MD5, `qop=auth`.

Nonces carry their time and a signature of this process, so none is kept until a device used it. Of those the
counts are remembered for the nonce's life, and no count is taken twice. An earlier process's nonce is stale.
"""

import hashlib
import hmac
import re
import secrets
import struct
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

REALM = "plateward"
LIFE_S = 300.0
MOST_COUNTS = 10_000
_ALGORITHMS = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}
"""Offered in this order; MD5 is there because many cameras know nothing else (RFC 7616, § 3.4)."""

_PARAMETER = re.compile(r'\s*([A-Za-z*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)')
_COUNT = re.compile(r"[0-9a-fA-F]{8}")
_STAMP = struct.Struct(">d8s")
_SIGNATURE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device answered a challenge with."""

    username: str
    nonce: str
    uri: str
    response: str
    count: str
    cnonce: str
    algorithm: str


class Standing(Enum):
    """What a nonce is worth."""

    GOOD = auto()
    STALE = auto()
    """Ours, but too old, of an earlier process, or its count was used: another one helps."""


def parse(credentials: str) -> Answer | None:
    """The answer in an Authorization header's value behind `Digest`; None for what is no proper one."""
    found = _parameters(credentials)
    algorithm = found.get("algorithm", "MD5").upper()
    count = found.get("nc", "")
    if algorithm not in _ALGORITHMS or found.get("qop") != "auth" or not _COUNT.fullmatch(count):
        return None
    if found.get("realm") != REALM or not found.get("cnonce"):
        return None
    said = (found.get(name, "") for name in ("username", "nonce", "uri", "response"))
    username, nonce, uri, response = said
    if not (username and nonce and uri and response):
        return None
    return Answer(username, nonce, uri, response.lower(), count, found["cnonce"], algorithm)


def _parameters(credentials: str) -> Mapping[str, str]:
    """Each parameter once; {} for anything that is no list of them."""
    found: dict[str, str] = {}
    place = 0
    while place < len(credentials):
        match = _PARAMETER.match(credentials, place)
        if match is None or match[1].lower() in found:
            return {}
        found[match[1].lower()] = match[3] if match[2] is None else re.sub(r"\\(.)", r"\1", match[2])
        place = match.end()
    return found


def is_proven(answer: Answer, password: str, method: str, target: str) -> bool:
    """Whether who answered knows the password and meant this very request (its path and query)."""
    if not _same_target(answer.uri, target):
        return False
    expected = response_for(answer, password, method)
    return hmac.compare_digest(expected.encode(), answer.response.encode())


def response_for(answer: Answer, password: str, method: str, realm: str = REALM) -> str:
    """The response that proves the password (RFC 7616, § 3.4.1)."""
    ha1 = _hash(answer.algorithm, f"{answer.username}:{realm}:{password}")
    ha2 = _hash(answer.algorithm, f"{method}:{answer.uri}")
    said = f"{ha1}:{answer.nonce}:{answer.count}:{answer.cnonce}:auth:{ha2}"
    return _hash(answer.algorithm, said)


def _hash(algorithm: str, text: str) -> str:
    return _ALGORITHMS[algorithm](text.encode()).hexdigest()


def _same_target(uri: str, target: str) -> bool:
    """A device may name the whole address (RFC 9112, § 3.2.2)."""
    _, scheme, rest = uri.partition("://")
    return (f"/{rest.partition('/')[2]}" if scheme else uri) == target


@dataclass(slots=True)
class Nonces:
    """Nonces of this process. Times are those of `time.monotonic`."""

    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _used: dict[str, tuple[float, set[int]]] = field(default_factory=dict)

    def challenges(self, now: float, *, stale: bool = False) -> Iterator[str]:
        """WWW-Authenticate headers, the better algorithm first."""
        nonce = self.fresh(now)
        told = ", stale=true" if stale else ""
        for algorithm in _ALGORITHMS:
            yield f'Digest realm="{REALM}", qop="auth", algorithm={algorithm}, nonce="{nonce}"{told}'

    def fresh(self, now: float) -> str:
        """A new nonce."""
        stamp = _STAMP.pack(now, secrets.token_bytes(8))
        return (stamp + self._signed(stamp)).hex()

    def standing(self, nonce: str, count: str, now: float) -> Standing:
        """What a proven answer's nonce is worth; a good one's count is used up by this."""
        issued = self._issued(nonce)
        if issued is None or not 0 <= now - issued <= LIFE_S:
            return Standing.STALE
        self._forget(now)
        used = self._used.setdefault(nonce, (issued, set()))[1]
        number = int(count, 16)
        if number in used or len(used) >= MOST_COUNTS:
            return Standing.STALE
        used.add(number)
        return Standing.GOOD

    def _issued(self, nonce: str) -> float | None:
        try:
            raw = bytes.fromhex(nonce)
        except ValueError:
            return None
        stamp, signature = raw[: _STAMP.size], raw[_STAMP.size :]
        if not hmac.compare_digest(signature, self._signed(stamp)):
            return None
        issued: float = _STAMP.unpack(stamp)[0]
        return issued

    def _signed(self, stamp: bytes) -> bytes:
        return hmac.digest(self.key, stamp, "sha256")[:_SIGNATURE_BYTES]

    def _forget(self, now: float) -> None:
        for nonce in [nonce for nonce, (issued, _) in self._used.items() if now - issued > LIFE_S]:
            del self._used[nonce]


def now() -> float:
    """The clock of nonces."""
    return time.monotonic()
