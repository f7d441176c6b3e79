"""An SFTP server on this machine's own loopback, with one user."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

USER = "plateward"


@dataclass(slots=True)
class SftpServer:
    """A running server: what it shows as its key, and whom it lets in."""

    root: Path
    password: str = ""
    public_key: str = ""
    port: int = 0
    fingerprint: str = ""
    refused: int = 0
    _key: asyncssh.SSHKey = field(default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519"))

    @contextmanager
    def running(self) -> Iterator["SftpServer"]:
        """Serve as long as the block runs."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        acceptor = asyncio.run_coroutine_threadsafe(self._listen(), loop).result(20)
        self.port, self.fingerprint = acceptor.get_port(), self._key.get_fingerprint("sha256")
        try:
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(_closed(acceptor), loop).result(20)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(20)
            loop.close()

    async def _listen(self) -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[self._key],
            server_factory=lambda: _Door(self),
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=bytes(self.root)),
        )


async def _closed(acceptor: asyncssh.SSHAcceptor) -> None:
    acceptor.close()
    await acceptor.wait_closed()


class _Door(asyncssh.SSHServer):
    def __init__(self, server: SftpServer) -> None:
        self.server = server

    def begin_auth(self, username: str) -> bool:
        return bool(username)

    def password_auth_supported(self) -> bool:
        return bool(self.server.password)

    def validate_password(self, username: str, password: str) -> bool:
        return self._told(username == USER and password == self.server.password)

    def public_key_auth_supported(self) -> bool:
        return bool(self.server.public_key)

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        known = asyncssh.import_public_key(self.server.public_key)
        return self._told(username == USER and key.public_data == known.public_data)

    def _told(self, is_let_in: bool) -> bool:  # noqa: FBT001  an answer
        self.server.refused += not is_let_in
        return is_let_in
