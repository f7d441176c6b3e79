"""Public pages: no login, no cookie, the same for everybody."""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from plateward.policy import ProfileError
from plateward.transparency import pages
from plateward.ui.access import access

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
