"""HTTP Digest and signatures: the standard's own examples, and everything that must prove nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.ingest import digest
from plateward.ingest.digest import LIFE_S, REALM, Answer, Nonces, Standing, is_proven, parse, response_for
from plateward.ingest.signatures import TOLERANCE, problem_of, signed

RFC = Answer(
    username="Mufasa",
    nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    uri="/dir/index.html",
    response="",
    count="00000001",
    cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    algorithm="MD5",
)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_responses_are_those_of_rfc_7616(algorithm: str, response: str) -> None:
    answer = replace(RFC, algorithm=algorithm)
    assert response_for(answer, "Circle of Life", "GET", "http-auth@example.org") == response


def header(answer: Answer, **changes: str) -> str:
    said = {
        "username": answer.username,
        "realm": REALM,
        "nonce": answer.nonce,
        "uri": answer.uri,
        "response": response_for(answer, "secret", "POST"),
        "qop": "auth",
        "nc": answer.count,
        "cnonce": answer.cnonce,
        "algorithm": answer.algorithm,
    } | changes
    return ", ".join(f'{name}="{value}"' for name, value in said.items() if value)


def test_a_right_answer_proves_the_password_for_this_request_alone() -> None:
    answer = parse(header(RFC))
    assert answer is not None
    assert is_proven(answer, "secret", "POST", RFC.uri)
    assert is_proven(replace(answer, uri="/dir/index.html"), "secret", "POST", RFC.uri)
    assert not is_proven(answer, "Secret", "POST", RFC.uri)
    assert not is_proven(answer, "secret", "GET", RFC.uri)
    assert not is_proven(answer, "secret", "POST", "/dir/other.html")


@pytest.mark.parametrize(
    "changes",
    [
        {"realm": "elsewhere"},
        {"qop": "auth-int"},
        {"qop": ""},
        {"nc": "1"},
        {"nc": "0000000g"},
        {"cnonce": ""},
        {"algorithm": "SHA-512"},
        {"algorithm": "MD5-sess"},
        {"username": ""},
        {"response": ""},
    ],
)
def test_an_answer_that_is_not_as_asked_is_none(changes: dict[str, str]) -> None:
    assert parse(header(RFC, **changes)) is None


def test_parameters_given_twice_or_broken_are_none() -> None:
    assert parse(header(RFC) + ', username="other"') is None
    assert parse(header(RFC) + ", x") is None
    assert parse('username="Mufasa') is None


@given(st.text(max_size=200))
def test_whatever_is_sent_parsing_ends_without_a_crash(text: str) -> None:
    assert parse(text) is None or REALM in text


def test_a_nonce_is_good_once_for_each_count_until_it_is_old() -> None:
    nonces = Nonces()
    nonce = nonces.fresh(1000.0)
    assert nonces.standing(nonce, "00000001", 1001.0) is Standing.GOOD
    assert nonces.standing(nonce, "00000001", 1002.0) is Standing.STALE
    assert nonces.standing(nonce, "00000002", 1003.0) is Standing.GOOD
    assert nonces.standing(nonce, "00000003", 1000.0 + LIFE_S + 1) is Standing.STALE


def test_a_nonce_of_another_process_or_made_up_is_stale() -> None:
    nonces, nonce = Nonces(), Nonces().fresh(1000.0)
    ours = nonces.fresh(1000.0)
    for said in (nonce, "00", "zz", ours[:-1] + ("1" if ours[-1] == "0" else "0"), ""):
        assert nonces.standing(said, "00000001", 1001.0) is Standing.STALE


def test_the_better_algorithm_is_offered_first() -> None:
    first, second = Nonces().challenges(digest.now())
    assert "algorithm=SHA-256" in first
    assert "algorithm=MD5" in second


def test_a_signature_holds_for_its_body_secret_and_time() -> None:
    at = str(int(NOW.timestamp()))
    header = f"{at}|{signed(b'body', at, 'secret')}"
    assert not problem_of(header, b"body", "secret", NOW)
    assert not problem_of(header, b"body", "secret", NOW + TOLERANCE)
    assert "another body" in problem_of(header, b"body2", "secret", NOW)
    assert "another secret" in problem_of(header, b"body", "Secret", NOW)
    assert "five minutes" in problem_of(header, b"body", "secret", NOW + TOLERANCE + timedelta(seconds=1))
    assert "five minutes" in problem_of(header, b"body", "secret", NOW - TOLERANCE - timedelta(seconds=1))
    for broken in ("", "|", at, f"{at}|00", f"-{header}", f"{at}9|{header.partition('|')[2]}"):
        assert problem_of(broken, b"body", "secret", NOW)
