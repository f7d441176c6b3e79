"""What every test gets: its own settings, no way to the outside, and PostgreSQL when it asks for a database.

The environment is set here, at import, before anything reads it. Nothing of the developer's own settings
reaches the tests, so they can never touch a real database.
"""

import atexit
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
from hypothesis import HealthCheck, settings

from plateward.config.processes import is_alive
from plateward.config.values import ROOT_DATA
from plateward.walls import scope
from plateward.walls.rights import APPLICATION, INGEST
from tests.tools import BROWSER, TOOLS, find_chromium

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.test import Client
    from pytest_django import DjangoDbBlocker

    from tests.personas import Town

# No test is timed: a busy machine is slow, and the product no less right for it.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

KEPT = ("PLATEWARD_TEST_DATABASE_URL", "PLATEWARD_CHROMIUM")
"""Variables that may be given to a test run."""


def _data_folder() -> Path:
    """A new folder for this process, and an end to those that killed test runs left behind."""
    if os.geteuid() == 0:
        base = ROOT_DATA
        base.mkdir(mode=0o710, exist_ok=True)
    else:
        base = Path(tempfile.gettempdir())
    for old in base.glob("plateward-tests-*"):
        with suppress(FileNotFoundError):  # another test process may remove the same one meanwhile
            if not is_alive(int(old.name.split("-")[2])) and old.stat().st_uid == os.geteuid():
                shutil.rmtree(old, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=f"plateward-tests-{os.getpid()}-", dir=base))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def _set_environment() -> Path:
    for name in list(os.environ):
        if name.startswith(("PLATEWARD_", "DATABASE_URL")) and name not in KEPT:
            del os.environ[name]
    data = _data_folder()
    os.environ["PLATEWARD_DATA"] = str(data)
    os.environ["PLATEWARD_SECRET_KEY"] = "only-for-tests-" * 4
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    if url := os.environ.get("PLATEWARD_TEST_DATABASE_URL"):
        os.environ["DATABASE_OWNER_URL"] = url
        os.environ["DATABASE_URL"] = as_role(url, APPLICATION)
        os.environ["DATABASE_INGEST_URL"] = as_role(url, INGEST)
    return data


def as_role(url: str, role: str) -> str:
    """The same database as another role, without a password: a server for tests trusts this machine."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}@{place}"))


DATA = _set_environment()
LOCAL_JOURNAL = DATA / "local-journal"


def _is_local(address: Any) -> bool:
    return not isinstance(address, tuple) or address[0] in {"127.0.0.1", "::1", "localhost"}


class _GuardedSocket(socket.socket):
    """A socket that reaches this machine only."""

    def connect(self, address: Any, /) -> None:
        assert _is_local(address), f"a test tried to reach {address}; tests reach this machine only"
        super().connect(address)

    def connect_ex(self, address: Any, /) -> int:
        assert _is_local(address), f"a test tried to reach {address}; tests reach this machine only"
        return super().connect_ex(address)


socket.socket = _GuardedSocket  # type: ignore[misc]  # before any library keeps a reference of its own


class _NamesFailures:
    """Names what failed at once, for whoever watches a long run or reads one that was cut short."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        reporter: pytest.TerminalReporter | None = self.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is None or report.outcome in {"passed", "skipped"}:
            return
        lines = report.longreprtext.strip().splitlines()
        said = "\n".join([line for line in lines if line.startswith("E  ")][:12] + lines[-1:])
        reporter.write_line(
            f"\n{report.outcome} in {report.when} after {report.duration:.0f} s: {report.nodeid}\n{said}"
        )


def pytest_configure(config: pytest.Config) -> None:
    """Give Django its settings, for pytest-django to set it up, unless only pure tests were asked for.

    Not in a process that only hands tests out to workers: they would inherit its settings, and its database.
    """
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_NamesFailures(config))
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        return
    tests = Path(__file__).parent
    asked = [
        Path(config.invocation_params.dir, argument.split("::")[0]).resolve() for argument in config.args
    ]
    pure = (tests / "rules", tests / "policy", tests / "supervisor", tests / "edge")
    if all(any(path.is_relative_to(folder) for folder in pure) for path in asked):
        return
    os.environ["DJANGO_SETTINGS_MODULE"] = "plateward.config.settings"
    from django.conf import settings  # noqa: PLC0415  only when it is wanted

    assert settings.DATABASES


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Mark what lies in tests/browser, and leave out what the system lacks a tool for.

    What goes through several processes or threads by the real clock may starve on a busy machine: it gets a
    second attempt, and the run names it (`RERUN`), for somebody to look why. Nothing else does.

    Whatever the random order, the browser comes last: from then on a whole running system uses the test
    database, and would work on other tests' rows.
    """
    for item in items:
        if item.path.is_relative_to(BROWSER):
            item.add_marker(pytest.mark.browser)
        if _has_several_processes(item):
            item.add_marker(pytest.mark.flaky(reruns=1))
    lacking = [tool for tool in TOOLS if tool.find() is None]
    if left_out := [item for item in items if any(tool.needed_by(item) for tool in lacking)]:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    yield
    items.sort(key=lambda item: item.path.is_relative_to(BROWSER))


def _has_several_processes(item: pytest.Item) -> bool:
    """Whether a test is about processes, servers or threads beside its own: they see committed rows alone."""
    fixtures = getattr(item, "fixturenames", ())
    tests = Path(__file__).parent
    apart = (tests / "supervisor", tests / "edge", tests / "places", tests / "db" / "config")
    return "transactional_db" in fixtures or any(item.path.is_relative_to(folder) for folder in apart)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in plain sight what was left out; also where other processes ran the tests."""
    for tool in TOOLS:
        if tool.find() is None:
            terminalreporter.write_line(tool.missing, yellow=True)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser; tests that ask for it are left out where there is none."""
    found = find_chromium()
    assert found is not None
    return found


@pytest.fixture(scope="session")
def postgresql() -> Iterator[None]:
    """A running PostgreSQL: the given one, or an embedded one for this test process."""
    if os.environ.get("PLATEWARD_TEST_DATABASE_URL"):
        yield
        return
    from plateward.config.database import EmbeddedDatabase  # noqa: PLC0415  tests without a database pay nothing

    with EmbeddedDatabase(DATA, for_tests=True):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,  # noqa: ARG001  the one it extends
    postgresql: None,  # noqa: ARG001  it must run
) -> None:
    """Have the server running before Django, as the owner, makes its test database, and the roles on it."""
    import psycopg  # noqa: PLC0415  tests without a database pay nothing
    from django.conf import settings  # noqa: PLC0415  the same
    from django.db import connection  # noqa: PLC0415  the same

    from plateward.config.environment import Environment, django_database  # noqa: PLC0415  the same
    from plateward.walls.rights import missing_roles  # noqa: PLC0415  the same

    # Where DJANGO_SETTINGS_MODULE is set, pytest-django read the settings before this file was.
    settings.ENVIRONMENT = Environment.load()
    owner_url = settings.ENVIRONMENT.owner_url
    connection.settings_dict["USER"] = django_database(owner_url)["USER"]
    server = urlunsplit(urlsplit(owner_url)._replace(path="/postgres"))
    with psycopg.connect(server, autocommit=True) as owner:
        # Roles are the server's: of several test processes one makes them. The lock ends with the connection.
        owner.execute("SELECT pg_advisory_lock(466)")
        for role in missing_roles(owner.cursor(), settings.ENVIRONMENT.roles):
            owner.execute(f"CREATE ROLE {role} LOGIN")  # our own constants
        if not owner.execute(f"SELECT pg_has_role(CURRENT_USER, '{APPLICATION}', 'MEMBER')").fetchone()[0]:  # type: ignore[index]  # one row
            owner.execute(f"GRANT {APPLICATION} TO CURRENT_USER")
    scope.become_system("A test sees every agency's rows; what a request sees is the gate's to say.")
    from tests.outside import close_the_walls_around_requests  # noqa: PLC0415  Django has its settings only now

    close_the_walls_around_requests()


@pytest.fixture(autouse=True)
def local_journal_ends_with_its_test() -> Iterator[None]:
    """What one test recorded locally is no outage of the journal for the next of this process."""
    yield
    if LOCAL_JOURNAL.exists():
        from tests.failing import forget  # noqa: PLC0415  tests without a local journal pay nothing

        forget()


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest) -> bool:
    """The embedded server goes away whole; a given one is left as it was found, unless with `--reuse-db`."""
    return bool(request.config.getoption("reuse_db")) or "PLATEWARD_TEST_DATABASE_URL" not in os.environ


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None,  # noqa: ARG001  the one it extends
    django_db_blocker: "DjangoDbBlocker",
) -> Iterator[None]:
    """Hash passwords fast, and let tests with real transactions empty the journal afterwards.

    The journal's triggers rightly refuse that. A hash tells its own number of rounds, so that a server
    started by a test verifies it too.
    """
    from django.contrib.auth.hashers import PBKDF2PasswordHasher  # noqa: PLC0415  see below
    from django.db import connection  # noqa: PLC0415  tests without a database pay nothing
    from django.db.backends.signals import connection_created  # noqa: PLC0415  the same

    from tests.emptying import empty_by_rows  # noqa: PLC0415  the same

    PBKDF2PasswordHasher.iterations = 1_000

    empty_by_rows()
    with django_db_blocker.unblock():
        _let_nothing_wait_for_ever(connection)
    connection_created.connect(_act_as_application)
    connection.close()
    yield
    connection_created.disconnect(_act_as_application)
    connection.close()


def _let_nothing_wait_for_ever(connection: "BaseDatabaseWrapper") -> None:
    """End what a failed test's thread left open, and what waits for it: one failure must not stop the run."""
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET idle_in_transaction_session_timeout = '180s'")
        cursor.execute(f"ALTER DATABASE {name} SET lock_timeout = '120s'")


def _act_as_application(connection: "BaseDatabaseWrapper", **_: object) -> None:
    """Tests have the rights of the product and no more; `as_owner` and `the_owner()` give the owner's."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {APPLICATION}")


@pytest.fixture
def as_owner(db: None) -> "Iterator[None]":  # noqa: ARG001  it needs the database
    """For tests that do to the database what nobody but its owner can."""
    from tests.ownership import the_owner  # noqa: PLC0415  tests without a database pay nothing

    with the_owner():
        yield


@pytest.fixture(scope="session")
def test_database_url(owner_database_url: str) -> str:
    """Address of the test database as the application, for parts that do not use Django."""
    return as_role(owner_database_url, APPLICATION)


@pytest.fixture(scope="session")
def ingest_database_url(owner_database_url: str) -> str:
    """Address of the test database as the receiver."""
    return as_role(owner_database_url, INGEST)


@pytest.fixture(scope="session")
def owner_database_url(django_db_setup: None) -> str:  # noqa: ARG001  it must exist
    """Address of the test database as its owner."""
    from django.db import connection  # noqa: PLC0415  tests without a database pay nothing

    made = connection.settings_dict
    password = f":{quote(made['PASSWORD'], safe='')}" if made["PASSWORD"] else ""
    port = f"&port={made['PORT']}" if made["PORT"] else ""
    return f"postgresql://{made['USER']}{password}@/{made['NAME']}?host={quote(made['HOST'], safe='')}{port}"


@pytest.fixture
def now() -> datetime:
    """The instant of the test, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def barstow(db: None, now: datetime) -> "Town":  # noqa: ARG001  it needs the database
    from tests.personas import build_barstow  # noqa: PLC0415  tests without a database pay nothing
    from tests.towns import town  # noqa: PLC0415  the same

    return town("barstow-pd", build_barstow, now)


@pytest.fixture
def huntington_park(db: None, now: datetime) -> "Town":  # noqa: ARG001  it needs the database
    from tests.personas import build_huntington_park  # noqa: PLC0415  tests without a database pay nothing
    from tests.towns import town  # noqa: PLC0415  the same

    return town("huntington-park-pd", build_huntington_park, now)


@pytest.fixture
def login() -> "Callable[[str], Client]":
    """Give a client logged in as the person with this username."""
    from django.test import Client  # noqa: PLC0415  tests without a database pay nothing

    from tests.personas import open_session  # noqa: PLC0415  the same

    def logged_in(username: str) -> Client:
        return open_session(Client(), username)

    return logged_in
