"""The frame around every page: menu, refusals, errors, and nothing that the content policy would stop."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_django
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import RequestFactory
from django.urls import path

from plateward.policy import Decision
from plateward.ui import navigation, views

pytestmark = pytest.mark.urls(__name__)

TEMPLATES = sorted((Path(navigation.__file__).parents[1]).glob("*/templates/**/*.html"))


def page(request: HttpRequest) -> HttpResponse:
    del request
    return HttpResponse()


urlpatterns = [
    path("", page, name="home"),
    path("search/", page, name="search"),
    path("search/results/", page, name="results"),
]


@dataclass(frozen=True)
class Dunn:
    """A dispatcher who may search and nothing else."""

    name: str = "Dana Dunn"
    title_name: str = "Dispatcher"
    agency_name: str = "Barstow Police Department"
    organization: str = ""

    def may(self, capability: str) -> bool:
        return capability == "search.run"


@pytest.fixture(autouse=True)
def menu(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(navigation, "_items", {})
    for order, (label, name, capability) in enumerate(
        [("Audit", "results", "audit.view"), ("Search", "search", "search.run"), ("Start", "home", None)]
    ):
        navigation.register(navigation.NavigationItem(label, name, capability, 10 - order))
    return None


def shown(template: str, actor: Dunn | None, address: str = "/search/results/", **context: object) -> str:
    request = RequestFactory().get(address)
    request.actor = actor  # type: ignore[attr-defined]  # as the middleware does
    return render(request, template, context).content.decode()


def test_the_menu_lists_what_the_person_may_do_in_order() -> None:
    html = shown("ui/404.html", Dunn())
    assert re.findall(r'<li><a href="[^"]+"[^>]*>(\w+)</a>', html) == ["Start", "Search"]


def test_the_menu_marks_the_section_of_a_page_below_it() -> None:
    assert '<a href="/search/" aria-current="true">' in shown("ui/404.html", Dunn())
    assert '<a href="/search/" aria-current="page">' in shown("ui/404.html", Dunn(), "/search/")


def test_entries_of_a_group_are_folded_under_its_button_and_one_alone_stands_by_itself() -> None:
    for number, name in enumerate(("search", "home")):
        item = navigation.NavigationItem(name.title(), name, None, number, group=navigation.Group.MINE)
        navigation.register(item)
    html = shown("ui/404.html", Dunn())
    assert re.search(
        r'<button[^>]* aria-expanded="false" aria-controls="menu-1" aria-current="true">Mine ', html
    )
    assert html.count('<ul class="pw-menu__links" id="menu-1" data-closed>') == 1
    navigation.register(
        navigation.NavigationItem("Home", "home", "audit.view", 1, group=navigation.Group.MINE)
    )
    assert "Mine" not in shown("ui/404.html", Dunn())


def test_before_login_there_is_no_menu_and_no_name() -> None:
    html = shown("ui/404.html", None)
    assert 'aria-label="Main"' not in html
    assert "Barstow" not in html


def test_registering_again_replaces_the_entry() -> None:
    navigation.register(navigation.NavigationItem("Look up", "search", "search.run", 1))
    assert [item.label for item in navigation.items()] == ["Look up", "Start", "Audit"]


def test_a_refusal_says_what_why_by_which_rule_and_what_to_do() -> None:
    decision = Decision(
        allowed=False, clause="H-426.2", reason="Not a purpose of this agency.", remedy="Choose another."
    )
    html = shown("ui/refused.html", Dunn(), decision=decision, attempted="POST /search/")
    for said in ("POST /search/", "Not a purpose of this agency.", "H-426.2", "Choose another."):
        assert said in html


@pytest.mark.parametrize(
    ("view", "status", "heading"),
    [
        (views.bad_request, 400, "could not be understood"),
        (views.forbidden, 403, "not allowed"),
        (views.csrf_failure, 403, "has expired"),
        (views.not_found, 404, "nothing at this address"),
        (views.server_error, 500, "failed on our side"),
    ],
)
def test_error_pages_say_what_happened(view: object, status: int, heading: str) -> None:
    assert callable(view)
    response = view(RequestFactory().get("/"))
    assert response.status_code == status
    assert heading in response.content.decode()


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_without_the_database_an_act_counts_as_not_sent(error: type[Exception]) -> None:
    try:
        raise error  # noqa: TRY301  the handler asks what is being handled
    except error:
        response = views.server_error(RequestFactory().post("/"))
    assert response.status_code == 503
    assert "The database does not answer" in response.content.decode()
    assert "data-refusal" not in response.content.decode()  # web/src/lost.ts takes it for lost


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_templates_hold_nothing_that_the_content_policy_stops(template: Path) -> None:
    forbidden = re.compile(
        r"""<style|\sstyle=|\son[a-z]+=|hx-on|javascript:|<script(?![^>]*\ssrc=)|https?://(?!www\.w3\.org)"""
    )
    assert not forbidden.search(template.read_text())


def test_only_the_demonstration_says_that_everything_is_invented(
    rf: RequestFactory, settings: pytest_django.Settings
) -> None:
    def frame() -> str:
        return render(rf.get("/"), "ui/base.html").content.decode()

    assert "Demonstration:" not in frame()
    settings.DEMONSTRATION = True
    assert "Demonstration: people, plates and pictures are invented" in frame()
