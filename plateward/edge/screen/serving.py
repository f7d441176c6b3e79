"""The screen's server: uvicorn in a thread of the agent, on the loopback address alone."""

from __future__ import annotations

import socket
import threading
from typing import Final

import uvicorn

from plateward.edge.screen.app import create_app
from plateward.edge.screen.desk import Desk, Parts
from plateward.ui import assets

LOOPBACK: Final = "127.0.0.1"


class ScreenError(Exception):
    """The screen cannot be served; the message says what to do."""


class Screen:
    """The car's screen; `start` it beside the agent, `stop` it when the agent ends."""

    def __init__(self, parts: Parts) -> None:
        self._app = create_app(Desk(parts))
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self, port: int) -> int:
        """Serve; gives the port, a free one for 0. Raises ScreenError, AssetsMissing."""
        assets.script("screen")
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((LOOPBACK, port))
        except OSError as error:
            listening.close()
            raise ScreenError(
                f"The screen's port {port} cannot be used ({error.strerror}): end what holds it, or set "
                "another under [screen] in the unit's settings."
            ) from error
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            lifespan="off",
            ws="none",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listening]}, name="screen", daemon=True
        )
        self._thread.start()
        return int(listening.getsockname()[1])

    def stop(self) -> None:
        """End it; the next start is locked."""
        if self._server and self._thread:
            self._server.should_exit = True
            self._thread.join(timeout=5)
