"""Asking a time-stamping authority for a token over a package's tag manifest (RFC 3161). No database.

Who may be asked: https to public addresses, and with or without encryption this machine, where the address
names it, and the private networks that the installation names. A token is kept only if it was verified.
"""

import logging
import re
import ssl
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpcore
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from plateward.devices.ways import allows
from plateward.documents.addresses import addresses_of, is_own, is_public
from plateward.documents.calling import CheckedNetwork, Refusal, seconds_left

log = logging.getLogger(__name__)

SECONDS: Final = 10.0
"""What a package waits at most for everything together; building goes on without a token then."""
LONGEST: Final = 64 * 1024
"""Bytes of an answer; one with a chain of certificates has some 7,000."""
LONGEST_REASON: Final = 300
_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_HTTP_OK: Final = 200
_GRANTED: Final = 0
_CERTIFICATES: Final = 0xA0
_OF_OPENSSL: Final = re.compile(r'Verify error: ([^"]+)')
_SHA256: Final = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")


class UnstampedError(Exception):
    """There is no token; the message says why."""


@dataclass(frozen=True, slots=True)
class Authority:
    """A time-stamping authority, the file with its CA's certificates, and how it may be reached."""

    url: str
    ca: Path
    networks: tuple[str, ...] = ()
    seconds: float = SECONDS

    @property
    def host(self) -> str:
        """The machine that is asked."""
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What came of asking: the authority's whole answer in DER, verified, or the reason why there is none."""

    answer: bytes = b""
    at: datetime | None = None
    by: str = ""
    failure: str = ""


def stamped(content: bytes, authority: Authority) -> Stamp:
    """Ask for a token over the SHA-256 of `content`. Whatever goes wrong is told in what comes back."""
    try:
        return _stamped(content, authority)
    except UnstampedError as error:
        failure = str(error)
    except VerificationError as error:
        failure = f"the answer cannot be relied on: {_told(error)}"
    except (ValueError, TypeError) as error:
        failure = f"the answer is no time stamp: {error}"
    except OSError as error:
        failure = f"{authority.ca} cannot be read: {error.strerror or error}"
    except Exception as error:  # a fault of ours or a library's: a package is never lost for a stamp
        log.exception("No time stamp from %s", authority.url)
        failure = f"asking for it broke ({type(error).__name__}); the worker's log says more"
    log.warning("No time stamp from %s: %s", authority.url, failure)
    return Stamp(failure=failure[:LONGEST_REASON])


def _told(error: Exception) -> str:
    """What was not right, without where OpenSSL's own lines found it."""
    found = _OF_OPENSSL.search(str(error))
    return f"its certificate is not one to trust here ({found[1]})" if found else str(error)


def _stamped(content: bytes, authority: Authority) -> Stamp:
    roots = x509.load_pem_x509_certificates(authority.ca.read_bytes())
    request = TimestampRequestBuilder(
        data=content, hash_algorithm=HashAlgorithm.SHA256, nonce=True, cert_req=True
    ).build()
    said = _answer(request.as_bytes(), authority)
    answer = decode_timestamp_response(in_der_order(said))
    if answer.status != _GRANTED:
        words = " ".join(answer.status_string) or "without a word"
        raise UnstampedError(f"the authority refused (status {answer.status}): {words}")
    if answer.tst_info.message_imprint.hash_algorithm != _SHA256:
        raise UnstampedError("the answer cannot be relied on: it is not over a SHA-256")
    verifier = VerifierBuilder.from_request(request)
    for root in roots:
        verifier = verifier.add_root_certificate(root)
    verifier.build().verify_message(answer, content)
    return Stamp(said, answer.tst_info.gen_time, _signer(answer))


def in_der_order(answer: bytes) -> bytes:
    """The answer with its certificates sorted as DER has sets (X.690 § 11.6), else as it came.

    Authorities of OpenSSL write them as they have them, and the library takes sorted ones alone. Nothing that
    is signed is touched: the certificates stand beside it (RFC 5652 § 5.1).
    """
    try:
        _, token = _parts(answer, _parts(answer, (0, 0, len(answer)))[0])
        _, content = _parts(answer, token)
        (signed,) = _parts(answer, content)
        (known,) = [one for one in _parts(answer, signed) if answer[one[0]] == _CERTIFICATES]
        sorted_ones = b"".join(sorted(answer[start:end] for start, _, end in _parts(answer, known)))
    except (ValueError, IndexError):
        return answer
    return answer[: known[1]] + sorted_ones + answer[known[2] :]


def _parts(data: bytes, of: tuple[int, int, int]) -> list[tuple[int, int, int]]:
    """Where each value inside of one begins, where its content does, and where it ends (X.690 § 8.1)."""
    _, at, until = of
    found = []
    while at < until:
        size, content = data[at + 1], at + 2
        if size & 0x80:
            content += size & 0x7F
            size = int.from_bytes(data[at + 2 : content], "big")
        found.append((at, content, content + size))
        at = content + size
    if at != until:
        raise ValueError("a value is longer than what it stands in")
    return found


def _signer(answer: TimeStampResponse) -> str:
    """The name in the certificate that signed, as RFC 4514 writes it."""
    (info,) = answer.signed_data.signer_infos
    known = map(x509.load_der_x509_certificate, answer.signed_data.certificates)
    names = [
        one.subject for one in known if (one.issuer, one.serial_number) == (info.issuer, info.serial_number)
    ]
    return names[0].rfc4514_string()[:LONGEST_REASON] or "an authority without a name"


def _answer(request: bytes, authority: Authority) -> bytes:
    """What the authority says to a request (RFC 3161 § 3.4). Raises UnstampedError."""
    until = time.monotonic() + authority.seconds
    host = authority.host
    network = CheckedNetwork(_refusal(authority), UnstampedError, addresses_of, until)
    headers = [("User-Agent", "Plateward"), ("Content-Type", "application/timestamp-query")]
    trusted = ssl.create_default_context()
    try:
        with (
            httpcore.ConnectionPool(network_backend=network, ssl_context=trusted) as pool,
            pool.stream("POST", authority.url, headers=headers, content=request) as answer,
        ):
            if answer.status != _HTTP_OK:
                raise UnstampedError(f"{host} answered with status {answer.status}")
            return _whole(answer, until)
    except httpcore.TimeoutException as error:
        raise UnstampedError(f"{host} was too slow: {authority.seconds:g} seconds were over") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError, UnicodeError) as error:
        raise UnstampedError(f"{host} did not answer ({str(error) or type(error).__name__})") from error


def _whole(answer: httpcore.Response, until: float) -> bytes:
    said = b""
    for piece in answer.iter_stream():
        seconds_left(until)
        said += piece
        if len(said) > LONGEST:
            raise UnstampedError("the answer is no time stamp: it is far too long")
    return said


def _refusal(authority: Authority) -> Refusal:
    is_encrypted = urlsplit(authority.url).scheme == "https"

    def why(host: str, address: str) -> str:
        if is_own(address):
            is_named = authority.host in _MACHINE
            return "" if is_named else f"{host} is {address}, this machine or its link, which is not asked"
        if authority.networks and allows(authority.networks, address):
            return ""
        if not is_public(address):
            return f"{host} is {address}, inside a private network that PLATEWARD_SEND_NETWORKS does not name"
        return "" if is_encrypted else f"{host} is a public address, and that takes https://"

    return why
