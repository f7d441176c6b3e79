"""Every request of vendor staff in their maintenance window goes on record."""

from contextlib import suppress
from functools import partial

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from plateward.audit.local import JournalUnwritableError, NothingWritableError
from plateward.control.window_actions import note_request
from plateward.governance.actor import Actor
from plateward.governance.middleware import unwritable_page
from plateward.walls import scope


class WindowRecordMiddleware(MiddlewareMixin):
    """Stands outside the gate, so that what the gate refused is on record too."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Record method, page and answer, if somebody is here through a window.

        What cannot be recorded is not shown: the answer becomes a 503 that says what to do (R133).
        """
        actor: Actor | None = getattr(request, "actor", None)
        if actor is None or not actor.standing.window:
            return response
        page = request.resolver_match.view_name if request.resolver_match else "unknown address"
        note = partial(note_request, by=actor, method=request.method or "", page=page, now=timezone.now())
        with scope.as_agency(actor.agency):  # the gate has closed the agency's rows behind itself
            try:
                note(status=response.status_code)
            except JournalUnwritableError as error:
                response = unwritable_page(request, actor, error)
                with suppress(NothingWritableError):  # the page says so
                    note(status=response.status_code, locally=True)
        return response
