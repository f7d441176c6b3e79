"""A running site and people with browsers in front of it.

Web pages, receiver and intake run as the processes they are in production, on this test run's database.
Playwright's loop counts as running in this thread while a browser is open. So browsers live no longer than
a test module, Django is told that its calls from here are meant, and the database connection it keeps for
that loop is closed with the browser.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.servers import Servers, running_servers
from tests.tools import CHROMIUM_FLAGS

if TYPE_CHECKING:  # this file may be loaded before Django is set up
    from tests.browsing import Accessible, PageAs, Site
    from tests.provider import Provider

expect.set_options(timeout=15_000)  # a busy machine is slow, and the page no less right for it


@pytest.fixture(scope="session")
def provider() -> Iterator["Provider"]:
    """An OpenID Connect provider, which Barstow's people may log in through."""
    from tests.provider import running_provider  # noqa: PLC0415  see above

    with running_provider() as running:
        yield running


@pytest.fixture(scope="session")
def servers(
    test_database_url: str,
    ingest_database_url: str,
    provider: "Provider",
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Servers]:
    """Web pages, receiver and intake, each a process of its own, all on the test database."""
    told = provider.settings(tmp_path_factory.mktemp("provider"), factor_amr='["hwk"]')
    logs = tmp_path_factory.mktemp("servers")
    with running_servers(test_database_url, ingest_database_url, logs, login_providers=told) as running:
        yield running


@pytest.fixture
def what_servers_said(servers: Servers) -> Iterator[None]:
    """Shows with a failed test what the processes wrote meanwhile; each must run before and after it."""
    assert not servers.ended()
    before = {name: log.stat().st_size for name, log in servers.logs.items()}
    yield
    for name, size in before.items():
        if said := servers.logs[name].read_bytes()[size:].decode(errors="replace"):
            print(f"{name}:\n{said}")  # noqa: T201  pytest keeps it for a failure
    assert not servers.ended()


@pytest.fixture
def site(transactional_db: None, servers: Servers, what_servers_said: None) -> "Site":  # noqa: ARG001  rows must be committed to be seen
    """The running site, both agencies set up."""
    from django.utils import timezone  # noqa: PLC0415  see above

    from tests.browsing import Site  # noqa: PLC0415  see above
    from tests.personas import build_barstow, build_huntington_park  # noqa: PLC0415  see above
    from tests.towns import town  # noqa: PLC0415  see above

    now = timezone.now()
    return Site(
        base_url=servers.base_url,
        ingest_url=servers.ingest_url,
        now=now,
        barstow=town("barstow-pd", build_barstow, now),
        huntington_park=town("huntington-park-pd", build_huntington_park, now),
    )


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for the tests of a module."""
    from django.db import connection  # noqa: PLC0415  see above

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield launched
        connection.close()
        launched.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


# A request that fails is the story of its own test; the browser and htmx log it as an error all the same.
FAILED_REQUEST = (
    "Failed to load resource",
    "Response Status Error Code",
    "htmx:sendError",
    "htmx:sendAbort",  # the page was left before the answer came
    "htmx:responseError",
    "htmx:afterRequest",
    "EventSource's response has a MIME type",  # a session that ended is sent to log in
    "[object Event]",  # all that htmx says of an event stream that was lost
)


@dataclass
class Complaints:
    """What went wrong inside pages: exceptions, and refusals by the Content-Security-Policy."""

    found: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.found.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._console(page, message))

    def _console(self, page: Page, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(FAILED_REQUEST):
            self.found.append(f"{page.url}: {message.text}")


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Gathers what pages complain about; there must be nothing in the end."""
    gathered = Complaints()
    yield gathered
    assert not gathered.found


def _session(username: str, url: str) -> SetCookieParam:
    """The cookie of a person who has just logged in."""
    from django.conf import settings  # noqa: PLC0415  see above
    from django.test import Client  # noqa: PLC0415  see above

    from tests.personas import open_session  # noqa: PLC0415  see above

    client = open_session(Client(), username)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    return {"name": cookie.key, "value": cookie.value, "url": url}


@pytest.fixture
def page_as(site: "Site", browser: Browser, complaints: Complaints) -> Iterator["PageAs"]:
    """Open pages as people."""
    with ExitStack() as stack:

        def open_page(username: str) -> Page:
            context = browser.new_context(
                base_url=site.base_url, viewport={"width": 1440, "height": 1000}, reduced_motion="reduce"
            )
            stack.callback(context.close)
            if username:
                context.add_cookies([_session(username, site.base_url)])
            page = context.new_page()
            complaints.listen(page)
            return page

        yield open_page


LEVELS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")
AXE = (Path(__file__).parent / "accessible.js").read_text(encoding="utf-8")


@pytest.fixture
def accessible(complaints: Complaints) -> "Accessible":
    """Check a page with axe-core, whose own trial styles break the CSP and are no complaint."""

    def check(page: Page) -> None:
        before = len(complaints.found)
        page.evaluate(Axe().axe_script)
        found = page.evaluate(AXE, list(LEVELS))
        del complaints.found[before:]
        results = AxeResults({"violations": found, "url": page.url})
        assert not found, results.generate_report()

    return check


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder for screenshots: SCREENSHOTS, or a temporary one."""
    given = os.environ.get("SCREENSHOTS")
    folder = Path(given) if given else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
