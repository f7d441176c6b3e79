"""Answering a server that asks for a user name and password: Digest (RFC 7616, 2069) and Basic (RFC 7617).

Digest tells the password to nobody, so it is preferred, and of its kinds the strongest; MD5 is there because
many cameras know nothing else. Basic sends the password as it is: over TLS alone. What the server said goes
back in the very bytes it came in (read as Latin-1, which keeps each); names and passwords are UTF-8. No I/O.
"""

import hashlib
import re
import secrets
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

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
    """What `WWW-Authenticate` headers ask for, read as Latin-1; one may hold several challenges."""
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


def answer_to(challenges: Sequence[Challenge], login: Login, *, uri: str, is_secure: bool) -> bytes:
    """What to send as `Authorization` with a GET of `uri` (path and query, ASCII). Raises LoginError."""
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
    return b"Basic " + b64encode(f"{login.username}:{login.password}".encode())


def _digest(asked: Challenge, login: Login, uri: str, count: str = "00000001") -> bytes:
    def hashed(*parts: bytes) -> bytes:
        return _ALGORITHMS[asked.algorithm](b":".join(parts)).hexdigest().encode()

    said = {name: value.encode("latin-1") for name, value in asked.given.items()}
    realm, nonce, cnonce = said["realm"], said["nonce"], secrets.token_hex(16).encode()
    person = hashed(login.username.encode(), realm, login.password.encode())
    thing = hashed(b"GET", uri.encode())
    told = {b"realm": realm, b"nonce": nonce, b"uri": uri.encode()}
    bare = {b"algorithm": asked.algorithm.encode()}
    if "qop" in said:
        told |= {
            b"response": hashed(person, nonce, count.encode(), cnonce, b"auth", thing),
            b"cnonce": cnonce,
        }
        bare |= {b"qop": b"auth", b"nc": count.encode()}
    else:  # RFC 2069, as older cameras ask
        told[b"response"] = hashed(person, nonce, thing)
    if "opaque" in said:
        told[b"opaque"] = said["opaque"]
    quoted = [b'%b="%b"' % (name, _quoted(value)) for name, value in told.items()]
    plain = [b"%b=%b" % one for one in bare.items()]
    return b"Digest " + b", ".join([_named(asked, login.username), *quoted, *plain])


def _named(asked: Challenge, username: str) -> bytes:
    """The user name; as RFC 5987 writes it where the server knows RFC 7616's `charset` and it is no ASCII."""
    if not username.isascii() and asked.given.get("charset", "").upper() == "UTF-8":
        return f"username*=UTF-8''{quote(username, safe='')}".encode()
    return b'username="%b"' % _quoted(username.encode())


def _quoted(value: bytes) -> bytes:
    return value.replace(b"\\", rb"\\").replace(b'"', rb"\"")
