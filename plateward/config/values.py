"""What the text of an environment variable means: each function returns the value or raises ValueError."""

import os
import re
import shlex
import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from plateward.outgoing.carriers import MailTls

ROOT_DATA: Final = Path("/var/lib/plateward")
"""The only place for data when running as root; see `check_data_place`."""

_SECRET_MINIMUM: Final = 40  # characters
_PORT_MAXIMUM: Final = 65535
_HOURS_MAXIMUM: Final = 8_760
_RATE_MAXIMUM: Final = 100_000
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"", "0", "false", "no", "off"})


def text(given: str) -> str:
    """The text itself."""
    return given


def port(text: str) -> int:
    """A port's number."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _PORT_MAXIMUM:
        raise ValueError("a port is a number from 1 to 65535")
    return int(text)


def rate(text: str) -> int:
    """Requests a minute."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _RATE_MAXIMUM:
        raise ValueError("a rate is a number of requests a minute, from 1 to 100000")
    return int(text)


def hours(text: str) -> timedelta:
    """A time in whole hours, up to a year."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _HOURS_MAXIMUM:
        raise ValueError("hours are a whole number from 1 to 8760")
    return timedelta(hours=int(text))


def switch(text: str) -> bool:
    """On or off."""
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValueError("a switch is 1 (on) or 0 (off)")


def mqtt_brokers(text: str) -> tuple[Any, ...]:
    """The brokers of the TOML file named."""
    from plateward.ingest.brokers import load  # noqa: PLC0415  given rarely; keeps every start-up cheap

    return load(file(text))


def networks(text: str) -> tuple[str, ...]:
    """Addresses and networks, one after another."""
    from plateward.devices.ways import parse_networks  # noqa: PLC0415  given rarely

    return parse_networks(text)


def mail_tls(text: str) -> MailTls:
    """How the connection to the mail server is encrypted."""
    if text not in set(MailTls):
        raise ValueError("it is starttls, tls, or off (to a mail server on this machine only)")
    return MailTls(text)


def mail_address(text: str) -> str:
    """An address that e-mail comes from."""
    name, _, domain = text.partition("@")
    if not name or not domain or any(letter.isspace() or letter in "<>," for letter in text):
        raise ValueError("it is one address, such as plateward@city.example")
    return text


def hosts(text: str) -> tuple[str, ...]:
    """Names of hosts or domains, one after another."""
    found = tuple(one.strip().lower().removeprefix("@") for one in text.split(","))
    if not all(re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", one) for one in found):
        raise ValueError("it is names such as city.example, with commas between them")
    return found


def fetching(text: str) -> str:
    """From where posted pages may be fetched."""
    if text not in {"off", "public", "private"}:
        raise ValueError("it is off, public (public addresses only) or private (the own network too)")
    return text


def data_place(text: str) -> Path:
    """A folder for data."""
    data = Path(os.path.normpath(Path(text).expanduser()))
    check_data_place(data, as_root=os.geteuid() == 0)
    return data


def file(text: str) -> Path:
    """A file that is there."""
    path = Path(text).expanduser()
    if not path.is_file():
        raise ValueError("there is no such file")
    return path


def folder(text: str) -> Path:
    """A folder that is there."""
    path = Path(text).expanduser()
    if not path.is_dir():
        raise ValueError("there is no such folder")
    return path.resolve()


def login_providers(text: str) -> Mapping[str, Any]:
    """The providers of the TOML file named, by agency's slug."""
    from plateward.accounts.providers import load  # noqa: PLC0415  given rarely; keeps every start-up cheap

    return load(file(text))


def base_url(text: str) -> str:
    """The address under which people reach the pages."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
        raise ValueError("an address is http:// or https:// and a host name, without a path")
    return text.rstrip("/")


def database_url(text: str) -> str:
    """The address of a PostgreSQL database."""
    parts = urlsplit(text)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError("only PostgreSQL is supported, so it must start with postgresql://")
    if not parts.path.strip("/"):
        raise ValueError("the name of the database is missing after the host")
    return text


def secret_key(text: str) -> str:
    """A key for signing what browsers keep."""
    if len(text) < _SECRET_MINIMUM:
        raise ValueError(f"it must have at least {_SECRET_MINIMUM} characters")
    return text


def ledger_key(text: str) -> str:
    """The key that signs the journal's checkpoints."""
    from plateward.ledger.notes import SigningKey  # noqa: PLC0415  given rarely; keeps every start-up cheap

    SigningKey.parse(text)
    return text


def unit_key(text: str) -> str:
    """The key that signs what units are told."""
    from plateward.unitwire.signing import DocumentKey  # noqa: PLC0415  given rarely, as above

    DocumentKey.parse(text)
    return text


def master_key(text: str) -> str:
    """The key, or keys, that wrap data keys."""
    from plateward.vault.masters import parse_masters  # noqa: PLC0415  given rarely, as above

    parse_masters(text)
    return text


def command(text: str) -> tuple[str, ...]:
    """A command with its arguments, which this user may run."""
    words = tuple(shlex.split(text))
    if not words or shutil.which(words[0]) is None:
        raise ValueError("there is no such command that this user may run")
    return words


def s3_endpoint(text: str) -> str:
    """The address of an S3-compatible service."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address is https:// and a host name")
    if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise ValueError("somebody between could say that a picture is stored: use https://")
    return text.rstrip("/")


def witness_key(text: str) -> str:
    """The public key of a witness."""
    from plateward.ledger.notes import COSIGNATURE, VerifierKey  # noqa: PLC0415  given rarely, as above

    if VerifierKey.parse(text).kind != COSIGNATURE:
        raise ValueError("this is the key of a log, not of a witness")
    return text


def witness_url(text: str) -> str:
    """The address of a witness."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address is http:// or https:// and a host name")
    return text.rstrip("/")


def stamping_url(text: str) -> str:
    """The address of a time-stamping authority; who may be asked without encryption is seen when it is."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise ValueError("an address is http:// or https:// and a host name, without a login")
    return text


def certificates(text: str) -> Path:
    """A file with certificates in PEM."""
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415  given rarely

    path = file(text)
    try:
        load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise ValueError(f"it cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ValueError("it holds no certificate in PEM") from error
    return path.resolve()


def check_data_place(data: Path, *, as_root: bool) -> None:
    """Refuse a data folder that would be unsafe; raises ValueError with what to do.

    As root the embedded PostgreSQL runs as the system user `plateward`, which must be able to reach its
    files. Opening the folders above an arbitrary place (a home folder, say) to other users would be a leak,
    so root's data stays below /var/lib/plateward, whose parents are open already.
    """
    if not data.is_absolute():
        raise ValueError("is not an absolute path")
    if as_root and data != ROOT_DATA and ROOT_DATA not in data.parents:
        raise ValueError(
            f"as root, data may lie only below {ROOT_DATA}, because the database runs as a user of its own "
            "and the folders above would have to be opened to it; run as an ordinary user to choose freely"
        )
