"""The chain of custody of burned discs in the browser."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from plateward.evidence import custody_actions
from plateward.evidence.custody_rules import RECORDED_ALONE, Link
from plateward.evidence.disc_forms import LinkForm, copies
from plateward.evidence.disc_views import disc_or_404
from plateward.governance.http import ActorRequest
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page


@access(capability="evidence.package")
@never_cache
@require_http_methods(["GET", "POST"])
def record(request: ActorRequest, pk: UUID, kind: str) -> HttpResponse:
    """Record that a copy of a disc was burned, checked, handed over or destroyed."""
    disc = disc_or_404(request, pk)
    try:
        link = Link(kind.upper().replace("-", "_"))
    except ValueError as error:
        raise Http404 from error
    if link not in RECORDED_ALONE:
        raise Http404
    if link is not Link.BURNED and not copies(disc):
        messages.error(request, "There is no copy of this disc: record first that one was burned.")
        return redirect("evidence:package", disc.of_set.package_id)
    is_sent = request.method == "POST"
    form = LinkForm(
        request.POST if is_sent else None, request.FILES if is_sent else None, kind=link, disc=disc
    )
    if form.is_valid():
        with errors_in(form):
            made = custody_actions.record_link(
                disc=disc, wanted=form.wanted, by=request.actor, now=timezone.now()
            )
            if made.failure:
                messages.error(
                    request,
                    f"The check of copy {made.serial} failed: {made.failure}. That is on record. "
                    "Do not rely on this copy: burn another, and destroy this one.",
                )
            else:
                messages.success(request, f"{link.label}: copy {made.serial}. It is in the journal.")
            return redirect("evidence:package", disc.of_set.package_id)
    context = {"form": form, "disc": disc, "link": link}
    return form_page(request, "evidence/disc_record.html", context)
