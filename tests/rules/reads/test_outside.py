"""Fetching a picture from an address out of a payload: only where the register lets it, only a picture."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from plateward.reads import outside
from plateward.reads.outside import Allowed, UnfetchedError, fetch
from tests.certificates import Authority
from tests.pictures_elsewhere import SCENE, Elsewhere, serving

HOST = "cameras.example"


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with serving() as found:
        yield found


def here(host: str, port: int) -> list[str]:
    """Every name leads to this machine."""
    del host, port
    return ["127.0.0.1"]


def asked(elsewhere: Elsewhere, path: str, networks: tuple[str, ...] = ("127.0.0.0/8",)) -> bytes:
    allowed = Allowed((f"http://{HOST}:{elsewhere.port}",), networks)
    url = f"http://{HOST}:{elsewhere.port}{path}"
    return fetch(url, allowed, resolver=here, seconds=2).data


def test_a_picture_is_fetched_from_the_checked_address_under_its_hosts_name(elsewhere: Elsewhere) -> None:
    assert asked(elsewhere, "/scene.jpg?token=x") == SCENE
    assert elsewhere.asked[-1] == (f"{HOST}:{elsewhere.port}", "/scene.jpg?token=x")
    assert asked(elsewhere, "/moved") == SCENE


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/loopback", "no host allowed for this device"),
        ("/elsewhere", "https://elsewhere.example is no host allowed"),
        ("/circle", "on and on"),
        ("/page", "text/html in place of a picture"),
        ("/disguised", "not a JPEG, PNG or WebP"),
        ("/gone", "answered 404"),
        ("/huge", "more than 1 MB"),
        ("/slow", "too slow"),
        ("/slow-headers", "too slow"),
    ],
)
def test_what_is_no_picture_of_an_allowed_host_is_refused(
    elsewhere: Elsewhere, path: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "LARGEST", 1024 * 1024)
    with pytest.raises(UnfetchedError, match=told):
        asked(elsewhere, path)


def test_inside_a_private_network_only_what_the_device_may_send_from_is_asked(elsewhere: Elsewhere) -> None:
    before = len(elsewhere.asked)
    for networks in ((), ("10.0.0.0/8",)):
        with pytest.raises(UnfetchedError, match="inside a private network"):
            asked(elsewhere, "/scene.jpg", networks)
    assert len(elsewhere.asked) == before


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "10.1.2.3", "::1", "::ffff:127.0.0.1", "0.0.0.0", "fe80::1%eth0"],  # noqa: S104  not bound to
)
def test_no_form_of_a_private_address_gets_by(address: str) -> None:
    allowed = Allowed((f"https://{HOST}",), ())
    with pytest.raises(UnfetchedError, match="inside a private network"):
        fetch(f"https://{HOST}/", allowed, resolver=lambda *_: ["93.184.215.14", address])


def test_a_name_that_changes_its_mind_is_asked_once_and_reached_where_it_was_checked(
    elsewhere: Elsewhere,
) -> None:
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    allowed = Allowed((f"http://{HOST}:{elsewhere.port}",), ("127.0.0.1/32",))
    url = f"http://{HOST}:{elsewhere.port}/scene.jpg"
    assert fetch(url, allowed, resolver=lambda *_: next(answers)).data == SCENE
    with pytest.raises(UnfetchedError, match=r"169\.254\.169\.254, inside a private network"):
        fetch(url, allowed, resolver=lambda *_: next(answers))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://cameras.example/x",
        "file:///etc/passwd",
        "https://me:secret@cameras.example/x",
        "https://other.example/x",
        "http://cameras.example/x",
        "https://cameras.example:8443/x",
        "https:///x",
    ],
)
def test_no_other_scheme_host_or_port_is_asked(url: str) -> None:
    with pytest.raises(UnfetchedError):
        fetch(url, Allowed((f"https://{HOST}",), ()), resolver=here)


def test_a_server_that_cannot_prove_its_name_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*authority.signed(HOST))
    with serving(server) as found:
        named, other = (f"https://{host}:{found.port}" for host in (HOST, "another.example"))
        allowed, url = Allowed((named, other), ("127.0.0.0/8",)), f"{named}/scene.jpg"
        with pytest.raises(UnfetchedError, match="CERTIFICATE_VERIFY_FAILED"):
            fetch(url, allowed, resolver=here)
        monkeypatch.setattr(outside, "_trusted", lambda: ssl.create_default_context(cafile=authority.file))
        assert fetch(url, allowed, resolver=here).data == SCENE
        with pytest.raises(UnfetchedError, match="CERTIFICATE_VERIFY_FAILED"):
            fetch(f"{other}/scene.jpg", allowed, resolver=here)
