"""Where lists' files are fetched from: watched folders below the data folder, and SFTP servers.

A place gives the files that are there, one file's bytes, and puts a fetched file out of the way. What the
server of an SFTP place shows as its key must be the one that was written down; nothing is sent to another.
Only public addresses and the private networks that the installation names are asked, never this machine or
its link, and the address that was checked is the one connected to. What is said to people of a server that
is not ours does not tell what else may be listening there; the worker's log does.
"""

import asyncio
import fnmatch
import logging
import os
import stat
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import asyncssh

from plateward.devices.ways import allows
from plateward.documents.addresses import Resolve, addresses_of, is_own, is_public

log = logging.getLogger(__name__)
MOST_BYTES: Final = 200 * 1024 * 1024
MOST_FILES: Final = 5_000
"""So many files of a folder are looked at."""
MARKER: Final = ".done"
DONE: Final = "done"
FAILED: Final = "failed"
LONGEST_NAME: Final = 200
CONNECT_S: Final = 20
TRANSFER_S: Final = 300


Answer = TypeVar("Answer")


class PickupTrouble(Exception):
    """A place cannot be looked at, or a file not be fetched. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file at its place: what tells it from an earlier one of the same name is its size and its change."""

    name: str
    size: int
    changed: str

    @property
    def facts(self) -> list[object]:
        """What is remembered of it until the next look."""
        return [self.size, self.changed]


def ready(
    found: Iterable[Found], pattern: str, *, marked: bool, seen: Mapping[str, list[object]]
) -> list[Found]:
    """Those that fit the pattern and are whole: as they were `seen` last, or with a marker beside."""
    there = {one.name: one for one in found}
    fitting = [one for name, one in there.items() if fits(name, pattern)]
    if marked:
        whole = [one for one in fitting if f"{one.name}{MARKER}" in there]
    else:
        whole = [one for one in fitting if seen.get(one.name, [])[: len(one.facts)] == one.facts]
    return sorted((one for one in whole if one.size), key=lambda one: (one.changed, one.name))


def fits(name: str, pattern: str) -> bool:
    """Whether a file's name is one of a list's; markers and hidden files are none."""
    return fnmatch.fnmatchcase(name, pattern) and not name.endswith(MARKER) and not name.startswith(".")


@dataclass(frozen=True, slots=True)
class FolderPlace:
    """A folder on disc; fetched files are moved to its folders `done` and `failed`."""

    path: Path

    def look(self, choose: "Choose") -> tuple[list[Found], Found | None, bytes]:
        """All files, the one that was chosen, and its bytes. Raises PickupTrouble."""
        try:
            for folder in (self.path, self.path / DONE, self.path / FAILED):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = [one for entry in os.scandir(self.path) if (one := _entry(entry))]
            chosen = choose(found[:MOST_FILES])
            return found, chosen, _bytes(self.path / chosen.name) if chosen else b""
        except OSError as error:
            raise PickupTrouble(
                f"The folder {self.path} cannot be read ({error.strerror}). Let the user that runs Plateward "
                "read and change it."
            ) from error

    def put_away(self, name: str, where: Literal["done", "failed"]) -> None:
        """Move a file, with its marker, out of the way; one that is gone is well. Raises PickupTrouble."""
        for each in (name, f"{name}{MARKER}"):
            source = self.path / each
            try:
                source.replace(_free(self.path / where / each))
            except FileNotFoundError:
                continue
            except OSError as error:
                raise PickupTrouble(f"{source} cannot be moved to {where} ({error.strerror}).") from error

    def fail(self, name: str) -> None:
        """Move a file that proved to be of no use from `done` to `failed`."""
        done = self.path / DONE / name
        if done.is_file():
            done.replace(_free(self.path / FAILED / name))


Choose = Callable[[list[Found]], Found | None]


def _entry(entry: os.DirEntry[str]) -> Found | None:
    """A plain file; links lead anywhere and are left alone.

    One that is sent again has another ctime, whatever time its sender gives it.
    """
    if not entry.is_file(follow_symlinks=False) or len(entry.name) > LONGEST_NAME:
        return None
    facts = entry.stat(follow_symlinks=False)
    return Found(entry.name, facts.st_size, f"{facts.st_mtime_ns}.{facts.st_ctime_ns}")


def _bytes(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise PickupTrouble(f"{path} is no plain file.")
        return _limited(path.name, file.read(MOST_BYTES + 1))


def _limited(name: str, data: bytes) -> bytes:
    if len(data) > MOST_BYTES:
        limit = MOST_BYTES // 1024 // 1024
        raise PickupTrouble(
            f"{name} is larger than {limit} MB. Ask for a shorter extract, and remove it there."
        )
    return data


def _free(path: Path) -> Path:
    """The path, or one with a number where something is there already."""
    tried, number = path, 1
    while tried.exists():
        number += 1
        tried = path.with_name(f"{path.name}.{number}")
    return tried


class _Pinned(asyncssh.SSHClient):
    """Takes the server only with the key that was written down."""

    def __init__(self, fingerprint: str) -> None:
        self.fingerprint = fingerprint
        self.shown = ""

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:  # noqa: ARG002  asyncssh's signature
        self.shown = key.get_fingerprint("sha256")
        return self.shown == self.fingerprint


@dataclass(frozen=True, slots=True)
class Reach:
    """Which servers may be asked. `own` allows this machine: for tests alone."""

    networks: tuple[str, ...] = ()
    own: bool = False
    resolver: Resolve = addresses_of

    def address_of(self, host: str, port: int) -> str:
        """The address to connect to, each the host has being allowed. Raises PickupTrouble and OSError."""
        found = self.resolver(host, port)
        for address in found:
            if why := self._refusal(host, address):
                raise PickupTrouble(why)
        if not found:
            raise OSError(f"{host} has no address")
        return found[0]

    def _refusal(self, host: str, address: str) -> str:
        if is_own(address):
            return (
                "" if self.own else f"{host} is this machine or its link, which is never asked. Correct it."
            )
        if is_public(address) or (self.networks and allows(self.networks, address)):
            return ""
        return (
            f"{host} is inside a private network that lists are not fetched from. If it is the right server, "
            "the I.T. manager names its network in PLATEWARD_LIST_NETWORKS and starts Plateward anew."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpPlace:
    """A folder of an SFTP server, reached by a password or a private key (OpenSSH's format)."""

    host: str
    port: int
    login: str
    folder: str
    host_key: str
    reach: Reach
    password: str | None = field(default=None, repr=False)
    private_key: bytes | None = field(default=None, repr=False)

    def look(self, choose: Choose) -> tuple[list[Found], Found | None, bytes]:
        """All files, the one that was chosen, and its bytes. Raises PickupTrouble."""

        async def act(sftp: asyncssh.SFTPClient) -> tuple[list[Found], Found | None, bytes]:
            found = [one async for name in sftp.scandir(self.folder) if (one := _remote(name))]
            chosen = choose(found[:MOST_FILES])
            return found, chosen, await self._bytes(sftp, chosen) if chosen else b""

        return asyncio.run(self._with(act))

    def remove(self, name: str) -> None:
        """Delete a fetched file, with its marker, on the server. Raises PickupTrouble."""

        async def act(sftp: asyncssh.SFTPClient) -> None:
            for each in (name, f"{name}{MARKER}"):
                if await sftp.exists(self._at(each)):
                    await sftp.remove(self._at(each))

        asyncio.run(self._with(act))

    def _at(self, name: str) -> str:
        return f"{self.folder.rstrip('/')}/{name}" if self.folder else name

    async def _bytes(self, sftp: asyncssh.SFTPClient, found: Found) -> bytes:
        async with sftp.open(self._at(found.name), "rb") as file:
            data: Any = await file.read(MOST_BYTES + 1)
        return _limited(found.name, data)

    async def _with(self, act: Callable[[asyncssh.SFTPClient], Awaitable[Answer]]) -> Answer:
        pinned = _Pinned(self.host_key)
        try:
            address = self.reach.address_of(self.host, self.port)
            async with asyncio.timeout(TRANSFER_S), AsyncExitStack() as stack:
                connection = await stack.enter_async_context(self._connection(pinned, address))
                return await act(await stack.enter_async_context(connection.start_sftp_client()))
        except asyncssh.HostKeyNotVerifiable as error:
            log.warning("%s, port %s, shows the key %s", self.host, self.port, pinned.shown or "of no kind")
            raise PickupTrouble(
                f"{self.host} does not show the key that was written down. Nothing was sent to it. Ask its "
                "operator for the fingerprint before you change it."
            ) from error
        except asyncssh.PermissionDenied as error:
            raise PickupTrouble(
                f"{self.host} does not let {self.login} in. Give its operator the public key shown here, or "
                "correct user name and password."
            ) from error
        except asyncssh.SFTPError as error:
            raise PickupTrouble(
                f"{self.host}: {error.reason} ({self.folder or 'its first folder'})."
            ) from error
        except (OSError, asyncssh.Error) as error:
            log.warning("%s, port %s, cannot be reached: %r", self.host, self.port, error)
            raise PickupTrouble(
                f"{self.host}, port {self.port}, cannot be reached as an SFTP server. Compare both with what "
                "its operator told you; the worker's log says more."
            ) from error

    def _connection(self, pinned: _Pinned, address: str) -> Any:
        """Nothing of this machine's own SSH settings, keys or agent is used."""
        keys = [asyncssh.import_private_key(self.private_key)] if self.private_key else None
        return asyncssh.connect(
            address,
            self.port,
            username=self.login,
            password=self.password,
            client_keys=keys,
            agent_path=None,
            config=None,
            known_hosts=([], [], []),
            client_factory=lambda: pinned,
            connect_timeout=CONNECT_S,
            login_timeout=CONNECT_S,
            preferred_auth=["publickey"] if keys else ["password"],
        )


def _remote(name: asyncssh.SFTPName) -> Found | None:
    """A plain file of the server whose name is one; links are left alone."""
    facts, text = name.attrs, name.filename
    if not isinstance(text, str) or "/" in text or text in {"", ".", ".."} or len(text) > LONGEST_NAME:
        return None
    if facts.type != asyncssh.FILEXFER_TYPE_REGULAR or facts.size is None:
        return None
    return Found(text, facts.size, str(facts.mtime))


def new_key() -> tuple[bytes, str]:
    """A private key as a file holds it, and the public one as an operator enters it."""
    key = asyncssh.generate_private_key("ssh-ed25519", comment="plateward")
    return key.export_private_key(), key.export_public_key().decode().strip()
