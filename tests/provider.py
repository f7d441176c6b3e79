"""A small OpenID Connect provider on loopback: discovery, keys, a page to sign in at, and signed tokens.

It keeps to the protocol (exact redirect address, client's secret, PKCE, a code once) and can be told to lie.
"""

import base64
import hashlib
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID, CLIENT_SECRET = "plateward", "kept between provider and system"
NAME = "City of Barstow account"


@dataclass
class Provider:
    """The running provider. `lies` replace claims (None: left out), `alg` signs, `amr` it vouches for."""

    issuer: str
    key: RSAKey | ECKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}))
    first: RSAKey | ECKey = field(init=False)
    alg: str = "RS256"
    amr: list[str] = field(default_factory=lambda: ["pwd"])
    lies: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    is_down: bool = False

    def __post_init__(self) -> None:
        self.first = self.key

    def honest(self) -> None:
        """As it was at first, with the same key: a running system keeps those that it was given."""
        self.__init__(self.issuer, self.first)  # type: ignore[misc]  # the same object, which the server holds

    def settings(self, folder: Path, **lines: str) -> Path:
        """The installation's file, with Barstow's people here; `lines` are further ones, as in the file."""
        (folder / "secret").write_text(f"{CLIENT_SECRET}\n", encoding="utf-8")
        told = {
            "name": f'"{NAME}"',
            "issuer": f'"{self.issuer}"',
            "client_id": f'"{CLIENT_ID}"',
            "client_secret_file": '"secret"',
            **lines,
        }
        path = folder / "providers.toml"
        rows = "\n".join(f"{name} = {value}" for name, value in told.items())
        path.write_text(f"[barstow-pd]\n{rows}\n", encoding="utf-8")
        return path

    def signed_in(self, address: str, subject: str) -> str:
        """Sign in at the page that a browser was sent to; the address that it is sent back to."""
        assert httpx.get(address).status_code == 200
        asked = {**dict(parse_qsl(urlsplit(address).query)), "subject": subject}
        return httpx.get(f"{self.issuer}/signed-in", params=asked).headers["Location"]

    def token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": asked["client_id"],
            "sub": asked["subject"],
            "preferred_username": f"{asked['subject']}@city.example",
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "amr": self.amr,
        } | self.lies
        kept = {name: value for name, value in claims.items() if value is not None}
        if self.alg == "none":
            return ".".join([unsigned({"alg": "none"}), unsigned(kept), ""])
        return jwt.encode({"alg": self.alg, "kid": self.key.kid}, kept, self.key, algorithms=[self.alg])

    def app(self) -> Starlette:
        """Its pages."""
        pages = {
            "/.well-known/openid-configuration": self._about,
            "/keys": self._keys,
            "/authorize": self._page,
            "/signed-in": self._signed_in,
            "/token": self._redeem,
        }
        return Starlette(routes=[Route(path, page, methods=["GET", "POST"]) for path, page in pages.items()])

    async def _about(self, request: Request) -> Response:
        self.calls.append(request.url.path)
        if self.is_down:
            return Response(status_code=503)
        names = {"authorization": "authorize", "token": "token"}
        about = {f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in names.items()}
        return JSONResponse({"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **about})

    async def _keys(self, request: Request) -> Response:
        self.calls.append(request.url.path)
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _page(self, request: Request) -> Response:
        hidden = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in request.query_params.items()
        )
        return HTMLResponse(
            f"<!doctype html><html lang=en><title>{NAME}</title><h1>{NAME}</h1>"
            f"<form action='/signed-in'>{hidden}<label>Name <input name='subject'></label>"
            "<button>Sign in</button></form>"
        )

    async def _signed_in(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert (asked["prompt"], asked["max_age"]) == ("login", "0")
        code = secrets.token_urlsafe(16)
        self.asked[code] = asked
        answer = urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        return RedirectResponse(f"{asked['redirect_uri']}?{answer}", status_code=302)

    async def _redeem(self, request: Request) -> Response:
        if self.is_down:
            return Response(status_code=503)
        form = {name: str(value) for name, value in (await request.form()).items()}
        pair = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
        asked = self.asked.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        proved = asked is not None and unpadded(digest) == asked["code_challenge"]
        if not proved or pair != f"{CLIENT_ID}:{CLIENT_SECRET.replace(' ', '+')}":
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        assert asked is not None
        assert asked["redirect_uri"] == form["redirect_uri"]
        return JSONResponse({"id_token": self.token(asked), "access_token": "x", "token_type": "Bearer"})


def unpadded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(part: dict[str, Any]) -> str:

    return unpadded(json.dumps(part).encode())


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Run a provider on a free port of this machine until the block ends."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        provider = Provider(f"http://127.0.0.1:{listening.getsockname()[1]}")
        server = uvicorn.Server(uvicorn.Config(provider.app(), log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield provider
        server.should_exit = True
        thread.join(timeout=10)
