"""Packaged files and the street map, served beside the pages."""

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from django.conf import settings

from plateward.config.asgi import build
from plateward.config.environment import Environment
from plateward.ui.assets import DIST


def get(environment: Environment, path: str, **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(build(environment))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


def test_a_hashed_script_is_typed_compressed_and_may_be_kept_for_a_year() -> None:
    script = next((DIST / "assets").glob("main-*.js"))
    answer = get(settings.ENVIRONMENT, f"/static/ui/dist/assets/{script.name}", **{"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_file_whose_name_does_not_change_is_asked_for_again() -> None:
    answer = get(settings.ENVIRONMENT, "/static/ui/dist/manifest.json")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/static/../access.py", "/static/%2e%2e/access.py", "/static/ui/nothing.js"]
)
def test_nothing_outside_the_packaged_files_is_served(path: str) -> None:
    assert get(settings.ENVIRONMENT, path).status_code == 404


def test_a_configured_street_map_is_served_in_ranges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PMTILES_URL", "/map.pmtiles")
    city = tmp_path / "city.pmtiles"
    city.write_bytes(bytes(range(256)))
    answer = get(replace(settings.ENVIRONMENT, pmtiles=city), "/map.pmtiles", Range="bytes=16-19")
    assert answer.status_code == 206
    assert answer.content == bytes([16, 17, 18, 19])
    assert answer.headers["content-range"] == "bytes 16-19/256"


@pytest.mark.django_db
def test_without_a_street_map_its_address_leads_nowhere() -> None:
    assert get(settings.ENVIRONMENT, "/map.pmtiles").status_code == 404
