"""The pages shown when a request fails. `config.urls` names them as Django's error handlers."""

import sys

from django.core.exceptions import BadRequest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the address or the form is malformed; what a view says of it is shown, others' words not."""
    reason = str(exception) if isinstance(exception, BadRequest) else ""
    return render(request, "ui/400.html", {"reason": reason}, status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 without a policy decision behind it; refusals by policy have `ui/refused.html`."""
    return render(request, "ui/403.html", {"reason": str(exception or "")}, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's token is missing or old, mostly because of a log-in in another tab."""
    del reason
    sentence = "This form has expired or came from another site. Go back, reload the page and send it again."
    return render(request, "ui/403.html", {"reason": sentence}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such thing, or another agency's."""
    del exception
    return render(request, "ui/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, drawn without context processors, since one of them may be what failed.

    503 where the database was away or broke off: a screen keeps such an act, to be sent again.
    """
    del request
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return HttpResponse(render_to_string("ui/503.html"), status=503)
    return HttpResponse(render_to_string("ui/500.html"), status=500)
