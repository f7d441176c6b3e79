"""A server of pictures for tests, with every kind of misbehavior, and a network where it is elsewhere."""

import re
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

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
VIEWER, ACCENTED, PASSWORD = "viewer", "jos\u00e9", 'pass"w\u00f6rd'
REALM, ACCENTS = 'a "quoted" camera', "Cam\u00e9ra \u6444\u50cf\u673a"
LOCKED = {"/digest", "/digest-md5", "/accents", "/charset", "/old", "/stale", "/basic", "/negotiate"}
"""Paths where a log-in is asked for."""
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
        if name in LOCKED:
            self.server.logins.append(self.headers["Authorization"] or "")  # type: ignore[attr-defined]  # the same
            if (challenge := self._challenge(name)) is not None:
                self._send(401, b"", **{"WWW-Authenticate": challenge})
                return
            name = "/scene.jpg"
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

    def _challenge(self, name: str) -> str | None:
        """What to ask for, or None for who has proven to know the password; a nonce counts once."""
        said = self.headers["Authorization"] or ""
        if name == "/basic":
            known = b64encode(f"{VIEWER}:{PASSWORD}".encode()).decode()
            return None if said == f"Basic {known}" else 'Basic realm="camera"'
        if name == "/negotiate":
            return "Negotiate"
        nonces: set[str] = self.server.nonces  # type: ignore[attr-defined]  # set by `serving`
        sent = dict(re.findall(r'(\w+\*?)="?([^",]*)"?', said.removeprefix("Digest ")))
        nonce = sent.get("nonce", "")
        algorithm = {"/digest": "SHA-256", "/stale": "SHA-256"}.get(name, "MD5")
        if nonce in nonces and self._proves(sent, algorithm):
            nonces.discard(nonce)
            if name != "/stale" or nonce != "first":
                return None
        fresh = "first" if not said and name == "/stale" else f"n{len(self.server.logins)}"  # type: ignore[attr-defined]  # the same
        nonces.add(fresh)
        stale = ", stale=true" if said and name == "/stale" else ""
        qop = "" if name == "/old" else ', qop="auth,auth-int"'
        kind = "" if name == "/old" else f", algorithm={algorithm}"
        own = ACCENTS.encode().decode("latin-1") if name in {"/accents", "/charset"} else REALM
        realm = 'realm="{}"'.format(own.replace('"', r"\""))
        qop += ", charset=UTF-8" if name == "/charset" else ""
        return f'Basic realm="c", Digest {realm}, nonce="{fresh}"{qop}{kind}{stale}, opaque="o"'

    def _proves(self, sent: dict[str, str], algorithm: str) -> bool:
        """RFC 7616, section 3.4.1; RFC 2069 where there is no qop."""
        hashing = sha256 if algorithm == "SHA-256" else md5

        def hashed(text: str) -> str:
            return hashing(text.encode()).hexdigest()

        if "username*" in sent:
            username = unquote(sent["username*"].removeprefix("UTF-8''"))
        else:
            username = sent.get("username", "").encode("latin-1").decode()
        realm = ACCENTS if self.path in {"/accents", "/charset"} else REALM
        first = hashed(f"{username}:{realm}:{PASSWORD}")
        second = hashed(f"GET:{self.path}")
        middle = f"{sent['nc']}:{sent['cnonce']}:auth:" if "qop" in sent else ""
        return username in {VIEWER, ACCENTED} and sent.get("response") == hashed(
            f"{first}:{sent['nonce']}:{middle}{second}"
        )

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
    """The running server: its port, and the Host and path of each request, log-ins as sent."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.port = server.server_port
        self.asked: list[tuple[str, str]] = []
        self.logins: list[str] = []
        server.asked, server.logins, server.nonces = self.asked, self.logins, set()  # type: ignore[attr-defined]  # for the handler


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
