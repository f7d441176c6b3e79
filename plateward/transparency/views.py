"""Public pages without login or cookie, the same for everybody; and the evidence that they are posted."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from plateward.governance.http import ActorRequest
from plateward.policy import ProfileError, in_words
from plateward.transparency import actions, pages, queries, rules
from plateward.transparency.forms import PostingForm
from plateward.transparency.models import Posting
from plateward.transparency.rules import Outcome
from plateward.ui.access import access
from plateward.ui.acting import form_page
from plateward.walls import scope

_WHY = "Civil Code § 1798.90.51(b)(1) and .53(b)(1): the policy is available to the public."
_FRESH = "public, max-age=300"


@access(public=True, why=_WHY)
@require_safe
def policy(request: HttpRequest, agency: str, pk: UUID | None = None) -> HttpResponse:
    """An agency's usage and privacy policy, as the version in force, or an earlier one, says it."""
    return _sent(request, pages.page, "text/html; charset=utf-8", agency, pk)


@access(public=True, why=_WHY)
@require_safe
def policy_pdf(request: HttpRequest, agency: str, pk: UUID | None = None) -> HttpResponse:
    """The same as a PDF."""
    answer = _sent(request, pages.document, "application/pdf", agency, pk)
    answer["Content-Disposition"] = f'inline; filename="{agency}-alpr-policy.pdf"'
    return answer


def _sent(
    request: HttpRequest, make: Callable[[pages.Source], bytes], kind: str, agency: str, pk: UUID | None
) -> HttpResponse:
    """Whatever did not change is not sent again; 404 without agency, version, or a readable text."""
    with scope.as_agency(agency):
        try:
            source = pages.source_of(agency, pk, timezone.now())
        except ProfileError as unreadable:
            raise Http404 from unreadable
        if source is None:
            raise Http404
        etag = f'"{source.etag}"'
        unchanged = get_conditional_response(request, etag=etag)
        answer = unchanged or HttpResponse(make(source), content_type=kind)
    answer["ETag"], answer["Cache-Control"] = etag, _FRESH
    return answer


@access(capability="governance.view")
@require_GET
def postings(request: ActorRequest) -> HttpResponse:
    """What the policy wants posted, where it was found, and every check on record."""
    agency = request.actor.agency
    context = {
        "documents": queries.documents(agency, timezone.now()),
        "history": queries.postings(agency)[:200],
        "profile": request.actor.profile,
        "may_record": request.actor.decide(rules.RECORD),
        "every": in_words(request.actor.profile.public.posting_checked_every),
    }
    return render(request, "transparency/postings.html", context)


@access(capability="governance.view")
@require_GET
def posting(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One check: where, when, what stood there, and which clauses it lacks."""
    found = get_object_or_404(queries.postings(request.actor.agency), pk=pk)
    clauses = request.actor.profile.clauses
    layer = request.actor.profile.layers.get(found.document)
    context = {
        "posting": found,
        "name": layer.name if layer else found.document,
        "missing": [(clause, clauses.get(clause)) for clause in found.missing],
    }
    return render(request, "transparency/posting.html", context)


@access(capability=rules.RECORD)
@require_http_methods(["GET", "POST"])
def record(request: ActorRequest) -> HttpResponse:
    """Record what is posted now; the address names the document."""
    document = request.GET.get("document", "")
    found = [
        each for each in queries.documents(request.actor.agency, timezone.now()) if each.layer.id == document
    ]
    if not found:
        raise Http404
    initial = {"url": found[0].last.url} if found[0].last else {}
    form = PostingForm(request.POST or None, request.FILES or None, initial=initial)
    if form.is_valid() and (made := _recorded(request, document, form)):
        messages.success(request, f"On record: {Outcome(made.outcome).label.lower()}.")
        return redirect("transparency:posting", pk=made.pk)
    context = {"form": form, "document": found[0]}
    return form_page(request, "transparency/record.html", context)


def _recorded(request: ActorRequest, document: str, form: PostingForm) -> Posting | None:
    try:
        return actions.record_posting(
            document=document,
            url=form.cleaned_data["url"],
            body=form.body,
            note=form.cleaned_data["note"],
            by=request.actor,
            now=timezone.now(),
        )
    except ValidationError as error:
        form.add_error(None, error)
        return None
