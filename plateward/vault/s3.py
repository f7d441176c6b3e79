"""Sealed files in a bucket of any S3-compatible server; it sees ciphertext only."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from plateward.vault.buckets import Bucket
from plateward.vault.places import PlaceError

CONNECT_S: Final = 3
ANSWER_S: Final = 20
REST_S: Final = 10.0
"""So long a server that gave no answer is left alone: reads without pictures need not wait for it."""

_CODE: Final = re.compile(r"<Code>(\w+)</Code>")
_PROBE: Final = "plateward-doctor"


@dataclass(slots=True)
class _Pause:
    """Until when the server is not asked again, on the monotonic clock."""

    ends: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class S3:
    """Files as objects of a bucket."""

    bucket: Bucket
    connect_s: float = CONNECT_S
    answer_s: float = ANSWER_S
    _pause: _Pause = field(default_factory=_Pause, repr=False, compare=False)

    def __post_init__(self) -> None:
        store = S3Store(
            self.bucket.name,
            config={
                "endpoint": self.bucket.endpoint,
                "region": self.bucket.region,
                "access_key_id": self.bucket.access_key,
                "secret_access_key": self.bucket.secret_key,
            },
            client_options={
                "allow_http": True,  # the environment takes http:// for this machine only
                "connect_timeout": timedelta(seconds=self.connect_s),
                "timeout": timedelta(seconds=self.answer_s),
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=self.answer_s)},
        )
        object.__setattr__(self, "_store", store)

    _store: S3Store = field(init=False, repr=False, compare=False)

    def put(self, name: str, data: bytes) -> None:
        with self._asked("keep"):
            obstore.put(self._store, name, data, use_multipart=False)

    def get(self, name: str) -> bytes:
        with self._asked("give"):
            return bytes(obstore.get(self._store, name).bytes())

    def remove_all(self, folder: str) -> None:
        with self._asked("remove"):
            for found in obstore.list(self._store, prefix=folder):
                obstore.delete(self._store, [one["path"] for one in found])

    def remove(self, name: str) -> None:
        with suppress(FileNotFoundError), self._asked("remove"):
            obstore.delete(self._store, name)

    def check(self) -> None:
        try:
            self.get(_PROBE)
        except FileNotFoundError:
            return

    @contextmanager
    def _asked(self, what: str) -> Iterator[None]:
        """Turn the server's errors into ours; leave it alone for a while after it gave no answer."""
        if time.monotonic() < self._pause.ends:
            raise PlaceError(f"{self._where} gave no answer a moment ago; it is asked again by itself.")
        try:
            yield
        except FileNotFoundError as error:  # obstore's own for what is not there
            if "NoSuchBucket" in str(error):
                raise PlaceError(
                    f"{self._where} has no such bucket: make it, or correct its name."
                ) from error
            raise
        except (PermissionDeniedError, UnauthenticatedError) as error:
            code = found[1] if (found := _CODE.search(str(error))) else "access denied"
            raise PlaceError(
                f"{self._where} does not let this key {what} files ({code}): correct "
                "PLATEWARD_S3_ACCESS_KEY, PLATEWARD_S3_SECRET_KEY or the bucket's policy."
            ) from error
        except BaseError as error:
            with self._pause.lock:
                self._pause.ends = time.monotonic() + REST_S
            told = str(error).partition("\n")[0][:300]
            raise PlaceError(f"{self._where} gave no usable answer: {told}") from error

    @property
    def _where(self) -> str:
        return f"The S3 server {self.bucket.endpoint}, bucket {self.bucket.name},"
