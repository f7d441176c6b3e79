import base64

import pytest

from plateward.ingest.keys import key_sent
from plateward.reads.adapters import KeyPlace

EVERYWHERE = frozenset(KeyPlace)


def basic(text: str) -> dict[str, str]:
    return {"authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"authorization": "Bearer pwd_1"}, {}),
        ({"authorization": "Token pwd_1"}, {}),
        ({"x-api-key": " pwd_1 "}, {}),
        (basic("camera:pwd_1"), {}),
        ({}, {"key": "pwd_1"}),
    ],
)
def test_a_key_is_found_wherever_the_maker_puts_it(headers: dict[str, str], query: dict[str, str]) -> None:
    assert key_sent(headers, query, EVERYWHERE) == "pwd_1"
    assert key_sent(headers, query, frozenset()) == ""


@pytest.mark.parametrize(
    "value", ["Basic", "Basic !!!", "Basic " + base64.b64encode(b"nocolon").decode(), "Digest x"]
)
def test_malformed_credentials_are_no_key(value: str) -> None:
    assert key_sent({"authorization": value}, {}, EVERYWHERE) == ""


def test_the_native_address_takes_no_key_from_the_address_line() -> None:
    assert key_sent({}, {"key": "pwd_1"}, frozenset({KeyPlace.BEARER})) == ""
