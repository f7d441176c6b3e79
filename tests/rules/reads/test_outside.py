"""Fetching a picture from an address out of a payload: only where the register lets it, only a picture."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from plateward.documents import addresses
from plateward.documents.logins import Login
from plateward.reads import outside
from plateward.reads.outside import Allowed, LoginRefusedError, UnfetchedError, fetch
from tests.certificates import Authority
from tests.pictures_elsewhere import ACCENTED, ADDRESS, PASSWORD, SCENE, VIEWER, Elsewhere, Network, serving

HOST = "cameras.example"


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with serving() as found:
        yield found


def here(host: str, port: int) -> list[str]:
    """Every name leads to the server."""
    del host, port
    return [ADDRESS]


def asked(elsewhere: Elsewhere, path: str, networks: tuple[str, ...] = ("10.9.0.0/16",)) -> bytes:
    allowed = Allowed((f"http://{HOST}:{elsewhere.port}",), networks)
    url = f"http://{HOST}:{elsewhere.port}{path}"
    return fetch(url, allowed, resolver=here, backend=Network(), seconds=2).data


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
    for networks in ((), ("192.168.0.0/16",)):
        with pytest.raises(UnfetchedError, match="inside a private network"):
            asked(elsewhere, "/scene.jpg", networks)
    assert len(elsewhere.asked) == before


def logged_in(
    elsewhere: Elsewhere,
    path: str,
    password: str = PASSWORD,
    networks: tuple[str, ...] = ("10.9.0.0/16",),
    username: str = VIEWER,
) -> bytes:
    allowed = Allowed((f"http://{HOST}:{elsewhere.port}",), networks, Login(username, password))
    url = f"http://{HOST}:{elsewhere.port}{path}"
    return fetch(url, allowed, resolver=here, backend=Network(), seconds=2).data


@pytest.mark.parametrize("path", ["/digest?size=1", "/digest-md5", "/old", "/stale", "/scene.jpg"])
def test_a_camera_that_asks_for_a_log_in_is_answered_by_digest(elsewhere: Elsewhere, path: str) -> None:
    assert logged_in(elsewhere, path) == SCENE
    assert not any(PASSWORD in sent or sent.startswith("Basic") for sent in elsewhere.logins)


@pytest.mark.parametrize("path", ["/accents", "/charset"])
@pytest.mark.parametrize("username", [VIEWER, ACCENTED])
def test_a_cameras_name_and_a_user_name_may_be_written_in_any_letters(
    elsewhere: Elsewhere, path: str, username: str
) -> None:
    """The realm goes back in the bytes it came in; the name as RFC 7616 says where the camera knows that."""
    assert logged_in(elsewhere, path, username=username) == SCENE
    assert ("username*" in elsewhere.logins[-1]) is (path == "/charset" and username == ACCENTED)


def test_an_address_with_other_letters_is_asked_as_browsers_ask(elsewhere: Elsewhere) -> None:
    assert asked(elsewhere, "/scene.jpg?place=Cam\u00e9ra%201") == SCENE
    assert elsewhere.asked[-1][1] == "/scene.jpg?place=Cam%C3%A9ra%201"
    with pytest.raises(UnfetchedError, match="cannot be understood"):
        asked(elsewhere, "/\ud800.jpg")


def test_a_wrong_log_in_is_sent_once_and_named(elsewhere: Elsewhere) -> None:
    before = len(elsewhere.logins)
    with pytest.raises(
        LoginRefusedError, match="refused the user name and password set on the device's page"
    ):
        logged_in(elsewhere, "/digest", "wrong")
    assert len(elsewhere.logins) == before + 2


def test_without_a_log_in_the_read_says_who_can_set_one(elsewhere: Elsewhere) -> None:
    with pytest.raises(UnfetchedError, match="the IT manager can set them on the device's page"):
        asked(elsewhere, "/digest")


@pytest.mark.parametrize(
    ("path", "told"), [("/basic", r"in clear \(Basic\) without TLS"), ("/negotiate", "not known")]
)
def test_a_password_never_goes_in_clear_or_by_what_is_not_known(
    elsewhere: Elsewhere, path: str, told: str
) -> None:
    before = len(elsewhere.logins)
    with pytest.raises(UnfetchedError, match=told):
        logged_in(elsewhere, path)
    assert elsewhere.logins[before:] == [""]


@pytest.mark.parametrize("networks", [(), ("192.168.0.0/16",)])
def test_a_log_in_goes_to_the_device_s_own_networks_alone(
    elsewhere: Elsewhere, networks: tuple[str, ...]
) -> None:
    before = len(elsewhere.asked)
    with pytest.raises(UnfetchedError, match="outside of the networks to which this device's log-in may go"):
        logged_in(elsewhere, "/digest", networks=networks)
    assert len(elsewhere.asked) == before


def refusal_of(address: str, networks: tuple[str, ...]) -> str:
    """Why a name that leads there too is not asked."""
    network = Network()
    with pytest.raises(UnfetchedError) as refused:
        fetch(
            f"https://{HOST}/",
            Allowed((f"https://{HOST}",), networks),
            resolver=lambda *_: ["93.184.215.14", address],
            backend=network,
        )
    assert network.reached == []
    return str(refused.value)


@pytest.mark.parametrize(
    "address", ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203", "2002:a01:203::1", "::10.1.2.3", "fd00::1"]
)
def test_no_form_of_a_private_address_gets_by(address: str) -> None:
    assert "inside a private network" in refusal_of(address, ())


@pytest.mark.parametrize("networks", [(), ("0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"), ("127.0.0.0/8",)])
@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "::7f00:1"),
        *("169.254.169.254", "fe80::1%eth0", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "0.0.0.0", "::"),  # noqa: S104  not bound to
    ],
)
def test_this_machine_and_its_link_are_never_asked_however_wide_the_networks(
    address: str, networks: tuple[str, ...]
) -> None:
    assert "this machine or its link, which is never asked" in refusal_of(address, networks)


def test_a_name_server_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = Event()
    monkeypatch.setattr(addresses, "RESOLVED_WITHIN", 0.01)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(60) and [])
    try:
        with pytest.raises(UnfetchedError, match=f"too slow to say where {HOST} is"):
            fetch(f"https://{HOST}/", Allowed((f"https://{HOST}",), ()))
    finally:
        answered.set()


def test_a_name_that_changes_its_mind_is_asked_once_and_reached_where_it_was_checked(
    elsewhere: Elsewhere,
) -> None:
    answers, network = iter([[ADDRESS], ["169.254.169.254"]]), Network()
    allowed = Allowed((f"http://{HOST}:{elsewhere.port}",), (f"{ADDRESS}/32",))
    url = f"http://{HOST}:{elsewhere.port}/scene.jpg"
    assert fetch(url, allowed, resolver=lambda *_: next(answers), backend=network).data == SCENE
    with pytest.raises(UnfetchedError, match=r"169\.254\.169\.254, this machine or its link"):
        fetch(url, allowed, resolver=lambda *_: next(answers), backend=network)
    assert network.reached == [ADDRESS]


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
        allowed, url = Allowed((named, other), (f"{ADDRESS}/32",)), f"{named}/scene.jpg"
        with pytest.raises(UnfetchedError, match="CERTIFICATE_VERIFY_FAILED"):
            fetch(url, allowed, resolver=here, backend=Network())
        monkeypatch.setattr(outside, "_trusted", lambda: ssl.create_default_context(cafile=authority.file))
        assert fetch(url, allowed, resolver=here, backend=Network()).data == SCENE
        with pytest.raises(UnfetchedError, match="CERTIFICATE_VERIFY_FAILED"):
            fetch(f"{other}/scene.jpg", allowed, resolver=here, backend=Network())
