"""What Vite built: entry names to hashed files, read from its manifest."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

DIST = Path(__file__).resolve().parent / "static" / "ui" / "dist"
PREFIX = "ui/dist/"


class AssetsMissing(RuntimeError):
    """The front end has not been built, or not this part of it. Run `make assets`."""


def styles(name: str) -> list[str]:
    """Static paths of the style sheets of entry `name`, its shared chunks' included."""
    return [PREFIX + file for chunk in _chunks(name) for file in chunk.get("css", [])]


def script(name: str) -> str:
    """Static path of the module script of entry `name`."""
    return PREFIX + _file(f"src/{name}.ts")


def preloads(name: str) -> list[str]:
    """Static paths of the modules that entry `name` imports, so the browser fetches them at once."""
    return [PREFIX + chunk["file"] for chunk in _chunks(name)[1:]]


def icon_sheet() -> str:
    """Static path of the sheet of icons."""
    return PREFIX + _file("icons.svg")


def _file(key: str) -> str:
    return str(_entry(key)["file"])


def _entry(key: str) -> dict[str, Any]:
    path = DIST / "manifest.json"
    if not path.exists():
        raise AssetsMissing(f"The front end is not built: {path} is missing. Run `make assets`.")
    manifest = _manifest(path, path.stat().st_mtime_ns)
    if key not in manifest:
        raise AssetsMissing(
            f"The front end was built without {key!r}. Run `make assets`, or correct the name."
        )
    return manifest[key]


def _chunks(name: str) -> list[dict[str, Any]]:
    """The entry and, after it, everything it imports, each once."""
    keys = [f"src/{name}.ts"]
    for key in keys:
        keys.extend(other for other in _entry(key).get("imports", []) if other not in keys)
    return [_entry(key) for key in keys]


@lru_cache(maxsize=2)
def _manifest(path: Path, _changed_at: int) -> dict[str, dict[str, Any]]:
    manifest: dict[str, dict[str, Any]] = json.loads(path.read_text())
    return manifest
