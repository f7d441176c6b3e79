"""Every address declares who may reach it, those of included URLconfs too."""

import inspect
import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, include, path

from plateward.policy import CAPABILITIES
from plateward.ui.access import access, rule_of

View = Callable[..., Any]


def walk(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, View]]:
    """Every address below a resolver with its view, however deep it is included."""
    for entry in resolver.url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from walk(entry, address)
        else:
            assert isinstance(entry, URLPattern)
            yield address, entry.callback


def undeclared(resolver: URLResolver) -> list[str]:
    return [address for address, view in walk(resolver) if rule_of(view) is None]


def test_every_address_declares_its_access_rule() -> None:
    assert undeclared(get_resolver()) == [], "decorate their views with @access(...)"


def test_every_rule_names_a_capability_that_exists() -> None:
    rules = {address: rule_of(view) for address, view in walk(get_resolver())}
    unknown = {
        address: rule.capability
        for address, rule in rules.items()
        if rule and rule.capability and rule.capability not in CAPABILITIES
    }
    assert unknown == {}


def test_only_these_addresses_are_open_to_partners() -> None:
    open_to_them = {
        address for address, view in walk(get_resolver()) if (rule := rule_of(view)) and rule.partner
    }
    own = ("", "password/", "prove/", "factors/", "session/", "sessions/end/")
    factors = ("app/", "key/", "remove/", "recovery-codes/")
    account = {f"me/{one}" for one in own} | {f"me/factors/{one}" for one in factors}
    portal = {address for address in open_to_them if address.startswith("releases/portal/")}
    assert open_to_them == account | portal


def test_only_these_addresses_are_open_without_login() -> None:
    public = {address for address, view in walk(get_resolver()) if (rule := rule_of(view)) and rule.public}
    policy = "public/<slug:agency>/policy"
    pages = {policy, f"{policy}.pdf", f"{policy}/<uuid:pk>", f"{policy}/<uuid:pk>.pdf"}
    figures, month = "public/<slug:agency>/figures", "public/<slug:agency>/figures/<slug:month>"
    pages |= {figures, "public/<slug:agency>/cifras", f"{month}.json", f"{month}/<int:edition>.json"}
    pages |= {"public/recount.py"}
    provider = "login/with/<slug:agency>/"
    api = {"api/openapi.json", "api/^v1(?:/|$)"}
    ways_in = {"login/", "login/second-factor/", provider, f"{provider}return/", "locked/provider/"}
    unit = {f"unit/v1/{one}" for one in ("enroll", "configuration", "list", "assignments", "keys", "health")}
    more = ("sign-in", "sign-in/token", "sign-out", "transfers", "journal", "answers")
    unit |= {f"unit/v1/{one}" for one in more}
    app = {"field/worker.js", "field/app.webmanifest", "field/offline"}
    assert public == ways_in | {"logout/", "locked/"} | pages | api | app | unit


PRIVILEGED = {
    "accounts.manage",
    "training.certify",
    "governance.propose",
    "governance.adopt",
    "devices.manage",
}

PLAIN = {
    "policy/edit/value": "prepares for its own person; nothing holds before it is proposed",
    "policy/edit/discard": "throws away what its own person prepared",
    "policy/registers/enter": "enters a fact; no right follows from it",
    "posting/new": "enters a fact; no right follows from it",
    "training/people/<uuid:pk>/assign/": "asks somebody to learn; opens and closes nothing",
    "training/assignments/<uuid:pk>/withdraw/": "as assigning",
    "training/certificates/<uuid:pk>/file/": "adds a scan to what was certified",
    "training/sessions/new/": "plans a day; certifying it is privileged",
    "devices/<uuid:device_id>/change": "corrects facts of the register; what a device sends with stays",
    "devices/<uuid:device_id>/service": "enters a fact; no right follows from it",
    "units/<uuid:device_id>/rate": "how fast a unit sends; what it may send stays",
    "reads/upload/<uuid:device_id>/": "takes reads in, as a device would; its person is on record",
}
"""What such a capability opens without being privileged, and why (see AccessRule)."""


def changes_something(view: View) -> bool:
    source = inspect.getsource(inspect.unwrap(view))
    return re.search(r"@require_(POST|http_methods\(.*POST)", source) is not None


def test_what_is_privileged_asks_for_both_factors_again() -> None:
    without = {
        address
        for address, view in walk(get_resolver())
        if (rule := rule_of(view)) and rule.capability in PRIVILEGED and not rule.fresh
        if changes_something(view)
    }
    assert without == PLAIN.keys(), "add fresh=True, or say in PLAIN why they need not"


@access(public=True, why="only to be found")
def declared(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.path)


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.path)


def test_a_view_without_a_rule_is_found_however_deep_it_is_included() -> None:
    deep = SimpleNamespace(urlpatterns=[path("open", declared), path("<uuid:pk>/bare", bare)])
    middle = SimpleNamespace(urlpatterns=[path("deep/", include(deep))])
    resolver = URLResolver(
        get_resolver().pattern, SimpleNamespace(urlpatterns=[path("middle/", include(middle))])
    )
    assert [address.removeprefix("^/") for address in undeclared(resolver)] == ["middle/deep/<uuid:pk>/bare"]
