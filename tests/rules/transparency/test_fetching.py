"""The worker fetches what is posted and can be led nowhere else."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from plateward.transparency import fetching
from plateward.transparency.fetching import FetchError, fetch
from plateward.transparency.posted_text import MAX_BYTES, UnreadableError, text_of


class Town(BaseHTTPRequestHandler):
    """A town's website with a policy, a redirect, a loop and a page that never ends."""

    def do_GET(self) -> None:
        if self.path == "/moved":
            self._send(302, b"", ("Location", "/policy"))
        elif self.path == "/loop":
            self._send(302, b"", ("Location", "/loop"))
        elif self.path == "/inward":
            self._send(302, b"", ("Location", "http://10.0.0.7/secret"))
        elif self.path == "/huge":
            self._send(200, b"x" * (MAX_BYTES + 1))
        else:
            self._send(200 if self.path == "/policy" else 404, b"<html><p>The policy</p></html>")

    def _send(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        """Quietly."""


@pytest.fixture(scope="module")
def town() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Town)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_page_is_fetched_also_where_it_moved(town: str) -> None:
    fetched = fetch(f"{town}/moved", allow_private=True)
    assert fetched.url == f"{town}/policy"
    assert text_of(fetched.body).strip() == "The policy"


@pytest.mark.parametrize(
    ("path", "says"), [("/gone", "answered 404"), ("/loop", "sends on and on"), ("/huge", "more than 5 MB")]
)
def test_what_is_gone_endless_or_huge_is_refused(town: str, path: str, says: str) -> None:
    with pytest.raises(FetchError, match=says):
        fetch(town + path, allow_private=True)


def resolves_to(*addresses: str) -> Callable[[str, int], list[str]]:
    return lambda _host, _port: list(addresses)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "100.64.0.1",
    ],
)
def test_a_name_that_leads_into_a_private_network_is_not_asked(address: str) -> None:
    with pytest.raises(FetchError, match="private network"):
        fetch("http://city.example/policy", allow_private=False, resolver=resolves_to(address))


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(FetchError, match="private network"):
        fetch("https://city.example/", allow_private=False, resolver=resolves_to("93.184.216.34", "10.0.0.1"))


def test_a_redirect_is_checked_like_the_address_itself(town: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "is_public", lambda address: address == "127.0.0.1")
    with pytest.raises(FetchError, match=r"10\.0\.0\.7, inside a private network"):
        fetch(f"{town}/inward", allow_private=False)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://city.example/", "http:///x", "https://a:b@city.example/"]
)
def test_only_plain_web_addresses_are_asked(url: str) -> None:
    with pytest.raises(FetchError):
        fetch(url, allow_private=True)


def test_scripts_are_not_text_and_a_scan_or_a_program_is_refused() -> None:
    assert text_of(b"<html><script>var a=1</script><p>Kept</p></html>").split() == ["Kept"]
    for body in (b"\x00\x01\xff\xfe binary", b"%PDF-1.7 broken", b"   "):
        with pytest.raises(UnreadableError, match="Paste its text"):
            text_of(body)
