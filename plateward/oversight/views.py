"""Who looked at what: the questions to the record, and each person's own."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from plateward.governance.http import ActorRequest
from plateward.oversight import actions, presenters
from plateward.oversight.forms import InquiryForm
from plateward.oversight.inquiry import PURPOSES, QUESTIONS
from plateward.ui.access import access


@access(capability="audit.view")
@never_cache
@require_http_methods(["GET", "POST"])
def inquire(request: ActorRequest) -> HttpResponse:
    """Ask who looked at a plate or case, or what a person looked at; answered as page or CSV file (R54).

    The question is posted, so that no plate stands in an address.
    """
    actor, now = request.actor, timezone.now()
    form = InquiryForm(
        request.POST if request.method == "POST" else None,
        agency=actor.agency,
        time_zone=actor.profile.agency.time_zone,
    )
    if not form.is_valid():
        return render(request, "oversight/inquire.html", {"form": form}, status=422 if form.errors else 200)
    inquiry, as_file = form.inquiry, "file" in request.POST
    answer = actions.answer_inquiry(by=actor, inquiry=inquiry, now=now, as_file=as_file)
    if as_file:
        return _csv(presenters.as_csv(actor.profile, answer.entries), f"record-{answer.access.pk}.csv")
    found = {
        "form": form,
        "inquiry": inquiry,
        "question": QUESTIONS[inquiry.subject],
        "purpose": PURPOSES[inquiry.purpose],
        "answer": answer,
        "lines": presenters.lines(actor.profile, answer.entries),
    }
    return render(request, "oversight/answer.html", found)


@access(login=True, why="Everybody may see what is on record about themselves.")
@never_cache
@require_GET
def mine(request: ActorRequest) -> HttpResponse:
    """Show a person all that is on record about their own use: searches, reads, pictures, refusals (R54)."""
    entries, is_cut = actions.view_own_record(by=request.actor, now=timezone.now())
    found = {"lines": presenters.lines(request.actor.profile, entries), "is_cut": is_cut}
    return render(request, "oversight/mine.html", found)


def _csv(text: str, name: str) -> HttpResponse:
    """A file that spreadsheets open as UTF-8."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(f"\ufeff{text}", content_type="text/csv; charset=utf-8", headers=headers)
