"""Every request of vendor staff in their maintenance window goes on record."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from plateward.control.window_actions import note_request
from plateward.governance.actor import Actor
from plateward.walls import scope


class WindowRecordMiddleware(MiddlewareMixin):
    """Stands outside the gate, so that what the gate refused is on record too."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Record method, page and answer, if somebody is here through a window."""
        actor: Actor | None = getattr(request, "actor", None)
        if actor is not None and actor.standing.window:
            page = request.resolver_match.view_name if request.resolver_match else "unknown address"
            with scope.as_agency(actor.agency):  # the gate has closed the agency's rows behind itself
                note_request(
                    by=actor,
                    method=request.method or "",
                    page=page,
                    status=response.status_code,
                    now=timezone.now(),
                )
        return response
