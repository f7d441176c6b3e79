"""How a device gets in: networks, hosts, and what its page says to enter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.devices.ways import (
    Credentials,
    Format,
    Way,
    allows,
    parse_networks,
    parse_topics,
    settings_for,
)

HIKVISION = Format(
    id="hikvision", maker="Hikvision", ways=tuple(Way), key_places=("BASIC", "QUERY", "PATH"), paths=()
)


def test_networks_are_kept_in_their_canonical_form_once() -> None:
    typed = "192.0.2.17, 192.0.2.0/24\n2001:DB8:0::/48 192.0.2.17/32"
    assert parse_networks(typed) == ("192.0.2.17/32", "192.0.2.0/24", "2001:db8::/48")
    assert parse_networks("  \n") == ()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("192.0.2.17/24", "write 192.0.2.0/24"),
        ("gate.example.com", "is no address or network"),
        ("0.0.0.0/0", "means everybody"),
        ("::/0", "means everybody"),
        (" ".join(f"192.0.2.{number}" for number in range(33)), "At most 32"),
    ],
)
def test_what_is_no_network_is_refused_with_what_to_write(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_networks(typed)


def test_topics_are_kept_once_as_typed() -> None:
    assert parse_topics("frigate/events\n\n frigate/+/lpr \nfrigate/events\nbarstow/#") == (
        "frigate/events",
        "frigate/+/lpr",
        "barstow/#",
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("#", "everybody's"),
        ("+", "everybody's"),
        ("$SYS/#", "everybody's"),
        ("frigate/#/events", "stands alone after the last /"),
        ("frigate/lpr#", "stands alone after the last /"),
        ("frigate/a+/events", "a whole level"),
        ("x" * 201, "at most 200"),
        ("a\tb", "printable"),
        ("\n".join(f"camera/{number}" for number in range(17)), "At most 16"),
    ],
)
def test_what_is_no_topic_is_refused_with_what_to_write(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_topics(typed)


@pytest.mark.parametrize(
    ("sources", "address", "allowed"),
    [
        ((), "203.0.113.9", True),
        (("192.0.2.0/24",), "192.0.2.255", True),
        (("192.0.2.0/24",), "192.0.3.0", False),
        (("192.0.2.0/24",), "::ffff:192.0.2.7", True),
        (("2001:db8::/48",), "2001:db8:0:1::7", True),
        (("2001:db8::/48",), "192.0.2.7", False),
        (("192.0.2.0/24",), "", False),
        (("192.0.2.0/24",), "testclient", False),
    ],
)
def test_only_the_networks_that_are_set_may_send(
    sources: tuple[str, ...],
    address: str,
    allowed: object,
) -> None:
    assert allows(sources, address) is allowed


@given(st.ip_addresses(), st.ip_addresses(v=4))
def test_an_address_alone_lets_in_itself_and_no_other(one: object, other: object) -> None:
    sources = parse_networks(str(one))
    assert allows(sources, str(one))
    assert allows(sources, str(other)) is (one == other)


def test_the_page_says_what_to_enter_for_each_way() -> None:
    key = Credentials(way=Way.KEY, secret="pwd_1")
    told = {(one.name, one.value) for one in settings_for(HIKVISION, Way.KEY, "7", key)}
    assert ("Key in the address", "/v1/from/hikvision/pwd_1") in told
    assert ("HTTP Basic", "any user name, password pwd_1") in told
    digest = Credentials(way=Way.DIGEST, login="cam-1", secret="s3cret")
    told = {(one.name, one.value) for one in settings_for(HIKVISION, Way.DIGEST, "7", digest)}
    assert told == {("Address", "/v1/from/hikvision"), ("User name", "cam-1"), ("Password", "s3cret")}
    again = settings_for(HIKVISION, Way.SIGNATURE, "7", None)
    assert [one.value for one in again] == ["/v1/from/hikvision/7", "shown once, when it was issued"]
