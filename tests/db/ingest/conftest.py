import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from plateward.ingest.app import create_app
from plateward.reads.store import PictureStore

Opened = Callable[[], "contextlib.AbstractAsyncContextManager[httpx.AsyncClient]"]
Talk = Callable[[httpx.AsyncClient], Coroutine[Any, Any, Any]]


@pytest.fixture
def receiver(ingest_database_url: str) -> Opened:
    """The receiver inside this process: `async with receiver() as client`."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[httpx.AsyncClient]:
        app = create_app(ingest_database_url)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://receiver") as client,
        ):
            yield client

    return opened


@pytest.fixture
def talk(receiver: Opened) -> Callable[[Talk], Any]:
    """Have a conversation with the receiver and return its result."""

    def run(conversation: Talk) -> Any:
        async def opened() -> Any:
            async with receiver() as client:
                return await conversation(client)

        return asyncio.run(opened())

    return run


class Process:
    """A receiver as a process of its own, started by the product's own command."""

    def __init__(self, database_url: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        environment = {
            **os.environ,
            "DATABASE_INGEST_URL": database_url,
            "PLATEWARD_INGEST_PORT": str(self.port),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "plateward.config.cli", "ingest"], env=environment
        )
        self.url = f"http://127.0.0.1:{self.port}"
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "the receiver ended at its start"
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/v1/health").is_success:
                    return
            time.sleep(0.05)
        raise TimeoutError("the receiver does not answer")

    def kill(self, how: signal.Signals = signal.SIGKILL) -> int:
        self.process.send_signal(how)
        return self.process.wait(15)


@pytest.fixture
def receiver_process(ingest_database_url: str) -> Iterator[Process]:
    started = Process(ingest_database_url)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.kill()


@pytest.fixture
def store(tmp_path: Path) -> PictureStore:
    return PictureStore(tmp_path / "pictures")
