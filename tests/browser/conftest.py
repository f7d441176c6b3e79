"""A running site and people with browsers in front of it.

Web pages, receiver and intake run as the processes they are in production, on this test run's database.
Playwright's loop counts as running in this thread while a browser is open, so browsers live no longer than
a test module, and Django is told that its calls from here are meant.
"""

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from plateward.accounts.models import User
from plateward.config.processes import spawn
from tests.personas import Town, build_barstow, build_huntington_park

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_LIMIT_S = 60
COMMAND_LINE = [sys.executable, "-c", "from plateward.config.cli import main; main()"]

PageAs = Callable[[str], Page]


@dataclass(frozen=True)
class Servers:
    """Addresses of the running processes."""

    base_url: str
    ingest_url: str


@dataclass(frozen=True)
class Site:
    """The running site with both towns in it; `now` is the instant they were built at."""

    base_url: str
    ingest_url: str
    now: datetime
    barstow: Town
    huntington_park: Town


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with closing(HTTPConnection(parts.hostname or "", parts.port, timeout=2)) as connection:
            connection.request("GET", "/login")
            connection.getresponse()
    except OSError:
        return False
    return True


@contextmanager
def _running(name: str, environment: dict[str, str], log: IO[bytes], url: str | None) -> Iterator[None]:
    """Run `plateward NAME` until the block ends; with `url`, wait until it answers."""
    process = spawn([*COMMAND_LINE, name], env=environment, output=log.fileno())
    deadline = time.monotonic() + START_LIMIT_S
    try:
        while url and not _answers(url):
            said = Path(log.name).read_text(errors="replace")
            assert process.poll() is None, f"plateward {name} ended with {process.returncode}:\n{said}"
            assert time.monotonic() < deadline, f"plateward {name} does not answer at {url}:\n{said}"
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(timeout=15)


@pytest.fixture(scope="session")
def servers(test_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Web pages, receiver and intake, each a process of its own, all on the test database."""
    web, ingest = _free_port(), _free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": test_database_url,
        "PLATEWARD_PORT": str(web),
        "PLATEWARD_INGEST_PORT": str(ingest),
    }
    environment.pop("PLATEWARD_TEST_DATABASE_URL", None)
    found = Servers(base_url=f"http://127.0.0.1:{web}", ingest_url=f"http://127.0.0.1:{ingest}")
    logs = tmp_path_factory.mktemp("servers")
    waits = {"web": found.base_url, "ingest": found.ingest_url, "intake": None}
    with ExitStack() as stack:
        for name, url in waits.items():
            log = stack.enter_context((logs / f"{name}.log").open("wb"))
            stack.enter_context(_running(name, environment, log, url))
        yield found


@pytest.fixture
def site(transactional_db: None, servers: Servers) -> Site:  # noqa: ARG001  rows must be committed to be seen
    """The running site, both agencies set up."""
    now = timezone.now()
    return Site(
        base_url=servers.base_url,
        ingest_url=servers.ingest_url,
        now=now,
        barstow=build_barstow(now),
        huntington_park=build_huntington_park(now),
    )


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for the tests of a module."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield launched
        launched.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@dataclass
class _Complaints:
    """What went wrong inside pages: exceptions, and refusals by the Content-Security-Policy."""

    found: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.found.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._console(page, message))

    def _console(self, page: Page, message: ConsoleMessage) -> None:
        # A refused or interrupted request is the story of its own test, and the browser logs it as an error.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.found.append(f"{page.url}: {message.text}")


@pytest.fixture
def page_as(site: Site, browser: Browser) -> Iterator[PageAs]:
    """`page_as("dunn")` is a page of a new browser in which Dispatcher Dunn is logged in; "" is nobody.

    After the test no page may have thrown an exception or broken the Content-Security-Policy.
    """
    complaints = _Complaints()
    with ExitStack() as stack:

        def open_page(username: str) -> Page:
            context = browser.new_context(
                base_url=site.base_url, viewport={"width": 1440, "height": 1000}, reduced_motion="reduce"
            )
            stack.callback(context.close)
            if username:
                client = Client()
                client.force_login(User.objects.get(username=username))
                cookie = client.cookies[settings.SESSION_COOKIE_NAME]
                context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site.base_url}])
            page = context.new_page()
            complaints.listen(page)
            return page

        yield open_page
    assert not complaints.found


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """`accessible(page)` fails with axe-core's findings when the page breaks a WCAG 2.1 A or AA rule."""

    def check(page: Page) -> None:
        rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
        results = Axe().run(page, options=rules)
        assert results.violations_count == 0, results.generate_report()

    return check


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder for screenshots: SCREENSHOTS, or a temporary one."""
    given = os.environ.get("SCREENSHOTS")
    folder = Path(given) if given else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
