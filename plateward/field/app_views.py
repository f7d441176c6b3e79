"""What makes the officers' page an app on a phone: manifest, service worker, a page without network.

None of them holds anything of an agency or a person: they are open, so that a phone that is logged out can
still say what it has not sent yet.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from plateward.ui import assets
from plateward.ui.access import access

COLOR = "#0b1016"
"""Of the dark page, for the bar of the phone."""
ICONS = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-mask.png", "512x512", "maskable"),
)


@access(public=True, why="A program without data, the same for everybody; browsers fetch it by themselves.")
@cache_control(no_cache=True)
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: keeps the program and the page without network, never a page with data."""
    kept = [reverse("field:offline"), *(static(one) for one in _program())]
    return render(request, "field/worker.js", {"kept": kept}, content_type="text/javascript; charset=utf-8")


def _program() -> list[str]:
    main = "main"
    return [
        *assets.styles(main),
        assets.script(main),
        *assets.preloads(main),
        assets.icon_sheet(),
        "ui/mark.svg",
    ]


@access(public=True, why="The app's name and icons; browsers fetch it by themselves.")
@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """The web app manifest (W3C Web Application Manifest)."""
    del request
    told = {
        "id": reverse("field:mine"),
        "name": "Plateward in the field",
        "short_name": "Plateward",
        "start_url": reverse("field:mine"),
        "scope": reverse("field:mine"),
        "display": "standalone",
        "background_color": COLOR,
        "theme_color": COLOR,
        "icons": [
            {"src": static(f"field/{name}"), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, sizes, purpose in ICONS
        ],
    }
    return JsonResponse(told, content_type="application/manifest+json")


@access(public=True, why="Shown by a phone without network; it holds nothing of anybody.")
@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """The page a phone shows when it is opened without network."""
    return render(request, "field/offline.html")
