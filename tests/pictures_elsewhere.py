"""A server of pictures for tests, with every kind of misbehavior, and a network where it is elsewhere."""

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpcore

from tests.payloads import picture

SCENE = picture("blue")

ADDRESS = "10.9.8.7"
"""Where the server is, as far as the product can tell: within an agency's own network."""

MOVED = {
    "/loopback": "http://127.0.0.1:1/secret",
    "/elsewhere": "https://elsewhere.example/picture.jpg",
    "/moved": "/scene.jpg",
    "/circle": "/circle",
}
PAGE = b"<html>Log in</html>"
SENT = {
    "/scene.jpg": ("image/jpeg", SCENE),
    "/page": ("text/html; charset=utf-8", PAGE),
    "/disguised": ("image/jpeg", PAGE),
}


class Network(httpcore.SyncBackend):
    """Reaches the server on this machine under ADDRESS, and remembers whom it was asked to connect to."""

    def __init__(self) -> None:
        self.reached: list[str] = []

    def connect_tcp(self, host: str, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        self.reached.append(host)
        assert host == ADDRESS
        return super().connect_tcp("127.0.0.1", *args, **kwargs)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        asked: list[tuple[str, str]] = self.server.asked  # type: ignore[attr-defined]  # set by `serving`
        asked.append((self.headers["Host"], self.path))
        name = self.path.partition("?")[0]
        if name in MOVED:
            self._send(302, b"", Location=MOVED[name])
        elif name in SENT:
            kind, body = SENT[name]
            self._send(200, body, **{"Content-Type": kind})
        elif name == "/huge":
            self._drip(64 * 1024, 0.0)
        elif name == "/slow":
            self._drip(1, 0.05)
        elif name == "/slow-headers":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            self._dripped(1, 0.05)
        else:
            self._send(404, b"")

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self, size: int, pause: float) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg")
        self.send_header("Connection", "close")
        self.end_headers()
        self._dripped(size, pause)

    def _dripped(self, size: int, pause: float) -> None:
        try:
            while True:
                self.wfile.write(b"x" * size)
                time.sleep(pause)
        except OSError:
            self.close_connection = True  # whoever asked has had enough

    def log_message(self, *_: Any) -> None:
        pass


class Elsewhere:
    """The running server: its port, and the Host and path of each request."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.port = server.server_port
        self.asked: list[tuple[str, str]] = []
        server.asked = self.asked  # type: ignore[attr-defined]  # for the handler


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Elsewhere]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    found = Elsewhere(server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
