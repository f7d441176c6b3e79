"""Taking results of an own search out as a file, and the files taken out before."""

from base64 import b64encode
from collections.abc import AsyncIterator
from io import BytesIO
from uuid import UUID

from django.http import Http404
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from plateward.governance.http import ActorRequest
from plateward.policy import export_allowed
from plateward.search import actions, export_actions, queries
from plateward.search.models import Search
from plateward.search.presenters import purpose_name
from plateward.search.queries import SearchTooBroad
from plateward.search.rules import TooVagueError
from plateward.search.views import too_broad
from plateward.ui.access import access

_CHUNK = 1 << 16


@access(capability="search.export")
@never_cache
@require_http_methods(["GET", "POST"])
def export(request: ActorRequest, search_id: UUID) -> HttpResponseBase:
    """Say what is taken out under which rules, and list the files taken before; POST sends a file."""
    actor = request.actor
    try:
        if request.method == "POST":
            return _sent(export_actions.take_out(by=actor, search_id=search_id, now=timezone.now()))
        search = queries.own_search(actor.agency, actor.user_id, search_id)
    except Search.DoesNotExist as error:
        raise Http404 from error
    except (SearchTooBroad, TooVagueError) as error:
        return too_broad(request, search_id, error)
    context = {
        "search": search,
        "query": actions.query_of(search),
        "purpose": purpose_name(actor.profile, search.purpose),
        "permitted": export_allowed(actor.profile, search.reference),
        "rules": actor.profile.exports,
        "files": queries.files_of(search),
    }
    return render(request, "search/export.html", context)


def _sent(taken: export_actions.TakenOut) -> StreamingHttpResponse:
    digest = bytes.fromhex(taken.sha256)
    headers = {
        "Content-Disposition": f'attachment; filename="{taken.name}"',
        "Content-Length": str(taken.size),
        "Repr-Digest": f"sha-256=:{b64encode(digest).decode()}:",  # RFC 9530
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingHttpResponse(_chunks(taken.file), content_type="text/csv; charset=utf-8", headers=headers)


async def _chunks(file: BytesIO) -> AsyncIterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk
