"""The monthly figures: public pages in English and Spanish, their data, and the desk that publishes them."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from plateward.governance.http import ActorRequest
from plateward.governance.queries import PolicyUnavailableError, adoptions, profile_for
from plateward.transparency import figures, figures_actions, figures_queries, rules
from plateward.ui.access import access
from plateward.ui.acting import errors_in
from plateward.walls import scope

_WHY = "Figures that a person of the agency published, for everybody to read; small numbers are left out."
_FRESH = "public, max-age=300"
_RECOUNT = Path(__file__).resolve().parent / "recount.py"


@access(public=True, why=_WHY)
@require_safe
def shown_figures(request: HttpRequest, agency: str, language: str = "en") -> HttpResponse:
    """Every published month, the newest first."""
    del request  # nothing of whoever asks goes into the page
    with scope.as_agency(agency):
        try:
            profile = profile_for(agency, timezone.now())
        except PolicyUnavailableError as error:
            raise Http404 from error
        spanish = language == "es"
        context = {
            "profile": profile,
            "agency": agency,
            "months": figures_queries.months(agency, spanish=spanish),
            "asked": profile.public.use_log,
            "demonstration": settings.DEMONSTRATION,
        }
        template = "transparency/figures_es.html" if spanish else "transparency/figures.html"
        answer = HttpResponse(render_to_string(template, context))
    answer["Cache-Control"] = _FRESH
    return answer


@access(public=True, why=_WHY)
@require_safe
def data(request: HttpRequest, agency: str, month: str, edition: int | None = None) -> HttpResponse:
    """A month's data, byte for byte as published; the newest edition where none is named."""
    with scope.as_agency(agency):
        found = figures_queries.edition(agency, _month(month), edition)
    if found is None:
        raise Http404
    etag = f'"{found.sha256}"'
    unchanged = get_conditional_response(request, etag=etag)
    answer = unchanged or HttpResponse(bytes(found.data), content_type="application/json")
    answer["ETag"], answer["Cache-Control"] = etag, _FRESH
    return answer


@access(public=True, why=_WHY)
@require_safe
def recount_program(request: HttpRequest) -> HttpResponse:
    """The program that counts published months again from an export of the ledger."""
    del request
    headers = {"Content-Disposition": 'attachment; filename="recount.py"', "Cache-Control": _FRESH}
    return HttpResponse(_RECOUNT.read_bytes(), content_type="text/x-python; charset=utf-8", headers=headers)


def _month(text: str) -> date:
    try:
        month = date.fromisoformat(f"{text}-01")
        figures.following(month)  # the last month of all time has none
    except ValueError as error:
        raise Http404 from error
    return month


class PublishForm(forms.Form):
    """Why a month is published again."""

    note = forms.CharField(
        label="Why there is another edition",
        required=False,
        max_length=500,
        help_text="Only where the month is published already. Everybody reads it.",
    )


@access(capability=rules.RECORD, fresh=True)
@never_cache
@require_http_methods(["GET", "POST"])
def publish(request: ActorRequest) -> HttpResponse:
    """Show what the figures of the month in the address would be, and publish them as they are shown."""
    month = request.GET.get("month", "")
    actor, now = request.actor, timezone.now()
    zone = ZoneInfo(actor.profile.agency.time_zone)
    first = adoptions(actor.agency).order_by("effective_at").values_list("effective_at", flat=True).first()
    form = PublishForm(request.POST if request.method == "POST" else None)
    context = {
        "form": form,
        "waiting": figures_queries.to_publish(actor.agency, zone, first or now, now),
        "published": figures_queries.publications(actor.agency).select_related("published_by").defer("data"),
        "asked": actor.profile.public.use_log,
        "month": month,
    }
    if month:
        chosen = _month(month)
        if form.is_valid():
            with errors_in(form):
                made = figures_actions.publish_month(month=chosen, by=actor, now=now, **form.cleaned_data)
                messages.success(request, f"{made.month_date:%Y-%m} is published, edition {made.edition}.")
                return redirect("transparency:publish")
        try:
            told = figures_actions.preview(actor, chosen, now)
            context["lines"] = figures_queries.lines(told["figures"])
            context["again"] = figures_queries.edition(actor.agency, chosen)
        except ValidationError as error:
            context["problem"] = " ".join(error.messages)
    return render(request, "transparency/publish.html", context, status=422 if form.errors else 200)
