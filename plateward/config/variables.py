"""The environment variables that Plateward knows, taken one by one while what is wrong is gathered."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from plateward.config.problems import Problem

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
    "PLATEWARD_LIST_NETWORKS": "private networks with servers that lists may be fetched from",
    "PLATEWARD_LOGIN_PROVIDERS": "TOML file with the agencies' OpenID Connect providers",
    "PLATEWARD_MAIL_DOMAINS": "domains of the addresses that people may be told of alerts at",
    "PLATEWARD_MAIL_FROM": "address that e-mail comes from",
    "PLATEWARD_MAIL_HOST": "mail server that takes the e-mail by which people are told of alerts",
    "PLATEWARD_MAIL_PASSWORD": "password for the mail server",
    "PLATEWARD_MAIL_PASSWORD_FILE": "file that holds PLATEWARD_MAIL_PASSWORD",
    "PLATEWARD_MAIL_PORT": "port of the mail server",
    "PLATEWARD_MAIL_TLS": "encryption to the mail server: starttls, tls, off",
    "PLATEWARD_MAIL_USER": "name for the mail server",
    "PLATEWARD_MASTER_KEY": "master keys that wrap the pictures' keys, the one that wraps first",
    "PLATEWARD_MASTER_KEY_COMMAND": "command of a KMS that wraps and unwraps the pictures' keys",
    "PLATEWARD_MASTER_KEY_FILE": "file that holds PLATEWARD_MASTER_KEY",
    "PLATEWARD_MQTT": "TOML file with the MQTT brokers to take messages from",
    "PLATEWARD_PMTILES": "PMTiles file with the street map",
    "PLATEWARD_POLICIES": "folder with one sub-folder per agency's written policy",
    "PLATEWARD_PORT": "port of the web pages",
    "PLATEWARD_PUSH_SERVICES": "hosts of the push services that browsers may be told by",
    "PLATEWARD_RECEIVER_URL": "address under which cameras and units reach the receiver",
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
    "PLATEWARD_TIMESTAMP_CA": "file with the CA certificates of the time-stamping authority",
    "PLATEWARD_TIMESTAMP_URL": "address of the authority that stamps the time of evidence packages",
    "PLATEWARD_TRUSTED_PROXIES": "addresses of proxies that say from where a request came",
    "PLATEWARD_UNIT_KEY": "key that signs what units in cars are told",
    "PLATEWARD_UNIT_KEY_FILE": "file that holds PLATEWARD_UNIT_KEY",
    "PLATEWARD_UNIT_WARN_HOURS": "after how long a silent unit, or reads waiting on one, become a problem",
    "PLATEWARD_WITNESS_KEY": "public key of the journal's witness",
    "PLATEWARD_WITNESS_URL": "address of the journal's witness",
}
EXAMPLES: Final[Mapping[str, str]] = {
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
    "PLATEWARD_LIST_NETWORKS": "PLATEWARD_LIST_NETWORKS=10.30.0.0/16",
    "PLATEWARD_LOGIN_PROVIDERS": "PLATEWARD_LOGIN_PROVIDERS=/etc/plateward/providers.toml",
    "PLATEWARD_MAIL_DOMAINS": "PLATEWARD_MAIL_DOMAINS=city.example,pd.city.example",
    "PLATEWARD_MAIL_FROM": "PLATEWARD_MAIL_FROM=plateward@city.example",
    "PLATEWARD_MAIL_HOST": "PLATEWARD_MAIL_HOST=mail.city.example",
    "PLATEWARD_MAIL_PASSWORD": "PLATEWARD_MAIL_PASSWORD_FILE=/run/secrets/mail",
    "PLATEWARD_MAIL_PORT": "PLATEWARD_MAIL_PORT=587",
    "PLATEWARD_MAIL_TLS": "PLATEWARD_MAIL_TLS=starttls",
    "PLATEWARD_MAIL_USER": "PLATEWARD_MAIL_USER=plateward",
    "PLATEWARD_MASTER_KEY": "PLATEWARD_MASTER_KEY_FILE=/run/secrets/master.key",
    "PLATEWARD_MASTER_KEY_COMMAND": "PLATEWARD_MASTER_KEY_COMMAND=/usr/local/bin/city-kms",
    "PLATEWARD_MQTT": "PLATEWARD_MQTT=/etc/plateward/mqtt.toml",
    "PLATEWARD_PMTILES": "PLATEWARD_PMTILES=/srv/maps/city.pmtiles",
    "PLATEWARD_POLICIES": "PLATEWARD_POLICIES=/etc/plateward/policies",
    "PLATEWARD_PORT": "PLATEWARD_PORT=8000",
    "PLATEWARD_PUSH_SERVICES": "PLATEWARD_PUSH_SERVICES=fcm.googleapis.com,push.services.mozilla.com",
    "PLATEWARD_RECEIVER_URL": "PLATEWARD_RECEIVER_URL=https://reads.example.gov",
    "PLATEWARD_S3_BUCKET": "PLATEWARD_S3_BUCKET=plateward-pictures",
    "PLATEWARD_S3_ENDPOINT": "PLATEWARD_S3_ENDPOINT=https://s3.city.example",
    "PLATEWARD_SECRET_KEY": "PLATEWARD_SECRET_KEY=$(openssl rand -base64 64)",
    "PLATEWARD_SEND_NETWORKS": "PLATEWARD_SEND_NETWORKS=10.20.0.0/16,192.168.7.12",
    "PLATEWARD_TIMESTAMP_CA": "PLATEWARD_TIMESTAMP_CA=/etc/plateward/stamping-ca.pem",
    "PLATEWARD_TIMESTAMP_URL": "PLATEWARD_TIMESTAMP_URL=https://tsa.example/tsr",
    "PLATEWARD_TRUSTED_PROXIES": "PLATEWARD_TRUSTED_PROXIES=10.0.0.5,2001:db8::5",
    "PLATEWARD_UNIT_KEY": "PLATEWARD_UNIT_KEY_FILE=/run/secrets/unit.key",
    "PLATEWARD_UNIT_WARN_HOURS": "PLATEWARD_UNIT_WARN_HOURS=24",
    "PLATEWARD_WITNESS_KEY": "PLATEWARD_WITNESS_KEY=clerk.city.example+1f2e3d4c+BA…",
    "PLATEWARD_WITNESS_URL": "PLATEWARD_WITNESS_URL=https://witness.city.example",
}

T = TypeVar("T")


class EnvironmentProblem(Problem):
    """One or more variables are wrong; the message lists all of them with what to do."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        lines = "".join(f"\n  • {problem}" for problem in problems)
        super().__init__(f"Plateward cannot start with these settings:{lines}")


class Reader:
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
            self.problems.append(f"{name} is {found}: {error}. Example: {EXAMPLES[name]}")
            return default
