"""Calls to the server: every answer is what was asked for, or one of three exceptions that say what now."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
import msgspec

from plateward.edge.identity import Identity
from plateward.unitwire.calls import Enroll, Enrolled

NOT_MODIFIED: Final = 304
_CALL_S: Final = 30.0
_LATER: Final = frozenset({408, 425, 429})
_T = TypeVar("_T")


class Away(Exception):
    """The server does not answer, or not now; `retry_after` is what it asked for."""

    def __init__(self, told: str, retry_after: str = "") -> None:
        super().__init__(told)
        self.retry_after = retry_after


class Revoked(Exception):
    """The server knows the unit's key no more, or (`is_disabled`) the device is disabled in the register."""

    def __init__(self, told: str, *, is_disabled: bool = False) -> None:
        super().__init__(told)
        self.is_disabled = is_disabled


class Unwilling(Exception):
    """The server will not take this as it is; `document` is its problem document (RFC 9457)."""

    def __init__(self, told: str, status: int = 0, document: Mapping[str, Any] | None = None) -> None:
        super().__init__(told)
        self.status, self.document = status, document or {}


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    def as_(self, kind: type[_T]) -> _T:
        """The body as what was agreed. Raises Away where it is something else: a network's log-in page."""
        try:
            return msgspec.json.decode(self.body, type=kind)
        except msgspec.DecodeError as error:
            raise Away(f"Something answered that is not the server ({error}).") from error


class Link:
    """One HTTP client; threads share it."""

    def __init__(self, server: str, *, version: str, ca_file: Path | None = None) -> None:
        self._server, self.version = server, version
        # One line for each call would fill the log of a unit that asks once a minute for years.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        verify = ssl.create_default_context(cafile=ca_file) if ca_file else True
        self._client = httpx.Client(
            timeout=httpx.Timeout(_CALL_S, connect=10.0),
            verify=verify,
            headers={"User-Agent": f"plateward-unit/{version}"},
            trust_env=False,
        )

    def close(self) -> None:
        self._client.close()

    def enroll(self, code: str, name: str) -> Enrolled:
        """Show the one-time code. Raises Unwilling with what the server says, or Away."""
        told = Enroll(code=code, name=name[:100], version=self.version)
        try:
            return self._told("enroll", None, told).as_(Enrolled)
        except Revoked as refused:
            raise Unwilling(str(refused)) from refused

    def get(
        self, path: str, who: Identity, query: Mapping[str, str | int] | None = None, etag: str = ""
    ) -> Answer:
        """A document or whatever is under the path; 304 where `etag` still holds. Raises all three."""
        headers = {"If-None-Match": etag} if etag else {}
        return self._sent("GET", f"{self._server}/unit/v1/{path}", who.key, headers, b"", query)

    def post(self, path: str, who: Identity, told: object) -> Answer:
        """Tell the server something as JSON. Raises Away, Revoked, Unwilling."""
        return self._told(path, who.key, told)

    def hand_over(self, receiver: str, who: Identity, name: str, body: bytes, content_type: str) -> Answer:
        """Send the read of this name to the receiver. Raises Away, Revoked, Unwilling."""
        url = f"{receiver.rstrip('/')}/v1/from/plateward-unit"
        headers = {"Content-Type": content_type, "Idempotency-Key": name}
        return self._sent("POST", url, who.key, headers, body)

    def _told(self, path: str, key: str | None, told: object) -> Answer:
        body, headers = msgspec.json.encode(told), {"Content-Type": "application/json"}
        return self._sent("POST", f"{self._server}/unit/v1/{path}", key, headers, body)

    def _sent(
        self,
        method: str,
        url: str,
        key: str | None,
        headers: Mapping[str, str],
        body: bytes = b"",
        query: Mapping[str, str | int] | None = None,
    ) -> Answer:
        proof = {"Authorization": f"Bearer {key}"} if key else {}
        try:
            answer = self._client.request(
                method, url, params=query, content=body, headers={**headers, **proof}
            )
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise Away(f"The server does not answer ({str(error) or type(error).__name__}).") from error
        return _judged(answer)


def _judged(answer: httpx.Response) -> Answer:
    status = answer.status_code
    if answer.is_success or status == NOT_MODIFIED:
        return Answer(status, answer.content, answer.headers)
    told = _told(answer)
    if status in {401, 403}:
        raise _refusal(answer, told)
    if status in _LATER or status >= 500 or answer.is_redirect:  # noqa: PLR2004  the server's own faults
        raise Away(told, answer.headers.get("Retry-After", ""))
    raise Unwilling(told, status, _document(answer))


def _refusal(answer: httpx.Response, told: str) -> Exception:
    """Only our own server's refusal revokes: a network's log-in page or proxy must not empty a unit."""
    if not answer.headers.get("Content-Type", "").startswith("application/problem+json"):
        return Away(f"Something on the way refused the call: {told}")
    document = _document(answer)
    if answer.status_code == 403 and "source" in str(document.get("type", "")):  # noqa: PLR2004  forbidden
        return Away(told)
    return Revoked(told, is_disabled=answer.status_code == 403)  # noqa: PLR2004  forbidden


def _told(answer: httpx.Response) -> str:
    """The problem document (RFC 9457) in one line; the bare status where there is none."""
    document = _document(answer)
    said = " ".join(str(document[key]) for key in ("detail", "what_to_do") if document.get(key))
    return f"{said or 'The server answered'} (status {answer.status_code})"


def _document(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json() if "json" in answer.headers.get("Content-Type", "") else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
