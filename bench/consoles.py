"""Open dispatch consoles, and a record of every list that each of them showed.

One kind is the page itself in a Chromium, watched by a script of its own; the other does over HTTP what the
page does: it listens to the event stream, fetches the list on each event and each opening, and asks every
five seconds while it is not connected. Of events that come during a fetch it fetches once more, as htmx does.
"""

import os
import re
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page, sync_playwright

from tests.tools import CHROMIUM_FLAGS, find_chromium

Cookie = tuple[str, str]
"""Name and value of a session's cookie."""

BACKGROUND = {"HX-Request": "true", "X-Plateward-Background": "1"}
POLL_S = 5.0
SILENCE_S = 35.0
RETRY_S = 1.0
LOOK_S = 0.25
MOST_SHOWN = 250
"""With more open, what is not on the list may be so nevertheless."""
READ_S = 2.0
"""So long the dispatcher before the page takes until they press the key for new alerts."""
ROW = re.compile(
    r'data-row data-arrival="([0-9a-f-]{36})(?:-late)?".*?<span class="plate">([A-Z0-9]+)</span>'
    r".*?<span>(\d+) hits?</span>",
    re.DOTALL,
)
WATCH = (Path(__file__).parent / "console_watch.js").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Row:
    """One alert of a list."""

    pk: str
    plate: str
    hits: int


@dataclass(eq=False)
class Showing:
    """What one console has shown. `faults` are what must never happen, in words."""

    name: str
    first_at: dict[str, float] = field(default_factory=dict)
    """When each alert was first on the list, in seconds since 1970."""
    plates: dict[str, str] = field(default_factory=dict)
    hits: dict[str, int] = field(default_factory=dict)
    current: frozenset[str] = frozenset()
    faults: list[str] = field(default_factory=list)
    lists: int = 0
    reconnected: int = -1
    _gone: set[str] = field(default_factory=set)

    def take(self, rows: Sequence[Row], at: float, *, comes_with_page: bool = False) -> None:
        """Look at a list: nothing may stand there twice, or come again after it went.

        Whether it came with a page that was loaded again is said of it: such a list was made before the page
        that it replaces may have renewed its own.
        """
        self.lists += 1
        for key, count in Counter([row.pk for row in rows] + [row.plate for row in rows]).items():
            if count > 1:
                self.faults.append(f"{key} stood on the list {count} times at once")
        for row in rows:
            self.first_at.setdefault(row.pk, at)
            self.plates[row.pk] = row.plate
            self.hits[row.pk] = max(row.hits, self.hits.get(row.pk, 0))
        now = frozenset(row.pk for row in rows)
        how = " with a page loaded again" if comes_with_page else ""
        self.faults += [f"{self.plates[pk]} came again after it was closed{how}" for pk in now & self._gone]
        if len(rows) < MOST_SHOWN:
            self._gone |= self.current - now
        self.current = now


class StreamConsole(threading.Thread):
    """A console over HTTP. `showing` is what it showed."""

    def __init__(self, name: str, base_url: str, cookie: Cookie, ending: threading.Event) -> None:
        super().__init__(daemon=True, name=name)
        self.showing = Showing(name)
        self.ending = ending
        self.base_url = base_url
        self.cookies = dict([cookie])
        self._due = threading.Event()
        self._is_live = False
        self._last_id = ""
        self._retry_s = RETRY_S

    def run(self) -> None:
        """Follow the stream until the end; after an interruption again."""
        for work in (self._fetch_when_due, self._poll_while_lost):
            threading.Thread(target=work, daemon=True).start()
        with httpx.Client(base_url=self.base_url, cookies=self.cookies, timeout=SILENCE_S) as client:
            while not self.ending.is_set():
                try:
                    self._follow(client)
                except httpx.HTTPError:
                    self._is_live = False
                self.ending.wait(self._retry_s)

    def _follow(self, client: httpx.Client) -> None:
        headers = {"Accept": "text/event-stream"} | (
            {"Last-Event-ID": self._last_id} if self._last_id else {}
        )
        with client.stream("GET", "/live/stream?topics=alerts", headers=headers) as stream:
            if stream.status_code != httpx.codes.OK:
                self._is_live = False
                self._heed_refusal(stream.status_code)
                return
            self.showing.reconnected += 1
            self._is_live = True
            self._due.set()
            for line in stream.iter_lines():
                if self.ending.is_set():
                    return
                self._heed(line)
        self._is_live = False

    def _heed(self, line: str) -> None:
        name, _, value = line.partition(": ")
        if name == "event" and value in {"alerts", "resync"}:
            self._due.set()
        elif name == "id":
            self._last_id = value
        elif name == "retry":
            self._retry_s = float(value) / 1000

    def _heed_refusal(self, status: int) -> None:
        if status in {302, 401, 403}:
            self.showing.faults.append(f"the stream was refused with {status}")

    def _poll_while_lost(self) -> None:
        while not self.ending.wait(POLL_S):
            if not self._is_live:
                self._due.set()

    def _fetch_when_due(self) -> None:
        with httpx.Client(base_url=self.base_url, cookies=self.cookies, timeout=SILENCE_S) as client:
            while not self.ending.is_set():
                if not self._due.wait(LOOK_S):
                    continue
                self._due.clear()
                try:
                    self._take(client.get("/dispatch/queue", headers=BACKGROUND))
                except httpx.HTTPError:
                    continue  # the page keeps its list; it is lost and polls, or the stream will say more

    def _take(self, answer: httpx.Response) -> None:
        if answer.status_code == httpx.codes.OK:
            rows = [Row(pk, plate, int(hits)) for pk, plate, hits in ROW.findall(answer.text)]
            if len(rows) != answer.text.count("data-row data-arrival="):
                self.showing.faults.append("a list whose rows could not be read")
            self.showing.take(rows, time.time())
        else:
            self._heed_refusal(answer.status_code)


class BrowserConsole(threading.Thread):
    """The page in a Chromium, before which a dispatcher presses the key for new alerts.

    `heard` counts, for each alert, how often the page told its sound of it as new; `tones` are notes played.
    """

    def __init__(
        self, name: str, base_url: str, cookie: Cookie, ending: threading.Event, *, acknowledges: bool = True
    ) -> None:
        super().__init__(daemon=True, name=name)
        self.showing = Showing(name)
        self.ending = ending
        self.base_url = base_url
        self.cookie = cookie
        self.acknowledges = acknowledges
        self.heard: Counter[str] = Counter()
        self.found_there: set[str] = set()
        """Alerts that stood on the list when the page was loaded: old news, without a tone."""
        self.events: list[float] = []
        """When the page was told that it should fetch its list."""
        self.tones = self.acknowledged = 0
        self.listed = threading.Condition()
        self.failed: BaseException | None = None

    def run(self) -> None:
        """Keep the page open until the end."""
        try:
            self._run()
        except BaseException as error:
            self.failed = error
            raise

    def _run(self) -> None:
        program = find_chromium()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
            context = browser.new_context(base_url=self.base_url, viewport={"width": 1440, "height": 1000})
            name, value = self.cookie
            context.add_cookies([{"name": name, "value": value, "url": self.base_url}])
            context.expose_binding("told", lambda _, told: self._told(told))
            context.add_init_script(WATCH)
            page = context.new_page()
            page.goto("/dispatch/")
            page.locator("#queue-heading").click()  # browsers let no page sound before
            pressed_at = time.monotonic()
            while not self.ending.is_set():
                page.wait_for_timeout(LOOK_S * 1000)
                if self.acknowledges and time.monotonic() > pressed_at + READ_S:
                    pressed_at = time.monotonic()
                    self._acknowledge(page)
            if folder := os.environ.get("SCREENSHOTS"):
                page.screenshot(path=Path(folder) / "soak-console.png", full_page=True)
            browser.close()

    def _acknowledge(self, page: Page) -> None:
        if page.locator("#acknowledge:not([disabled])").count():
            page.keyboard.press("a")
            self.acknowledged += 1

    def _told(self, told: dict[str, Any]) -> None:
        kind, at = told["kind"], told["at"] / 1000
        if kind == "page":
            self.showing.reconnected += 1
            if not told["has_list"]:
                self.showing.faults.append(f"the page left for {told['address']}")
        elif kind == "list":
            if told["is_first"]:
                self.found_there |= {pk for pk, _, _ in told["rows"]}
            with self.listed:
                rows = [Row(*row) for row in told["rows"]]
                self.showing.take(rows, at, comes_with_page=told["is_first"])
                self.listed.notify_all()
        elif kind == "event":
            self.events.append(at)
        elif kind == "arrival":
            self.heard.update(told["rows"])
            if told["count"] != len(told["rows"]):
                self.showing.faults.append(f"{told['count']} were said to be new, not {told['rows']}")
        elif kind == "tone":
            self.tones += 1
            if not told["arriving"] and not told["unheard"]:
                self.showing.faults.append("the tone went on though everything was acknowledged")
