"""The web process's ASGI application: packaged files and the street map beside Django's pages."""

import os
from pathlib import Path
from typing import Final, cast

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plateward.config.settings")

from django.conf import settings
from django.core.asgi import get_asgi_application

from plateward.config.environment import Environment
from plateward.ui.assets import DIST

HASHED: Final = f"{os.sep}assets{os.sep}"
"""Vite puts a hash into the name of every file below this folder: it never changes."""


class PackagedFiles(StaticFiles):
    """Styles and scripts of the package; hashed ones may be kept by the browser for a year."""

    def file_response(
        self,
        full_path: "str | os.PathLike[str]",
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Answer with the file, its caching and no guessing of its type."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        kept = HASHED in str(full_path)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def street_map(file: Path) -> Route:
    """Serve the configured PMTiles file; its readers ask for ranges of it, which FileResponse answers."""

    async def answer(_request: object) -> Response:
        return FileResponse(file, media_type="application/octet-stream")

    return Route(settings.PMTILES_URL, answer)


def build(environment: Environment) -> Starlette:
    """Put the routes together; every page but files and map tiles passes Django's gate."""
    packaged = Mount(
        f"/{settings.STATIC_URL.strip('/')}",
        PackagedFiles(directory=DIST.parent.parent, check_dir=False),
        middleware=[Middleware(GZipMiddleware, minimum_size=1024)],
    )
    tiles: list[BaseRoute] = [street_map(environment.pmtiles)] if environment.pmtiles else []
    # django-stubs and Starlette word the same protocol differently.
    pages = cast(ASGIApp, get_asgi_application())
    return Starlette(routes=[packaged, *tiles, Mount("/", pages)])


application = build(settings.ENVIRONMENT)
