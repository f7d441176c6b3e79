"""The page on which a watch for a partial plate is requested, with how many known plates it would catch."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from plateward.governance.http import ActorRequest
from plateward.hotlists.entry_forms import WatchForm
from plateward.hotlists.requesting import request_page, requested
from plateward.search import watch_actions
from plateward.ui.access import access
from plateward.ui.acting import errors_in


@access(capability="hotlists.request")
@never_cache
@require_http_methods(["GET", "POST"])
def watch(request: ActorRequest) -> HttpResponse:
    """Ask to watch for a partial plate; how many known plates it fits is shown first, on record."""
    actor, now = request.actor, timezone.now()
    form = WatchForm(request.POST or None, profile=actor.profile)
    if not form.is_valid() or (form.preview and "preview" not in request.POST):
        return requested(request, form, "search/watch.html")
    preview = None
    with errors_in(form):
        preview = watch_actions.preview_watch(
            plate=form.cleaned_data["plate"],
            vehicle=form.vehicle,
            days=form.cleaned_data["days"],
            purpose=form.cleaned_data["purpose"],
            reason=form.cleaned_data["reason"],
            case_number=form.cleaned_data["case_number"],
            by=actor,
            now=now,
        )
        form.show(preview)
    return request_page(request, form, "search/watch.html", {"preview": preview})
