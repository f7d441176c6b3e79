"""What the template tags put on the page."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from plateward.ui import assets

NOON = datetime(2026, 7, 1, 19, 0, 5, tzinfo=UTC)


def rendered(source: str, **context: Any) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


def test_a_plate_with_doubtful_characters_names_them_aloud() -> None:
    html = rendered("{% plate text sure %}", text="8BVC", sure=[0.99, 0.61, 0.8, 0.95])
    assert '<span class="usa-sr-only">8BVC, doubtful: B 61%</span>' in html
    assert '<span class="plate__doubtful">B</span><span class="plate__fair">V</span>' in html


@pytest.mark.parametrize("confidences", [None, [], [0.5]])
def test_a_plate_without_one_confidence_per_character_is_plain_text(confidences: list[float] | None) -> None:
    assert rendered("{% plate '8BVC' sure %}", sure=confidences) == '<span class="plate">8BVC</span>'


def test_plate_text_cannot_smuggle_markup() -> None:
    assert "<script>" not in rendered("{% plate text %}", text="<script>")


def test_times_are_in_the_agency_zone_with_the_offset() -> None:
    with timezone.override(ZoneInfo("America/Los_Angeles")):
        html = rendered("{% local_time at %}", at=NOON)
    assert 'datetime="2026-07-01T12:00:05-07:00"' in html
    assert "Jul 1, 2026, 12:00:05" in html
    assert "−07:00" in html


def test_a_missing_time_is_a_dash() -> None:
    assert rendered("{% local_time at %}", at=None) == "–"


@pytest.mark.parametrize("text", ["7ABC123", "2026-11-22", "26-0311", "all"])
def test_a_recorded_value_is_shown_as_it_stands(text: str) -> None:
    assert rendered("{% local_text text %}", text=text) == text


def test_a_recorded_instant_is_shown_in_the_agencys_zone() -> None:
    with timezone.override("America/Los_Angeles"):
        shown = rendered("{% local_text text %}", text=NOON.isoformat())
        assert shown == rendered("{% local_time at %}", at=NOON)


def test_an_age_can_be_kept_current_by_the_page() -> None:
    html = rendered("{% age at now %}", at=NOON, now=NOON + timedelta(hours=3, minutes=12))
    assert "data-age>3 h 12 min</time>" in html


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("{% badge 'UNVERIFIED' %}", '<span class="pw-badge pw-badge--warn">UNVERIFIED</span>'),
        ("{% badge 'AWAITING_APPROVAL' %}", '<span class="pw-badge pw-badge--warn">AWAITING APPROVAL</span>'),
        ("{% badge 'ODD' 'Odd one' %}", '<span class="pw-badge pw-badge--quiet">Odd one</span>'),
        ("{% badge 'ODD' tone='bad' %}", '<span class="pw-badge pw-badge--bad">ODD</span>'),
        ("{{ 'dispatch-supervisor'|words }}", "Dispatch supervisor"),
    ],
)
def test_status_words(tag: str, expected: str) -> None:
    assert rendered(tag) == expected


def test_an_icon_is_decoration_unless_it_says_something() -> None:
    assert 'aria-hidden="true"' in rendered("{% icon 'lock' %}")
    assert 'role="img" aria-label="Locked"' in rendered("{% icon 'lock' 'Locked' %}")


def test_page_links_keep_the_query() -> None:
    request = RequestFactory().get("/", {"plate": "8BVC*", "page": "2"})
    html = rendered("{% pagination page %}", page=Paginator(range(30), 10).get_page(2), request=request)
    assert 'href="?plate=8BVC%2A&amp;page=3" aria-label="Next page"' in html
    assert 'aria-label="Page 2" aria-current="page"' in html


def test_an_entry_links_its_styles_and_every_module_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunk = {"file": "assets/main-1.js", "css": ["assets/main-1.css"], "imports": ["_shared"]}
    shared = {"file": "assets/shared-2.js", "imports": ["_shared"]}
    (tmp_path / "manifest.json").write_text(json.dumps({"src/main.ts": chunk, "_shared": shared}))
    monkeypatch.setattr(assets, "DIST", tmp_path)
    html = rendered("{% asset 'main' %}")
    assert '<link rel="stylesheet" href="/static/ui/dist/assets/main-1.css">' in html
    assert html.count('<link rel="modulepreload" href="/static/ui/dist/assets/shared-2.js">') == 1
    assert '<script type="module" src="/static/ui/dist/assets/main-1.js"></script>' in html


def test_missing_assets_say_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "DIST", tmp_path)
    with pytest.raises(assets.AssetsMissing, match="make assets"):
        rendered("{% asset 'main' %}")
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(assets.AssetsMissing, match=r"without 'src/main\.ts'"):
        rendered("{% asset 'main' %}")
