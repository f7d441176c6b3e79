"""MQTT brokers and whose messages on them are which device's, as the installation's TOML file states them.

`docs/howto/cameras/mqtt.md` explains each line.
"""

import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from uuid import UUID

import msgspec

from plateward.ingest.topics import is_filter, meet
from plateward.reads.adapters import ADAPTERS

_PLAIN_PORT, _TLS_PORT = 1883, 8883
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Messages that come from one device of the register; `camera` narrows them by the payload's own word."""

    device: UUID
    topics: tuple[str, ...]
    format: str
    camera: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyTopics:
    """Topics of a broker from which people of an agency may feed its devices, as set in the register."""

    id: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """A broker, how to reach it, what is taken from it, and what agencies may take by their registers."""

    host: str
    port: int
    tls: bool
    client_id: str
    sources: tuple[Source, ...]
    agencies: tuple[AgencyTopics, ...] = ()
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def named(self) -> str:
        """Which server it is: two tables may lead to one, as different clients."""
        return f"{self.host.lower()}:{self.port}"


class _Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    device: UUID
    topics: list[str]
    format: str
    camera: str = ""


class _Agency(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    id: str
    topics: list[str]


class _Broker(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    host: str
    source: list[_Source] = []
    agency: list[_Agency] = []
    port: int | None = None
    tls: bool = True
    ca_file: str = ""
    certificate_file: str = ""
    key_file: str = ""
    username: str = ""
    password_file: str = ""
    client_id: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    broker: list[_Broker]


def load(path: Path) -> tuple[Broker, ...]:
    """The brokers; raises ValueError saying what is wrong, never with a password in it."""
    try:
        tables = msgspec.toml.decode(path.read_bytes(), type=_File).broker
        found = tuple(_broker(table, path.parent) for table in tables)
    except OSError as error:
        raise ValueError(f"{error.filename} cannot be read ({error.strerror})") from error
    except msgspec.DecodeError as error:
        raise ValueError(f"{path.name}: {error}") from error
    if not found:
        raise ValueError("it names no [[broker]]")
    refuse_shared_topics(found, {})
    return found


def refuse_shared_topics(brokers: Sequence[Broker], agencies: Mapping[UUID, str]) -> None:
    """Raise ValueError where what one agency may take meets what another takes at the same broker.

    An agency's people would have the other's reads: whom the broker lets publish decides whose a read is.
    `agencies` says whose each source's device is, as far as that is known.
    """
    for one, other in combinations(_claims(brokers, agencies), 2):
        may_set = one.may_set or other.may_set
        if (
            may_set
            and one.broker == other.broker
            and one.agency != other.agency
            and meet(one.topic, other.topic)
        ):
            raise ValueError(
                f"At {one.broker} {one.what} and {other.what} meet: messages of one agency could become the "
                "other's reads. Have each agency's cameras publish under topics of its own, such as "
                f"{one.agency}/#, and name those; or leave out the [[broker.agency]] and name each device in "
                "a [[broker.source]] with its camera."
            )


@dataclass(frozen=True, slots=True)
class _Claim:
    """A topic that an agency takes, or that its people may set."""

    broker: str
    agency: str
    topic: str
    may_set: bool

    @property
    def what(self) -> str:
        verb = "may set" if self.may_set else "takes by a [[broker.source]]"
        return f"“{self.topic}”, which {self.agency} {verb},"


def _claims(brokers: Sequence[Broker], agencies: Mapping[UUID, str]) -> Iterator[_Claim]:
    for broker in brokers:
        for one in broker.agencies:
            yield from (_Claim(broker.named, one.id, topic, may_set=True) for topic in one.topics)
        for source in broker.sources:
            if agency := agencies.get(source.device):
                yield from (_Claim(broker.named, agency, topic, may_set=False) for topic in source.topics)


def _broker(table: _Broker, folder: Path) -> Broker:
    if problem := _problem(table):
        raise ValueError(f"[[broker]] {table.host}: {problem}")
    password = (
        (folder / table.password_file).read_text(encoding="utf-8").strip() if table.password_file else ""
    )
    return Broker(
        host=table.host,
        port=table.port or (_TLS_PORT if table.tls else _PLAIN_PORT),
        tls=table.tls,
        ca_file=folder / table.ca_file if table.ca_file else None,
        certificate_file=folder / table.certificate_file if table.certificate_file else None,
        key_file=folder / table.key_file if table.key_file else None,
        username=table.username,
        password=password,
        client_id=table.client_id or f"plateward-{socket.gethostname()}"[:60],
        sources=tuple(
            Source(device=one.device, topics=tuple(one.topics), format=one.format, camera=one.camera)
            for one in table.source
        ),
        agencies=tuple(AgencyTopics(id=one.id, topics=tuple(one.topics)) for one in table.agency),
    )


def _problem(table: _Broker) -> str:
    if not table.host.strip() or not (table.source or table.agency):
        return "give its host, and a [[broker.agency]] with its topics or a [[broker.source]] for each device"
    return _problem_of_proofs(table) or _problem_of_topics(table)


def _problem_of_topics(table: _Broker) -> str:
    for source in table.source:
        if source.format not in ADAPTERS:
            return f"format {source.format!r} is none of {', '.join(sorted(ADAPTERS))}"
        if not source.topics:
            return f"device {source.device}: name at least one topic"
    for agency in table.agency:
        if not agency.id or not agency.topics:
            return f"agency {agency.id!r}: name at least one topic that it may take"
    named = [*(one.topics for one in table.source), *(one.topics for one in table.agency)]
    if wrong := [topic for topics in named for topic in topics if not is_filter(topic)]:
        return f"{wrong[0]!r} is no topic: # stands alone after the last /, + for a whole level"
    return ""


def _problem_of_proofs(table: _Broker) -> str:
    if table.password_file and not table.tls and table.host not in _LOOPBACK:
        return "the password would go over the network in clear: set tls = true"
    if bool(table.username) != bool(table.password_file):
        return "username and password_file belong together"
    if bool(table.certificate_file) != bool(table.key_file):
        return "certificate_file and key_file belong together"
    if table.certificate_file and not table.tls:
        return "a certificate is shown only with TLS: set tls = true"
    return ""
