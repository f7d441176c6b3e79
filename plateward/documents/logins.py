"""Answering a server that asks for a user name and password: Digest (RFC 7616, 2069) and Basic (RFC 7617).

Digest tells the password to nobody, so it is preferred, and of its kinds the strongest; MD5 is there because
many cameras know nothing else. Basic sends the password as it is: over TLS alone. No I/O.
"""

import hashlib
import re
import secrets
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

_ALGORITHMS: Final = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}
"""The better first."""
_WORD: Final = re.compile(
    r"""\s*,?\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?"""
)
_ESCAPED: Final = re.compile(r"\\(.)")


class LoginError(Exception):
    """The server asks for a log-in that is not given; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Login:
    """A user name, without a colon or quotes, and its password."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way in which a server lets itself be answered: its scheme and parameters in small letters."""

    scheme: str
    given: dict[str, str]

    @property
    def algorithm(self) -> str:
        """Of Digest, how it hashes."""
        return self.given.get("algorithm", "MD5").upper()

    @property
    def is_answerable(self) -> bool:
        """Whether it is a Digest that is known here."""
        qops = self.given.get("qop", "auth").replace(" ", "").lower().split(",")
        known = self.algorithm in _ALGORITHMS and "auth" in qops
        return self.scheme == "digest" and known and {"realm", "nonce"} <= self.given.keys()


def challenges_of(headers: Iterable[str]) -> list[Challenge]:
    """What `WWW-Authenticate` headers ask for; one header may hold several challenges."""
    found: list[Challenge] = []
    for header in headers:
        for word, quoted, plain in _WORD.findall(header):
            if quoted or plain or f'{word}=""' in header.replace(" ", ""):
                if found:
                    found[-1].given[word.lower()] = _ESCAPED.sub(r"\1", quoted) or plain
            else:
                found.append(Challenge(word.lower(), {}))
    return found


def is_stale(challenges: Sequence[Challenge]) -> bool:
    """Whether the server says that only its nonce was too old, and that the same log-in will do."""
    return any(one.given.get("stale", "").lower() == "true" for one in challenges)


def answer_to(challenges: Sequence[Challenge], login: Login, *, uri: str, is_secure: bool) -> str:
    """What to send as `Authorization` with a GET of `uri` (path and query). Raises LoginError."""
    digests = {one.algorithm: one for one in challenges if one.is_answerable}
    if best := next((digests[name] for name in _ALGORITHMS if name in digests), None):
        return _digest(best, login, uri)
    schemes = sorted({one.scheme for one in challenges})
    if "basic" not in schemes:
        named = ", ".join(schemes)[:60] or "none that it names"
        raise LoginError(f"asks for a log-in of a kind that is not known ({named}); have it ask for Digest")
    if not is_secure:
        raise LoginError(
            "asks for the password in clear (Basic) without TLS, so it was not sent; have it ask for Digest, "
            "or serve its pictures by https"
        )
    return "Basic " + b64encode(f"{login.username}:{login.password}".encode()).decode()


def _digest(asked: Challenge, login: Login, uri: str, count: str = "00000001") -> str:
    def hashed(*parts: str) -> str:
        return _ALGORITHMS[asked.algorithm](":".join(parts).encode()).hexdigest()

    realm, nonce, cnonce = asked.given["realm"], asked.given["nonce"], secrets.token_hex(16)
    person, thing = hashed(login.username, realm, login.password), hashed("GET", uri)
    told = {"username": login.username, "realm": realm, "nonce": nonce, "uri": uri}
    bare = {"algorithm": asked.algorithm}
    if "qop" in asked.given:
        told |= {"response": hashed(person, nonce, count, cnonce, "auth", thing), "cnonce": cnonce}
        bare |= {"qop": "auth", "nc": count}
    else:  # RFC 2069, as older cameras ask
        told["response"] = hashed(person, nonce, thing)
    if "opaque" in asked.given:
        told["opaque"] = asked.given["opaque"]
    quoted = [f'{name}="{_quoted(value)}"' for name, value in told.items()]
    return "Digest " + ", ".join(quoted + [f"{name}={value}" for name, value in bare.items()])


def _quoted(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"")
