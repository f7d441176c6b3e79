"""The journal and the access records, for those who answer for the use of the system."""

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from plateward.audit import actions, presenters
from plateward.audit.forms import AccessForm, JournalForm
from plateward.audit.http import ViewerRequest
from plateward.audit.sentences import AREAS
from plateward.ui.access import access


@access(capability="audit.view")
@never_cache
@require_GET
def journal(request: ViewerRequest) -> HttpResponse:
    """Show who did what and when in the agency, newest first."""
    viewer = request.actor
    time_zone = viewer.profile.agency.time_zone
    form = JournalForm(request.GET, time_zone=time_zone, areas=AREAS.items())
    if not form.is_valid():
        return render(request, "audit/journal.html", {"form": form}, status=422)
    page = actions.read_journal(
        by=viewer.who,
        agency=viewer.agency,
        wanted=form.wanted(),
        before=_before(request),
        profile_version=viewer.profile.version,
        now=timezone.now(),
    )
    rows = [presenters.journal_row(row, viewer.profile) for row in page.rows]
    return render(
        request, "audit/journal.html", {"form": form, "rows": rows, "older": _older(request, page.older)}
    )


@access(capability="audit.view")
@never_cache
@require_GET
def accesses(request: ViewerRequest) -> HttpResponse:
    """Answer who looked at a plate, for a case, or what a person looked at (R54)."""
    viewer = request.actor
    purposes = [(purpose.id, purpose.name) for purpose in viewer.profile.purposes.values()]
    form = AccessForm(request.GET, time_zone=viewer.profile.agency.time_zone, purposes=purposes)
    if not form.is_valid():
        return render(request, "audit/accesses.html", {"form": form}, status=422)
    page = actions.read_accesses(
        by=viewer.who,
        agency=viewer.agency,
        wanted=form.wanted(),
        before=_before(request),
        profile_version=viewer.profile.version,
        now=timezone.now(),
    )
    rows = [presenters.access_row(row, viewer.profile) for row in page.rows]
    context = {"form": form, "rows": rows, "older": _older(request, page.older)}
    return render(request, "audit/accesses.html", context)


def _before(request: ViewerRequest) -> int | None:
    """The id before which the page begins; 400 for one that is no number."""
    before = request.GET.get("before")
    if not before:
        return None
    try:
        return int(before)
    except ValueError as error:
        raise BadRequest("This page of the journal does not exist. Open the journal again.") from error


def _older(request: ViewerRequest, before: int | None) -> str:
    """The address of the page of older rows, "" on the last."""
    if before is None:
        return ""
    query = request.GET.copy()
    query["before"] = str(before)
    return f"?{query.urlencode()}"
