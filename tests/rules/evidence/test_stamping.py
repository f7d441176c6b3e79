"""Asking for a time stamp (RFC 3161): kept only where it was verified, and whatever goes wrong is told."""

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from plateward.evidence.stamping import LONGEST, Authority, stamped
from tests.stamps import StampingCa, StampingServer, openssl, stamping_server

CONTENT = b"0" * 64 + b"  bagit.txt\n"


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> StampingCa:
    return StampingCa(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def server(ca: StampingCa) -> Iterator[StampingServer]:
    with stamping_server(ca.answer) as made:
        yield made


def test_a_right_answer_is_kept_with_who_and_when_and_openssl_accepts_it(
    ca: StampingCa, server: StampingServer, tmp_path: Path
) -> None:
    made = stamped(CONTENT, Authority(server.url, ca.ca))

    assert made.failure == ""
    assert made.by == "CN=Stamping Authority,O=County"
    assert made.at is not None
    data, token = tmp_path / "list", tmp_path / "list.tsr"
    data.write_bytes(CONTENT)
    token.write_bytes(made.answer)
    openssl("ts", "-verify", "-in", token, "-data", data, "-CAfile", ca.ca)
    assert made.at.strftime("%H:%M:%S %Y") in openssl("ts", "-reply", "-in", token, "-text").decode()
    stamped(CONTENT, Authority(server.url, ca.ca))
    assert len(set(server.asked)) == 2, "each request has a nonce of its own"


def test_an_answer_to_another_request_or_over_other_data_is_not_kept(
    ca: StampingCa, server: StampingServer
) -> None:
    authority = Authority(server.url, ca.ca)
    earlier = stamped(CONTENT, authority).answer
    server.answer = lambda _: earlier
    assert "Nonce mismatch" in stamped(CONTENT, authority).failure

    right, other = (hashlib.sha256(one).digest() for one in (CONTENT, b"other"))
    server.answer = lambda request: ca.answer(request.replace(right, other))
    made = stamped(CONTENT, authority)
    assert (made.answer, made.at, made.by) == (b"", None, "")
    assert "Mismatch between messages" in made.failure


def test_only_the_named_ca_counts_and_only_a_certificate_for_time_stamping(
    ca: StampingCa, server: StampingServer, tmp_path: Path
) -> None:
    foreign = StampingCa(tmp_path / "foreign")
    said = stamped(CONTENT, Authority(server.url, foreign.ca)).failure
    assert said.startswith(
        "the answer cannot be relied on: its certificate is not one to trust here (self-signed"
    )

    ca.certified("mail", "/CN=Mail", "extendedKeyUsage=critical,emailProtection")
    server.answer = lambda request: ca.signed_otherwise(request, "mail")
    assert "(unsuitable certificate purpose)" in stamped(CONTENT, Authority(server.url, ca.ca)).failure
    server.answer = lambda request: ca.signed_otherwise(request, "tsa")
    assert stamped(CONTENT, Authority(server.url, ca.ca)).failure == "", "the purpose alone made it wrong"


def test_a_changed_signature_is_not_kept(ca: StampingCa, server: StampingServer) -> None:
    def changed(request: bytes) -> bytes:
        right = ca.answer(request)
        return right[:-1] + bytes([right[-1] ^ 1])

    server.answer = changed
    assert "cannot be relied on" in stamped(CONTENT, Authority(server.url, ca.ca)).failure


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (500, "127.0.0.1 answered with status 500"),
        (302, "127.0.0.1 answered with status 302"),
        (b"", "the answer is no time stamp"),
        (b"<html>Welcome</html>", "the answer is no time stamp"),
        (b"\x30\x03\x02\x01\x00", "the answer is no time stamp"),
        (b"\x30" * (LONGEST + 1), "the answer is no time stamp: it is far too long"),
        (bytes.fromhex("3007300502010203000000"), "the answer is no time stamp"),
        (bytes.fromhex("30053003020102"), "the authority refused (status 2): without a word"),
    ],
)
def test_whatever_else_it_answers_is_told(
    ca: StampingCa, server: StampingServer, answer: bytes | int, told: str
) -> None:
    server.answer = lambda _: answer
    assert stamped(CONTENT, Authority(server.url, ca.ca)).failure.startswith(told)


def test_an_authority_that_is_slow_or_not_there_is_told_within_its_time(
    ca: StampingCa, server: StampingServer
) -> None:
    release = threading.Event()
    server.answer = lambda _: 200 if release.wait(20) else 500
    try:
        said = stamped(CONTENT, Authority(server.url, ca.ca, seconds=0.2)).failure
    finally:
        release.set()
    assert said == "127.0.0.1 was too slow: 0.2 seconds were over"
    nobody = Authority("http://127.0.0.1:9/tsr", ca.ca)
    assert stamped(CONTENT, nobody).failure.startswith("127.0.0.1 did not answer")


def test_a_ca_file_that_is_gone_is_told(ca: StampingCa, server: StampingServer) -> None:
    gone = Authority(server.url, ca.ca.with_name("gone.pem"))
    assert "gone.pem cannot be read: No such file" in stamped(CONTENT, gone).failure
    assert server.asked == []


@pytest.mark.parametrize(
    ("url", "networks", "told"),
    [
        ("http://169.254.169.254/tsr", (), "this machine or its link, which is not asked"),
        ("https://127.0.0.2/tsr", (), "this machine or its link, which is not asked"),
        ("https://10.1.2.3/tsr", ("10.2.0.0/16",), "PLATEWARD_SEND_NETWORKS does not name"),
        ("http://93.184.216.34/tsr", (), "is a public address, and that takes https://"),
    ],
)
def test_who_is_not_to_be_asked_is_not(
    ca: StampingCa, url: str, networks: tuple[str, ...], told: str
) -> None:
    assert told in stamped(CONTENT, Authority(url, ca.ca, networks)).failure
