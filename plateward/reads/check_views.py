"""Saying what a read's picture shows, on the page that shows it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from plateward.governance.http import ActorRequest
from plateward.reads import queries
from plateward.reads.check_actions import check_read
from plateward.reads.forms import CheckForm
from plateward.reads.models import Read
from plateward.reads.views import context_in, read_page
from plateward.ui.access import access
from plateward.ui.acting import errors_in

RIGHT = "On record: the read is as its picture shows."
CORRECTED = (
    "On record beside the read and on the camera's accuracy record. The read itself stays as it was sent, "
    "and nothing was matched again: search for the plate that the picture shows, or request an entry for it."
)


@access(capability="reads.view")
@never_cache
@require_POST
def check(request: ActorRequest, read_id: UUID) -> HttpResponse:
    """Record what the picture shows, by who opened the read for a purpose."""
    context = context_in(request, read_id)
    try:
        found = queries.read_by_id(request.actor.agency, read_id)
    except Read.DoesNotExist as error:
        raise Http404 from error
    form = CheckForm(request.POST, read=found, profile=request.actor.profile)
    if form.is_valid():
        with errors_in(form):
            made = check_read(by=request.actor, read_id=read_id, **form.shown(), now=timezone.now())
            messages.success(request, RIGHT if made.is_right else CORRECTED)
            return redirect(f"{reverse('reads:read', args=[read_id])}?{request.GET.urlencode()}")
    return read_page(request, read_id, context, form)
