"""How a device gets in: whose format it sends, how it proves who it is, and from where it may. No I/O."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address, ip_network
from uuid import UUID

MOST_NETWORKS = 32
MOST_TOPICS = 16
LONGEST_TOPIC = 200


class Way(StrEnum):
    """How a device proves who it is."""

    KEY = "KEY"
    DIGEST = "DIGEST"
    SIGNATURE = "SIGNATURE"

    @property
    def label(self) -> str:
        """The way in words."""
        return {
            "KEY": "A key that it sends with each read",
            "DIGEST": "User name and password, HTTP Digest (RFC 7616)",
            "SIGNATURE": "A signature over each body (HMAC-SHA256)",
        }[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A maker's format as the register knows it: its part of the address and what its devices can do.

    `key_places` are those of `Place` that its devices can put a key in, the better ones first.
    """

    id: str
    maker: str
    ways: tuple[Way, ...]
    key_places: tuple[str, ...]
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WayIn:
    """What is set for one device. `sources` are networks, none for any.

    Pictures are fetched from `picture_hosts` alone, from nowhere without any. `topics` of an MQTT broker feed
    it; of their messages, where given, only those that name its `topic_camera`.
    """

    format: str = ""
    way: Way = Way.KEY
    sources: tuple[str, ...] = ()
    picture_hosts: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    topic_camera: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a device was just given, to be shown once: a key, or a user name and secret."""

    way: Way
    secret: str
    login: str = ""


def secret_context(device_id: UUID) -> str:
    """What a device's wrapped secret is bound to."""
    return f"device secret/{device_id}"


def reach_of(way_in: WayIn) -> str:
    """Hosts and networks of a device's pictures, as a digest: what its log-in is given for."""
    named = "\n".join((*sorted(way_in.picture_hosts), "", *sorted(way_in.sources)))
    return hashlib.sha256(named.encode()).hexdigest()


def login_context(device_id: UUID, reach: str) -> str:
    """What a camera's log-in for pictures is bound to."""
    return f"picture login/{device_id}/{reach}"


def parse_networks(text: str) -> tuple[str, ...]:
    """Addresses and networks (IPv4, IPv6), one a line or apart by commas, in their canonical form.

    Raises ValueError with the entry that is none, or that would let everybody in.
    """
    found = [_network(word) for word in text.replace(",", " ").split()]
    if len(found) > MOST_NETWORKS:
        raise ValueError(f"At most {MOST_NETWORKS} networks are taken; these are {len(found)}.")
    return tuple(dict.fromkeys(found))


def _network(word: str) -> str:
    try:
        network = ip_network(word)
    except ValueError as error:
        if "host bits set" in str(error):
            meant = ip_network(word, strict=False)
            raise ValueError(f"{word} lies within a network: write {meant} for all of it.") from error
        raise ValueError(
            f"“{word[:60]}” is no address or network. Write such as 192.0.2.17 or 2001:db8::/48."
        ) from error
    if not network.prefixlen:
        raise ValueError(f"{word} means everybody. Leave the field empty for that.")
    return str(network)


def parse_topics(text: str) -> tuple[str, ...]:
    """Topic filters of MQTT, one a line. Raises ValueError with the one that is none."""
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if len(found) > MOST_TOPICS:
        raise ValueError(f"At most {MOST_TOPICS} topics are taken; these are {len(found)}.")
    for topic in found:
        _check_topic(topic)
    return tuple(dict.fromkeys(found))


def _check_topic(topic: str) -> None:
    *above, last = topic.split("/")
    if "#" in "".join(above) or ("#" in last and last != "#"):
        raise ValueError(f"“{topic[:60]}”: # stands alone after the last /, as in frigate/#.")
    if any("+" in level and level != "+" for level in (*above, last)):
        raise ValueError(f"“{topic[:60]}”: + stands for a whole level, as in frigate/+/events.")
    if topic in {"#", "+"} or topic.startswith(("#", "+/#", "$")):
        raise ValueError(f"“{topic[:60]}” takes what is everybody's. Name the topic, such as frigate/events.")
    if len(topic) > LONGEST_TOPIC or not topic.isprintable():
        raise ValueError(f"“{topic[:60]}…” is no topic: at most {LONGEST_TOPIC} printable characters.")


def allows(sources: tuple[str, ...], address: str) -> bool:
    """Whether a device may send from this address; an address that is none may not, where any are set."""
    if not sources:
        return True
    try:
        found = ip_address(address)
    except ValueError:
        return False
    known_as = [found, *filter(None, [getattr(found, "ipv4_mapped", None)])]
    return any(one in ip_network(network) for network in sources for one in known_as)


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing to enter in a device: what the maker may call it, and what to enter."""

    name: str
    value: str
    is_secret: bool = False


HIDDEN = "THE-KEY"
"""Stands for a key that is not shown any more."""


def settings_for(form: Format, way: Way, device_id: str, given: Credentials | None) -> list[Setting]:
    """What to enter in the device, the better ways first; placeholders for what is not shown any more."""
    if way is Way.SIGNATURE:
        return [
            Setting("Address", f"/v1/from/{form.id}/{device_id}"),
            Setting(
                "Shared secret", given.secret if given else "shown once, when it was issued", bool(given)
            ),
        ]
    if way is Way.DIGEST:
        return [
            *_addresses(form),
            Setting("User name", given.login if given else "shown once, when it was issued"),
            Setting("Password", given.secret if given else "shown once, when it was issued", bool(given)),
        ]
    return [*_addresses(form), *_of_key(form, given.secret if given else HIDDEN)]


def _addresses(form: Format) -> list[Setting]:
    own = "/v1/reads" if form.id == "native" else f"/v1/from/{form.id}"
    return [Setting("Address", path) for path in (*form.paths, own)]


def _of_key(form: Format, key: str) -> list[Setting]:
    own = "/v1/reads" if form.id == "native" else f"/v1/from/{form.id}"
    said = {
        "BEARER": Setting("Header", f"Authorization: Bearer {key}"),
        "HEADER": Setting("Header", f"X-Api-Key: {key}"),
        "TOKEN": Setting("Header", f"Authorization: Token {key}"),
        "BASIC": Setting("HTTP Basic", f"any user name, password {key}"),
        "QUERY": Setting("Key in the address", f"{own}?key={key}"),
        "PATH": Setting("Key in the address", f"{own}/{key}"),
    }
    return [said[place] for place in form.key_places if place in said]
