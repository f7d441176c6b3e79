"""Everything Plateward takes from environment variables, typed, checked and explained.

A wrong or misspelt variable stops the start with one message that lists every problem, each with
the variable's name, the value found and an example that works. Nothing here imports Django.
"""

import getpass
import os
import secrets
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from plateward.config import values
from plateward.config.values import ROOT_DATA
from plateward.config.variables import EnvironmentProblem, Reader
from plateward.outgoing.carriers import PUSH_SERVICES, MailServer, MailTls
from plateward.vault.buckets import Bucket
from plateward.walls.rights import APPLICATION, INGEST, OWNER, Roles

DEMO_MARK: Final = "DEMO"
"""File in a data folder that holds a demonstration, whose logins everybody knows."""

_SOCKET_PATH_LIMIT: Final = (
    103  # bytes sockaddr_un takes on every supported system (macOS: 104 with the final zero)
)
_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_SOCKET_NAME: Final = ".s.PGSQL.5432"


@dataclass(frozen=True, kw_only=True)
class Environment:
    """The process's settings. Build one with `Environment.load()`."""

    data: Path
    database_url: str
    """Where web, worker and intake connect, as a role that owns nothing."""
    owner_url: str
    """The same database as its owner, who migrates."""
    ingest_url: str
    embedded: bool
    """True when no DATABASE_URL was given and Plateward runs its own PostgreSQL below `data`."""
    host: str
    port: int
    ingest_port: int
    base_url: str
    debug: bool
    demo: bool
    pmtiles: Path | None
    policies: Path
    api_token_rate: int = 120
    """Requests a minute that one API token may make."""
    api_person_rate: int = 300
    mqtt: tuple[Any, ...] = field(default=(), repr=False)
    """MQTT brokers, as ingest.brokers reads them."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks whose `X-Forwarded-For` is believed; none by default."""
    send_networks: tuple[str, ...] = ()
    mail: MailServer | None = None
    """Takes e-mail to people; None: none is sent."""
    push_services: tuple[str, ...] = PUSH_SERVICES
    list_networks: tuple[str, ...] = ()
    fetch_postings: str = "off"
    """off; public: from public addresses only; private: also from the agency's own network."""
    witness_url: str | None = None
    witness_key: str | None = None
    timestamp_url: str | None = None
    """Authority that stamps the time of evidence packages (RFC 3161); None: none is asked."""
    timestamp_ca: Path | None = None
    login_providers: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """By agency's slug, as accounts.providers reads them."""
    unit_warn_after: timedelta = timedelta(hours=24)
    """For so long a unit may be silent, or reads may wait on one, before that is a problem to look at."""
    given_receiver_url: str | None = None
    given_secret_key: str | None = field(default=None, repr=False)
    given_ledger_key: str | None = field(default=None, repr=False)
    given_unit_key: str | None = field(default=None, repr=False)
    given_master_key: str | None = field(default=None, repr=False)
    master_key_command: tuple[str, ...] | None = None
    bucket: Bucket | None = None
    """Where sealed pictures lie; None: in the data folder."""

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read `environ` (the process's own when not given); raises EnvironmentProblem."""
        reader = Reader(os.environ if environ is None else environ)
        data = reader.take("PLATEWARD_DATA", values.data_place, default_data())
        host = reader.take("PLATEWARD_HOST", values.text, "127.0.0.1")
        port = reader.take("PLATEWARD_PORT", values.port, 8000)
        url = reader.take_secret("DATABASE_URL", values.database_url)
        loaded = cls(
            data=data,
            database_url=url or embedded_database_url(data, APPLICATION),
            owner_url=reader.take_secret("DATABASE_OWNER_URL", values.database_url)
            or url
            or embedded_database_url(data),
            ingest_url=reader.take_secret("DATABASE_INGEST_URL", values.database_url)
            or url
            or embedded_database_url(data, INGEST),
            embedded=url is None,
            host=host,
            port=port,
            ingest_port=reader.take("PLATEWARD_INGEST_PORT", values.port, 8001),
            base_url=reader.take("PLATEWARD_BASE_URL", values.base_url, _address_for_people(host, port)),
            given_receiver_url=reader.take("PLATEWARD_RECEIVER_URL", values.base_url, None),
            unit_warn_after=reader.take("PLATEWARD_UNIT_WARN_HOURS", values.hours, timedelta(hours=24)),
            debug=reader.take("PLATEWARD_DEBUG", values.switch, default=False),
            demo=reader.take("PLATEWARD_DEMO", values.switch, default=False),
            pmtiles=reader.take("PLATEWARD_PMTILES", values.file, None),
            policies=reader.take("PLATEWARD_POLICIES", values.folder, _default_policies()),
            api_token_rate=reader.take("PLATEWARD_API_TOKEN_RATE", values.rate, 120),
            api_person_rate=reader.take("PLATEWARD_API_PERSON_RATE", values.rate, 300),
            mqtt=reader.take("PLATEWARD_MQTT", values.mqtt_brokers, ()),
            trusted_proxies=reader.take("PLATEWARD_TRUSTED_PROXIES", values.networks, ()),
            list_networks=reader.take("PLATEWARD_LIST_NETWORKS", values.networks, ()),
            send_networks=reader.take("PLATEWARD_SEND_NETWORKS", values.networks, ()),
            mail=_mail_server(reader),
            push_services=reader.take("PLATEWARD_PUSH_SERVICES", values.hosts, PUSH_SERVICES),
            fetch_postings=reader.take("PLATEWARD_FETCH_POSTINGS", values.fetching, "off"),
            witness_url=reader.take("PLATEWARD_WITNESS_URL", values.witness_url, None),
            witness_key=reader.take("PLATEWARD_WITNESS_KEY", values.witness_key, None),
            timestamp_url=reader.take("PLATEWARD_TIMESTAMP_URL", values.stamping_url, None),
            timestamp_ca=reader.take("PLATEWARD_TIMESTAMP_CA", values.certificates, None),
            login_providers=reader.take("PLATEWARD_LOGIN_PROVIDERS", values.login_providers, {}),
            given_secret_key=reader.take_secret("PLATEWARD_SECRET_KEY", values.secret_key),
            given_ledger_key=reader.take_secret("PLATEWARD_LEDGER_KEY", values.ledger_key),
            given_unit_key=reader.take_secret("PLATEWARD_UNIT_KEY", values.unit_key),
            given_master_key=reader.take_secret("PLATEWARD_MASTER_KEY", values.master_key),
            master_key_command=reader.take("PLATEWARD_MASTER_KEY_COMMAND", values.command, None),
            bucket=_bucket(reader),
        )
        if loaded.given_master_key and loaded.master_key_command:
            reader.problems.append(
                "PLATEWARD_MASTER_KEY and PLATEWARD_MASTER_KEY_COMMAND are both set: keep one of them"
            )
        if loaded.port == loaded.ingest_port:
            reader.problems.append(
                f"PLATEWARD_PORT and PLATEWARD_INGEST_PORT are both {port}: give them different ports, "
                "for example PLATEWARD_PORT=8000 PLATEWARD_INGEST_PORT=8001"
            )
        if bool(loaded.witness_url) != bool(loaded.witness_key):
            reader.problems.append(
                "PLATEWARD_WITNESS_URL and PLATEWARD_WITNESS_KEY belong together: set both or none"
            )
        if bool(loaded.timestamp_url) != bool(loaded.timestamp_ca):
            reader.problems.append(
                "PLATEWARD_TIMESTAMP_URL and PLATEWARD_TIMESTAMP_CA belong together: set both or none"
            )
        reader.refuse_unknown()
        if reader.problems:
            raise EnvironmentProblem(reader.problems)
        return loaded

    @cached_property
    def secret_key(self) -> str:
        """The given key, else the one kept in `data`, made at the first start (its owner's only)."""
        return self.given_secret_key or _kept_secret(
            self.prepared_data() / "secret.key", lambda: secrets.token_urlsafe(64)
        )

    @property
    def ledger_key(self) -> str:
        """The key that signs the journal's checkpoints: given, else kept in `data`, read each time.

        Only what seals may ask for it. It is named after the installation's address at the first start, with
        a random part: a log's name must be nobody else's, and stays when the address changes.
        """
        return self.given_ledger_key or _kept_secret(
            self.ledger_key_file, lambda: _new_ledger_key(urlsplit(self.base_url).hostname)
        )

    @property
    def ledger_key_file(self) -> Path:
        """Where the journal's key is kept, in a folder of its own that only its owner may enter (R136)."""
        folder = self.prepared_data() / "sealer"
        folder.mkdir(mode=0o700, exist_ok=True)
        before = self.data / "ledger.key"
        if before.exists():
            before.replace(folder / "ledger.key")
        return folder / "ledger.key"

    @property
    def receiver_url(self) -> str:
        """The address under which cameras and units reach the receiver."""
        host = urlsplit(self.base_url).hostname or "localhost"
        return self.given_receiver_url or f"http://{host}:{self.ingest_port}"

    @property
    def unit_key(self) -> str:
        """The key that signs what units in cars are told: given, else kept in `data`, read each time."""
        return self.given_unit_key or _kept_secret(self.unit_key_file, _new_unit_key)

    @property
    def unit_key_file(self) -> Path:
        """Where that key is kept, in a folder of its own that only its owner may enter."""
        folder = self.prepared_data() / "units"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder / "signing.key"

    @property
    def master_key_file(self) -> Path:
        """Where the master key is kept that wraps the pictures' keys, unless it is given."""
        return self.prepared_data() / "vault" / "master.key"

    @property
    def holds_demonstration(self) -> bool:
        """Whether this runs as a demonstration, on a data folder that holds nothing else."""
        return self.demo and (self.data / DEMO_MARK).is_file()

    @property
    def pictures(self) -> Path:
        """Folder of the stored pictures."""
        return self.data / "pictures"

    @property
    def documents(self) -> Path:
        """Folder of the files that people put on file, such as certificates."""
        return self.data / "documents"

    @property
    def packages(self) -> Path:
        """Folder of the evidence packages and disc images, sealed."""
        return self.data / "packages"

    @property
    def hotlists(self) -> Path:
        """Folder of what matching keeps in memory of the hotlists."""
        return self.data / "hotlists"

    @property
    def pickup(self) -> Path:
        """Folder of the watched folders into which others put lists' files."""
        return self.data / "pickup"

    @property
    def hosts(self) -> tuple[str, ...]:
        """Names under which the web pages may be asked for."""
        own = urlsplit(self.base_url).hostname or "localhost"
        return tuple(dict.fromkeys((own, "localhost", "127.0.0.1", "[::1]")))

    def prepared_data(self) -> Path:
        """Return `data`, created for its owner alone when it is missing; raises EnvironmentProblem."""
        try:
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            problem = (
                f"PLATEWARD_DATA is {str(self.data)!r}: the folder cannot be created ({error.strerror}). "
                "Choose one that this user may write, for example PLATEWARD_DATA=$HOME/plateward-data"
            )
            raise EnvironmentProblem([problem]) from error
        return self.data

    def django_database(self) -> dict[str, Any]:
        """The entry for Django's DATABASES."""
        return django_database(self.database_url)

    @property
    def roles(self) -> Roles:
        """Who owns the database, who runs the product and who receives."""
        urls = (self.owner_url, self.database_url, self.ingest_url)
        return Roles(*(django_database(url)["USER"] or getpass.getuser() for url in urls))


def default_data() -> Path:
    """Where data goes when PLATEWARD_DATA is not set."""
    if os.geteuid() == 0:
        return ROOT_DATA
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "plateward"


def run_folder(data: Path) -> Path:
    """Folder of the embedded database's socket: below `data`, or a temporary one if that path is too long."""
    inside = data / "run"
    if len(os.fsencode(inside / _SOCKET_NAME)) <= _SOCKET_PATH_LIMIT:
        return inside
    import hashlib  # noqa: PLC0415  rare path; keeps every start-up cheap
    import tempfile  # noqa: PLC0415  the same

    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"plateward-{os.geteuid()}-{digest}"


def embedded_database_url(data: Path, role: str = OWNER) -> str:
    """Address of the embedded database that belongs to a data folder (a socket, never a network port)."""
    return f"postgresql://{role}@/plateward?host={quote(str(run_folder(data)), safe='')}"


def django_database(url: str) -> dict[str, Any]:
    """Split a PostgreSQL address into Django's database settings; unknown query parts become OPTIONS."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "plateward.walls.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "plateward",
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or query.pop("password", "")),
        "HOST": query.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": query,
    }


def _bucket(reader: Reader) -> Bucket | None:
    """The bucket for pictures, whose variables belong together."""
    name = reader.take("PLATEWARD_S3_BUCKET", values.text, "")
    endpoint = reader.take("PLATEWARD_S3_ENDPOINT", values.s3_endpoint, "")
    access = reader.take("PLATEWARD_S3_ACCESS_KEY", values.text, "")
    secret = reader.take_secret("PLATEWARD_S3_SECRET_KEY", values.text) or ""
    region = reader.take("PLATEWARD_S3_REGION", values.text, "us-east-1")
    if all((name, endpoint, access, secret)):
        return Bucket(name, endpoint, region, access, secret)
    if any((name, endpoint, access, secret)):
        reader.problems.append(
            "PLATEWARD_S3_BUCKET, PLATEWARD_S3_ENDPOINT, PLATEWARD_S3_ACCESS_KEY and PLATEWARD_S3_SECRET_KEY "
            "belong together: set all or none"
        )
    return None


def _mail_server(reader: Reader) -> MailServer | None:
    """The mail server, whose variables belong together."""
    host = reader.take("PLATEWARD_MAIL_HOST", values.text, "")
    sender = reader.take("PLATEWARD_MAIL_FROM", values.mail_address, "")
    tls = reader.take("PLATEWARD_MAIL_TLS", values.mail_tls, MailTls.STARTTLS)
    port = reader.take("PLATEWARD_MAIL_PORT", values.port, tls.port)
    user = reader.take("PLATEWARD_MAIL_USER", values.text, "")
    password = reader.take_secret("PLATEWARD_MAIL_PASSWORD", values.text) or ""
    none: tuple[str, ...] = ()
    domains = reader.take("PLATEWARD_MAIL_DOMAINS", values.hosts, none)
    if bool(host) != bool(sender):
        reader.problems.append(
            "PLATEWARD_MAIL_HOST and PLATEWARD_MAIL_FROM belong together: set both or none"
        )
    if bool(user) != bool(password):
        reader.problems.append(
            "PLATEWARD_MAIL_USER and PLATEWARD_MAIL_PASSWORD belong together: set both or none"
        )
    if tls is MailTls.OFF and host and host not in _THIS_MACHINE:
        reader.problems.append(
            f"PLATEWARD_MAIL_TLS is off and PLATEWARD_MAIL_HOST is {host}: e-mail goes unencrypted to a mail "
            "server on this machine only. Example: PLATEWARD_MAIL_TLS=starttls"
        )
    return MailServer(host, port, tls, sender, user, password, domains) if host and sender else None


def _new_ledger_key(host: str | None) -> str:
    from plateward.ledger.notes import SigningKey  # noqa: PLC0415  made once

    name = f"{host or 'localhost'}/journal/{secrets.token_hex(4)}"
    return SigningKey.from_seed(name, secrets.token_bytes(32)).written()


def _new_unit_key() -> str:
    from plateward.unitwire.signing import SEED_BYTES, DocumentKey  # noqa: PLC0415  made once

    return DocumentKey(secrets.token_bytes(SEED_BYTES)).written()


def _address_for_people(host: str, port: int) -> str:
    shown = "localhost" if host in {"0.0.0.0", "::", "127.0.0.1", "::1"} else host  # noqa: S104  compared, not bound
    return f"http://{shown}:{port}"


def _default_policies() -> Path:
    return Path(__file__).resolve().parents[2] / "policies"


def _kept_secret(path: Path, make: Callable[[], str]) -> str:
    """Read the key file, making it first if missing; of processes starting at once exactly one makes it."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    if not path.exists():
        fresh.touch(mode=0o600)
        fresh.write_text(make(), encoding="ascii")
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise EnvironmentProblem(
            [f"{path} can be read by other users: run `chmod 600 {path}` and start again"]
        )
    return path.read_text(encoding="ascii").strip()
