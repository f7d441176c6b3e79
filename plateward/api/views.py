"""What programs ask: searches, reads, the device register. Every address passes the door (see door)."""

from uuid import UUID

from django.core.signing import BadSignature, SignatureExpired
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from plateward.api import openapi, presenters, problems, rules
from plateward.api.formats import OpeningRequest, SearchRequest
from plateward.api.http import TokenRequest, answer, body_of, sent, takes
from plateward.api.operations import OPERATIONS
from plateward.api.problems import Problem
from plateward.audit.models import AccessRecord
from plateward.audit.queries import access_of
from plateward.devices.models import Device
from plateward.governance.http import ActorRequest
from plateward.policy import search_allowed
from plateward.reads import actions as reads
from plateward.reads.models import Picture, Read
from plateward.reads.pictures import Cut, granted, picture_bytes
from plateward.reads.store import PictureError, PictureLost
from plateward.search import actions, canvass_actions, export_actions, queries
from plateward.search.models import Search
from plateward.search.queries import SearchTooBroad
from plateward.search.rules import Cursor, CursorError, TooVagueError
from plateward.ui.access import access

LISTED = 50
"""A person's own searches on a page."""
MOST_DIGITS = 6


@access(capability="search.run", token=True)
@takes("GET", "POST", query=("after",))
def searches(request: TokenRequest) -> HttpResponse:
    """POST searches; GET lists one's own searches for the token's purpose."""
    return _search(request) if request.method == "POST" else _own_searches(request)


def _search(request: TokenRequest) -> HttpResponse:
    if "after" in request.GET:
        raise Problem(
            problems.QUERY, "A new search begins with its newest reads: further pages are under `next`."
        )
    now = timezone.now()
    query = presenters.query_of(body_of(request, SearchRequest), now)
    rules.bound(request.actor.profile, request.token.facts, query.purpose).require()
    try:
        result = actions.run_search(by=request.actor, query=query, now=now)
    except Device.DoesNotExist as error:
        raise Problem(problems.QUERY, "device_ids: one is not a device of the agency.") from error
    except (SearchTooBroad, TooVagueError) as error:
        raise Problem(problems.TOO_BROAD, str(error)) from error
    return answer(presenters.search_page(result))


def _own_searches(request: TokenRequest) -> HttpResponse:
    mine = queries.own_searches(request.actor.agency, request.actor.user_id)
    shown = mine.filter(purpose=request.token.purpose)
    if "after" in request.GET:
        last = _own(request, request.GET["after"])
        shown = shown.filter(searched_at__lte=last.searched_at).exclude(
            searched_at=last.searched_at, id__lte=last.pk
        )
    return answer(presenters.own_searches(list(shown[: LISTED + 1]), LISTED))


def _own(request: TokenRequest, search_id: str | UUID) -> Search:
    """One of the person's own searches for the token's purpose. Raises Http404 and Refused."""
    try:
        wanted = search_id if isinstance(search_id, UUID) else UUID(search_id)
        found = queries.own_search(request.actor.agency, request.actor.user_id, wanted)
    except (ValueError, Search.DoesNotExist) as error:
        raise Http404 from error
    rules.bound(request.actor.profile, request.token.facts, found.purpose).require()
    return found


@access(capability="search.run", token=True)
@takes("GET", query=("after",))
def results(request: TokenRequest, search_id: UUID) -> HttpResponse:
    """An own search shown again, or with `?after=…` a further page of it; each is an access of its own."""
    found = _own(request, search_id)
    try:
        after = Cursor.parse(request.GET["after"]) if "after" in request.GET else None
        result = actions.show_results(by=request.actor, search_id=found.pk, after=after, now=timezone.now())
    except CursorError as error:
        raise Problem(problems.QUERY, str(error)) from error
    except (SearchTooBroad, TooVagueError) as error:
        raise Problem(problems.TOO_BROAD, str(error)) from error
    return answer(presenters.search_page(result))


@access(capability="search.run", token=True)
@takes("GET", query=("after",))
def plates(request: TokenRequest, search_id: UUID) -> HttpResponse:
    """The distinct plates of an own canvass, `?after=…` a further page; each is an access of its own."""
    found, after = _own(request, search_id), request.GET.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) <= MOST_DIGITS):
        raise Problem(problems.QUERY, "after: it is the number of the page before; `next` gives the address.")
    try:
        seen = canvass_actions.show_plates(
            by=request.actor, search_id=found.pk, page=int(after) + 1, now=timezone.now()
        )
    except Search.DoesNotExist as error:
        raise Problem(problems.QUERY, str(error)) from error
    except (SearchTooBroad, TooVagueError) as error:
        raise Problem(problems.TOO_BROAD, str(error)) from error
    return answer(presenters.plates_page(seen))


@access(capability="search.export", token=True)
@takes("POST")
def take_out(request: TokenRequest, search_id: UUID) -> HttpResponse:
    """The newest results of an own search as CSV, under the rules for files; on record before it is sent."""
    found = _own(request, search_id)
    try:
        taken = export_actions.take_out(by=request.actor, search_id=found.pk, now=timezone.now())
    except (SearchTooBroad, TooVagueError) as error:
        raise Problem(problems.TOO_BROAD, str(error)) from error
    with taken.file as file:
        data = file.read()
    named = f'attachment; filename="{taken.name}"'
    return sent(data, "text/csv; charset=utf-8", taken.sha256, **{"Content-Disposition": named})


@access(capability="reads.view", token=True)
@takes("POST")
def open_read(request: TokenRequest, read_id: UUID) -> HttpResponse:
    """Open one read, for the purpose and reason that are sent."""
    stated, profile = body_of(request, OpeningRequest), request.actor.profile
    rules.bound(profile, request.token.facts, stated.purpose).require()
    search_allowed(profile, stated.purpose, stated.reason, stated.reference).require()
    try:
        opened = reads.open_read(
            by=request.actor,
            read_id=read_id,
            purpose=stated.purpose,
            reason=stated.reason,
            reference=stated.reference,
            now=timezone.now(),
        )
    except Read.DoesNotExist as error:
        raise Http404 from error
    return answer(presenters.opened_read(opened, request.actor.user_id))


@access(capability="reads.view", token=True)
@takes("GET")
def picture(request: TokenRequest, address: str) -> HttpResponse:
    """The original bytes of a picture, under the access record that the read was opened with."""
    found = _opened(request, address)
    try:
        data = picture_bytes(found)
    except PictureError as error:
        kind = problems.PICTURE_LOST if isinstance(error, PictureLost) else problems.PICTURE_UNAVAILABLE
        raise Problem(kind, f"Picture {found.pk}: {error}.") from error
    return sent(data, found.media_type, found.sha256)


def _opened(request: TokenRequest, address: str) -> Picture:
    """The picture that an opening of the person's gave this address. Raises Problem, Http404, Refused."""
    try:
        grant = granted(address)
        access_record = access_of(request.actor.agency, grant.access_id)
        found = Picture.objects.select_related("data_key").get(
            pk=grant.picture_id, agency_id=request.actor.agency
        )
    except SignatureExpired as error:
        raise Problem(problems.OPENING_OVER) from error
    except (BadSignature, AccessRecord.DoesNotExist, Picture.DoesNotExist) as error:
        raise Http404 from error
    if grant.user_id != request.actor.user_id or grant.cut is not Cut.WHOLE:
        raise Http404
    rules.bound(request.actor.profile, request.token.facts, access_record.purpose).require()
    return found


@access(capability="devices.view", token=True)
@takes("GET")
def devices(request: TokenRequest) -> HttpResponse:
    """The agency's device register, with what each did lately and what is wrong with it."""
    return answer(presenters.devices(request.actor.agency, timezone.now()))


@access(public=True, why="Tells a program's author what exists, nothing of any agency.")
@require_GET
def document(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    del request
    return JsonResponse(openapi.document())


@access(public=True, why="An address that does not exist is nobody's.")
@csrf_exempt
def unknown(request: HttpRequest) -> HttpResponse:
    """Say in the API's own form that there is nothing here."""
    del request
    return Problem(problems.NOT_FOUND).response()


@access(login=True, why="Everybody may read how programs ask.")
@require_GET
def manual(request: ActorRequest) -> HttpResponse:
    """The same document as a page."""
    context = {"document": openapi.document(), "operations": OPERATIONS, "kinds": problems.KINDS}
    return render(request, "api/manual.html", context | {"schemas": presenters.schemas()})
