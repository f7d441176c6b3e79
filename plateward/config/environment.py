"""Everything Plateward takes from environment variables, typed, checked and explained.

A wrong or misspelt variable stops the start with one message that lists every problem, each with
the variable's name, the value found and an example that works. Nothing here imports Django.
"""

import getpass
import os
import secrets
import shlex
import shutil
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self, TypeVar
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from plateward.config.problems import Problem
from plateward.vault.buckets import Bucket
from plateward.walls.rights import APPLICATION, INGEST, OWNER, Roles

ROOT_DATA: Final = Path("/var/lib/plateward")
"""The only place for data when running as root; see `check_data_place`."""

DEMO_MARK: Final = "DEMO"
"""File in a data folder that holds a demonstration, whose logins everybody knows."""

VARIABLES: Final[Mapping[str, str]] = {
    "DATABASE_INGEST_URL": "the same database for the receiver, as a role that may only put payloads in",
    "DATABASE_INGEST_URL_FILE": "file that holds DATABASE_INGEST_URL",
    "DATABASE_OWNER_URL": "the same database as its owner, for migrations only",
    "DATABASE_OWNER_URL_FILE": "file that holds DATABASE_OWNER_URL",
    "DATABASE_URL": "PostgreSQL to use instead of the embedded one, as the application's role",
    "DATABASE_URL_FILE": "file that holds DATABASE_URL",
    "PLATEWARD_API_PERSON_RATE": "requests a minute that all API tokens of one person may make",
    "PLATEWARD_API_TOKEN_RATE": "requests a minute that one API token may make",
    "PLATEWARD_BASE_URL": "address under which people reach the web pages",
    "PLATEWARD_CHROMIUM": "Chromium for browser tests and screenshots",
    "PLATEWARD_DATA": "folder for everything kept on disc",
    "PLATEWARD_DEBUG": "1 shows detailed errors; never where real data is",
    "PLATEWARD_DEMO": "1 marks every page as a demonstration; set by `plateward demo`",
    "PLATEWARD_FETCH_POSTINGS": "whether the worker fetches posted policies: off, public, private",
    "PLATEWARD_HOST": "address to listen on",
    "PLATEWARD_INGEST_PORT": "port of the receiver for cameras",
    "PLATEWARD_LEDGER_KEY": "key that signs the journal's checkpoints",
    "PLATEWARD_LEDGER_KEY_FILE": "file that holds PLATEWARD_LEDGER_KEY",
    "PLATEWARD_LOGIN_PROVIDERS": "TOML file with the agencies' OpenID Connect providers",
    "PLATEWARD_MASTER_KEY": "master keys that wrap the pictures' keys, the one that wraps first",
    "PLATEWARD_MASTER_KEY_COMMAND": "command of a KMS that wraps and unwraps the pictures' keys",
    "PLATEWARD_MASTER_KEY_FILE": "file that holds PLATEWARD_MASTER_KEY",
    "PLATEWARD_MQTT": "TOML file with the MQTT brokers to take messages from",
    "PLATEWARD_PMTILES": "PMTiles file with the street map",
    "PLATEWARD_POLICIES": "folder with one sub-folder per agency's written policy",
    "PLATEWARD_PORT": "port of the web pages",
    "PLATEWARD_RECOGNITION_THREADS": "threads that one neural network may use",
    "PLATEWARD_S3_ACCESS_KEY": "access key for the bucket",
    "PLATEWARD_S3_BUCKET": "bucket that holds the pictures, instead of the data folder",
    "PLATEWARD_S3_ENDPOINT": "address of the S3-compatible server",
    "PLATEWARD_S3_REGION": "the bucket's region",
    "PLATEWARD_S3_SECRET_KEY": "secret key for the bucket",
    "PLATEWARD_S3_SECRET_KEY_FILE": "file that holds PLATEWARD_S3_SECRET_KEY",
    "PLATEWARD_SECRET_KEY": "key that signs sessions and picture addresses",
    "PLATEWARD_SECRET_KEY_FILE": "file that holds PLATEWARD_SECRET_KEY",
    "PLATEWARD_SEND_NETWORKS": "private networks with systems that alerts may be sent to",
    "PLATEWARD_TEST_DATABASE_URL": "PostgreSQL for the tests instead of the embedded one",
    "PLATEWARD_TRUSTED_PROXIES": "addresses of proxies that say from where a request came",
    "PLATEWARD_WITNESS_KEY": "public key of the journal's witness",
    "PLATEWARD_WITNESS_URL": "address of the journal's witness",
}

_SOCKET_PATH_LIMIT: Final = (
    103  # bytes sockaddr_un takes on every supported system (macOS: 104 with the final zero)
)
_SOCKET_NAME: Final = ".s.PGSQL.5432"
_SECRET_MINIMUM: Final = 40  # characters
_PORT_MAXIMUM: Final = 65535
_RATE_MAXIMUM: Final = 100_000
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"", "0", "false", "no", "off"})

T = TypeVar("T")


class EnvironmentProblem(Problem):
    """One or more variables are wrong; the message lists all of them with what to do."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        lines = "".join(f"\n  • {problem}" for problem in problems)
        super().__init__(f"Plateward cannot start with these settings:{lines}")


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
    fetch_postings: str = "off"
    """off; public: from public addresses only; private: also from the agency's own network."""
    witness_url: str | None = None
    witness_key: str | None = None
    login_providers: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """By agency's slug, as accounts.providers reads them."""
    given_secret_key: str | None = field(default=None, repr=False)
    given_ledger_key: str | None = field(default=None, repr=False)
    given_master_key: str | None = field(default=None, repr=False)
    master_key_command: tuple[str, ...] | None = None
    bucket: Bucket | None = None
    """Where sealed pictures lie; None: in the data folder."""

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read `environ` (the process's own when not given); raises EnvironmentProblem."""
        reader = _Reader(os.environ if environ is None else environ)
        data = reader.take("PLATEWARD_DATA", _data_place, default_data())
        host = reader.take("PLATEWARD_HOST", _text, "127.0.0.1")
        port = reader.take("PLATEWARD_PORT", _port, 8000)
        url = reader.take_secret("DATABASE_URL", _database_url)
        loaded = cls(
            data=data,
            database_url=url or embedded_database_url(data, APPLICATION),
            owner_url=reader.take_secret("DATABASE_OWNER_URL", _database_url)
            or url
            or embedded_database_url(data),
            ingest_url=reader.take_secret("DATABASE_INGEST_URL", _database_url)
            or url
            or embedded_database_url(data, INGEST),
            embedded=url is None,
            host=host,
            port=port,
            ingest_port=reader.take("PLATEWARD_INGEST_PORT", _port, 8001),
            base_url=reader.take("PLATEWARD_BASE_URL", _base_url, _address_for_people(host, port)),
            debug=reader.take("PLATEWARD_DEBUG", _switch, default=False),
            demo=reader.take("PLATEWARD_DEMO", _switch, default=False),
            pmtiles=reader.take("PLATEWARD_PMTILES", _file, None),
            policies=reader.take("PLATEWARD_POLICIES", _folder, _default_policies()),
            api_token_rate=reader.take("PLATEWARD_API_TOKEN_RATE", _rate, 120),
            api_person_rate=reader.take("PLATEWARD_API_PERSON_RATE", _rate, 300),
            mqtt=reader.take("PLATEWARD_MQTT", _mqtt_brokers, ()),
            trusted_proxies=reader.take("PLATEWARD_TRUSTED_PROXIES", _networks, ()),
            send_networks=reader.take("PLATEWARD_SEND_NETWORKS", _networks, ()),
            fetch_postings=reader.take("PLATEWARD_FETCH_POSTINGS", _fetching, "off"),
            witness_url=reader.take("PLATEWARD_WITNESS_URL", _witness_url, None),
            witness_key=reader.take("PLATEWARD_WITNESS_KEY", _witness_key, None),
            login_providers=reader.take("PLATEWARD_LOGIN_PROVIDERS", _login_providers, {}),
            given_secret_key=reader.take_secret("PLATEWARD_SECRET_KEY", _secret_key),
            given_ledger_key=reader.take_secret("PLATEWARD_LEDGER_KEY", _ledger_key),
            given_master_key=reader.take_secret("PLATEWARD_MASTER_KEY", _master_key),
            master_key_command=reader.take("PLATEWARD_MASTER_KEY_COMMAND", _command, None),
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


class _Reader:
    """Takes variables one by one and gathers what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def take(self, name: str, parse: Callable[[str], T], default: T) -> T:
        """Parse a variable; an absent one gives the default, a wrong one is noted and gives the default."""
        text = self.environ.get(name, "").strip()
        return self._parsed(name, text, parse, default) if text else default

    def take_secret(self, name: str, parse: Callable[[str], str]) -> str | None:
        """Parse a variable, or the content of the file that NAME_FILE names; the value is never shown."""
        text = self.environ.get(name, "").strip()
        path = self.environ.get(f"{name}_FILE", "").strip()
        if text and path:
            self.problems.append(f"{name} and {name}_FILE are both set: keep one of them")
        if path and not text:
            try:
                text = Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                reason = getattr(error, "strerror", None) or "not a text file"
                self.problems.append(f"{name}_FILE is {path!r}: it cannot be read ({reason})")
        return self._parsed(name, text, parse, None, shown="set") if text else None

    def refuse_unknown(self) -> None:
        """A misspelt variable would be ignored silently; note it with the nearest known name."""
        import difflib  # noqa: PLC0415  needed on this rare path only

        for name in sorted(self.environ):
            if name.startswith("PLATEWARD_") and name not in VARIABLES:
                near = difflib.get_close_matches(name, VARIABLES, 1)
                hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(VARIABLES)}"
                self.problems.append(f"{name} is not a variable that Plateward knows: {hint}")

    def _parsed(
        self, name: str, text: str, parse: Callable[[str], T], default: T | None, shown: str | None = None
    ) -> Any:
        try:
            return parse(text)
        except ValueError as error:
            found = shown or repr(text)
            self.problems.append(f"{name} is {found}: {error}. Example: {_EXAMPLES[name]}")
            return default


_EXAMPLES: Final[Mapping[str, str]] = {
    "DATABASE_INGEST_URL": "DATABASE_INGEST_URL=postgresql://plateward_ingest:PASSWORD@db.example:5432/plateward",
    "DATABASE_OWNER_URL": "DATABASE_OWNER_URL=postgresql://plateward:PASSWORD@db.example:5432/plateward",
    "DATABASE_URL": "DATABASE_URL=postgresql://plateward_app:PASSWORD@db.example:5432/plateward",
    "PLATEWARD_API_PERSON_RATE": "PLATEWARD_API_PERSON_RATE=300",
    "PLATEWARD_API_TOKEN_RATE": "PLATEWARD_API_TOKEN_RATE=120",
    "PLATEWARD_BASE_URL": "PLATEWARD_BASE_URL=https://alpr.city.example",
    "PLATEWARD_DATA": "PLATEWARD_DATA=/var/lib/plateward",
    "PLATEWARD_DEBUG": "PLATEWARD_DEBUG=0",
    "PLATEWARD_DEMO": "PLATEWARD_DEMO=0",
    "PLATEWARD_FETCH_POSTINGS": "PLATEWARD_FETCH_POSTINGS=public",
    "PLATEWARD_HOST": "PLATEWARD_HOST=127.0.0.1",
    "PLATEWARD_INGEST_PORT": "PLATEWARD_INGEST_PORT=8001",
    "PLATEWARD_LEDGER_KEY": "PLATEWARD_LEDGER_KEY_FILE=/run/secrets/ledger.key",
    "PLATEWARD_LOGIN_PROVIDERS": "PLATEWARD_LOGIN_PROVIDERS=/etc/plateward/providers.toml",
    "PLATEWARD_MASTER_KEY": "PLATEWARD_MASTER_KEY_FILE=/run/secrets/master.key",
    "PLATEWARD_MASTER_KEY_COMMAND": "PLATEWARD_MASTER_KEY_COMMAND=/usr/local/bin/city-kms",
    "PLATEWARD_MQTT": "PLATEWARD_MQTT=/etc/plateward/mqtt.toml",
    "PLATEWARD_PMTILES": "PLATEWARD_PMTILES=/srv/maps/city.pmtiles",
    "PLATEWARD_POLICIES": "PLATEWARD_POLICIES=/etc/plateward/policies",
    "PLATEWARD_PORT": "PLATEWARD_PORT=8000",
    "PLATEWARD_S3_BUCKET": "PLATEWARD_S3_BUCKET=plateward-pictures",
    "PLATEWARD_S3_ENDPOINT": "PLATEWARD_S3_ENDPOINT=https://s3.city.example",
    "PLATEWARD_SECRET_KEY": "PLATEWARD_SECRET_KEY=$(openssl rand -base64 64)",
    "PLATEWARD_SEND_NETWORKS": "PLATEWARD_SEND_NETWORKS=10.20.0.0/16,192.168.7.12",
    "PLATEWARD_TRUSTED_PROXIES": "PLATEWARD_TRUSTED_PROXIES=10.0.0.5,2001:db8::5",
    "PLATEWARD_WITNESS_KEY": "PLATEWARD_WITNESS_KEY=clerk.city.example+1f2e3d4c+BA…",
    "PLATEWARD_WITNESS_URL": "PLATEWARD_WITNESS_URL=https://witness.city.example",
}


def _text(text: str) -> str:
    return text


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _PORT_MAXIMUM:
        raise ValueError("a port is a number from 1 to 65535")
    return int(text)


def _rate(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _RATE_MAXIMUM:
        raise ValueError("a rate is a number of requests a minute, from 1 to 100000")
    return int(text)


def _switch(text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValueError("a switch is 1 (on) or 0 (off)")


def _mqtt_brokers(text: str) -> tuple[Any, ...]:
    from plateward.ingest.brokers import load  # noqa: PLC0415  given rarely; keeps every start-up cheap

    return load(_file(text))


def _networks(text: str) -> tuple[str, ...]:
    from plateward.devices.ways import parse_networks  # noqa: PLC0415  given rarely

    return parse_networks(text)


def _fetching(text: str) -> str:
    if text not in {"off", "public", "private"}:
        raise ValueError("it is off, public (public addresses only) or private (the own network too)")
    return text


def _data_place(text: str) -> Path:
    data = Path(os.path.normpath(Path(text).expanduser()))
    check_data_place(data, as_root=os.geteuid() == 0)
    return data


def _file(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_file():
        raise ValueError("there is no such file")
    return path


def _folder(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_dir():
        raise ValueError("there is no such folder")
    return path.resolve()


def _login_providers(text: str) -> Mapping[str, Any]:
    from plateward.accounts.providers import load  # noqa: PLC0415  given rarely; keeps every start-up cheap

    return load(_file(text))


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
        raise ValueError("an address is http:// or https:// and a host name, without a path")
    return text.rstrip("/")


def _database_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError("only PostgreSQL is supported, so it must start with postgresql://")
    if not parts.path.strip("/"):
        raise ValueError("the name of the database is missing after the host")
    return text


def _secret_key(text: str) -> str:
    if len(text) < _SECRET_MINIMUM:
        raise ValueError(f"it must have at least {_SECRET_MINIMUM} characters")
    return text


def _ledger_key(text: str) -> str:
    from plateward.ledger.notes import SigningKey  # noqa: PLC0415  given rarely; keeps every start-up cheap

    SigningKey.parse(text)
    return text


def _master_key(text: str) -> str:
    from plateward.vault.masters import parse_masters  # noqa: PLC0415  given rarely, as above

    parse_masters(text)
    return text


def _command(text: str) -> tuple[str, ...]:
    words = tuple(shlex.split(text))
    if not words or shutil.which(words[0]) is None:
        raise ValueError("there is no such command that this user may run")
    return words


def _s3_endpoint(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address is https:// and a host name")
    if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise ValueError("somebody between could say that a picture is stored: use https://")
    return text.rstrip("/")


def _bucket(reader: "_Reader") -> Bucket | None:
    """The bucket for pictures, whose variables belong together."""
    name = reader.take("PLATEWARD_S3_BUCKET", _text, "")
    endpoint = reader.take("PLATEWARD_S3_ENDPOINT", _s3_endpoint, "")
    access = reader.take("PLATEWARD_S3_ACCESS_KEY", _text, "")
    secret = reader.take_secret("PLATEWARD_S3_SECRET_KEY", _text) or ""
    region = reader.take("PLATEWARD_S3_REGION", _text, "us-east-1")
    if all((name, endpoint, access, secret)):
        return Bucket(name, endpoint, region, access, secret)
    if any((name, endpoint, access, secret)):
        reader.problems.append(
            "PLATEWARD_S3_BUCKET, PLATEWARD_S3_ENDPOINT, PLATEWARD_S3_ACCESS_KEY and PLATEWARD_S3_SECRET_KEY "
            "belong together: set all or none"
        )
    return None


def _witness_key(text: str) -> str:
    from plateward.ledger.notes import COSIGNATURE, VerifierKey  # noqa: PLC0415  given rarely, as above

    if VerifierKey.parse(text).kind != COSIGNATURE:
        raise ValueError("this is the key of a log, not of a witness")
    return text


def _witness_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address is http:// or https:// and a host name")
    return text.rstrip("/")


def _new_ledger_key(host: str | None) -> str:
    from plateward.ledger.notes import SigningKey  # noqa: PLC0415  made once

    name = f"{host or 'localhost'}/journal/{secrets.token_hex(4)}"
    return SigningKey.from_seed(name, secrets.token_bytes(32)).written()


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
