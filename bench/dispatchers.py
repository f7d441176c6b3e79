"""Dispatchers who work alerts over HTTP, and send again whatever got no answer, under the same number."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from uuid import UUID, uuid4

import httpx

from bench.consoles import StreamConsole

PAUSE_S = 0.5
SENT_TWICE_EVERY = 20
"""Every so-manieth act is sent a second time though it was answered, as when the answer was lost."""
BY_HAND = {"HX-Request": "true"}
DONE, REFUSED = 204, 409
TAKE = ("take",)
WHOLE = ("take", "confirm", "advise-pending", "describe", "answer", "advise-verified", "unit")
"""Acts on an alert before the disposition; the whole of B-466.9, and the log of units."""


@dataclass(slots=True)
class Act:
    """One act as its dispatcher knows it: the number it was sent under, and what was answered."""

    kind: str
    alert: str
    number: UUID | None
    status: int = 0
    sends: int = 0


class _Forms(HTMLParser):
    """The hidden fields of each form of a page, by the address it is sent to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._open: dict[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = self.found.setdefault(given.get("action", ""), {})
        elif tag == "input" and given.get("type") == "hidden" and self._open is not None:
            self._open[given.get("name", "")] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


@dataclass(eq=False)
class Dispatcher(threading.Thread):
    """Works, one after the other, the alerts of their console that are theirs.

    `may_close` says of an alert when it may go from the lists; until then it is only worked.
    """

    console: StreamConsole
    is_mine: Callable[[str], bool]
    works: Callable[[str], Sequence[str]]
    """What is done with a plate's alert before it is closed."""
    may_close: Callable[[str], bool]
    acts: list[Act] = field(default_factory=list)
    finished: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    unanswered: Counter[str] = field(default_factory=Counter)
    """Why sending was tried again."""
    _worked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__(daemon=True, name=f"{self.console.name} at work")

    @property
    def is_idle(self) -> bool:
        """Whether nothing that is theirs and may be closed waits for them."""
        showing = self.console.showing
        mine = (pk for pk in showing.current if self.is_mine(showing.plates[pk]))
        return not any(pk not in self.finished and self.may_close(pk) for pk in mine)

    def run(self) -> None:
        """Work until the end."""
        cookies = self.console.cookies
        with httpx.Client(base_url=self.console.base_url, cookies=cookies, timeout=20) as self._client:
            self._answered(lambda: self._client.get("/dispatch/"))  # for the cookie that forms go with
            while not self.console.ending.wait(PAUSE_S):
                showing = self.console.showing
                for pk in sorted(showing.current - self.finished, key=showing.first_at.__getitem__):
                    if self.is_mine(showing.plates[pk]) and not self.console.ending.is_set():
                        self._advance(pk)

    def _advance(self, pk: str) -> None:
        plate = self.console.showing.plates[pk]
        if pk not in self._worked:
            kinds = self.works(plate)
            forms = self._forms(pk) if kinds else {}
            for kind in kinds:
                self._act(kind, pk, forms)
            self._worked.add(pk)
        if self.may_close(pk):
            self._act("close", pk, {})
            self.finished.add(pk)

    def _act(self, kind: str, pk: str, forms: Mapping[str, dict[str, str]]) -> None:
        """Send the form for this act, again until it is answered.

        Where the page had none, because the step came later or a colleague was quicker, the server decides.
        """
        path, more = _sent_as(kind, pk)
        data = forms.get(path, {"csrfmiddlewaretoken": self._client.cookies["csrftoken"]}) | more
        if kind != "take" and not data.get("act"):
            data["act"] = str(uuid4())
        act = Act(kind, pk, UUID(data["act"]) if "act" in data else None)
        self.acts.append(act)
        self._send(act, path, data)
        if act.status == DONE and len(self.acts) % SENT_TWICE_EVERY == 0:
            self._send(act, path, data)

    def _send(self, act: Act, path: str, data: Mapping[str, str]) -> None:
        answer = self._answered(lambda: self._client.post(path, data=data, headers=BY_HAND))
        if answer is None:
            return
        act.sends += 1
        if answer.status_code not in {DONE, REFUSED} or (act.status == DONE != answer.status_code):
            self.faults.append(
                f"{act.kind} of {act.alert} was answered {answer.status_code} after {act.status}"
            )
        act.status = answer.status_code

    def _forms(self, pk: str) -> dict[str, dict[str, str]]:
        answer = self._answered(lambda: self._client.get(f"/dispatch/{pk}/", headers=BY_HAND))
        parser = _Forms()
        parser.feed(answer.text if answer is not None else "")
        return parser.found

    def _answered(self, ask: Callable[[], httpx.Response]) -> httpx.Response | None:
        """The server's answer; asked again while it is away. None at the end."""
        while not self.console.ending.is_set():
            try:
                answer = ask()
            except httpx.TransportError as error:
                self.unanswered[type(error).__name__] += 1
            else:
                if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                    return answer
                self.unanswered[str(answer.status_code)] += 1
            self.console.ending.wait(PAUSE_S)
        return None


def _sent_as(kind: str, pk: str) -> tuple[str, dict[str, str]]:
    """Where an act is sent, and what the dispatcher fills in."""
    address = f"/alerts/{pk}"
    others: dict[str, tuple[str, dict[str, str]]] = {
        "take": ("holding", {"do": "take"}),
        "answer": (
            "confirmation",
            {"result": "CONFIRMED", "channel": "clets-terminal", "record_number": "V123456789"},
        ),
        "unit": ("units", {"unit": "4A12", "text": "on scene"}),
        "close": ("disposition", {"code": "not-located", "stop_made": "no"}),
    }
    path, filled = others.get(kind, (f"steps/{kind}", {"outcome": "DONE"}))
    return f"{address}/{path}", filled
