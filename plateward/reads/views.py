"""The read's page, its pictures, and the quarantine."""

import textwrap
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from plateward.governance.http import ActorRequest
from plateward.policy import Refused, deny
from plateward.reads import actions, awaiting, check_rules, pictures, queries, tokens
from plateward.reads.beside import beside
from plateward.reads.check_queries import checks_of
from plateward.reads.deleted_actions import open_deleted_read
from plateward.reads.forms import CheckForm, DiscardForm
from plateward.reads.models import InboxItem, Picture, PictureRole, Read
from plateward.reads.store import PictureError, PictureLost
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page
from plateward.walls import scope

PER_PAGE = 50


@access(capability="reads.view")
@never_cache
@require_GET
def read(request: ActorRequest, read_id: UUID) -> HttpResponse:
    """One read, opened for the purpose its address carries; recorded each time it is shown."""
    return read_page(request, read_id, context_in(request, read_id))


def context_in(request: ActorRequest, read_id: UUID) -> tokens.Context:
    """Why the person opens the read, as the address says. Raises Refused."""
    actor = request.actor
    try:
        return tokens.context_of(request.GET.get("context", ""), read_id=read_id, user_id=actor.user_id)
    except signing.BadSignature as error:
        required = actor.profile.search.purpose_required
        reason = "The address does not say for what purpose you open this read, or is too old."
        raise Refused(
            deny(actor.profile, required, reason, "Open the read from a search of yours or from an alert.")
        ) from error


def read_page(
    request: ActorRequest, read_id: UUID, context: tokens.Context, form: CheckForm | None = None
) -> HttpResponse:
    """The read's page, with the form of a check that came back with mistakes."""
    asked: dict[str, Any] = asdict(context) | {"by": request.actor, "read_id": read_id}
    try:
        opened = actions.open_read(**asked, now=timezone.now(), with_pass=True)
    except Read.DoesNotExist:
        with scope.beyond("The page of one that is deleted logically, for whom it is open nevertheless."):
            try:
                opened = open_deleted_read(**asked, now=timezone.now())
            except Read.DoesNotExist as error:
                raise Http404 from error
            return _opened_page(request, opened, context, form)
    return _opened_page(request, opened, context, form)


def _opened_page(
    request: ActorRequest, opened: actions.OpenedRead, context: tokens.Context, form: CheckForm | None
) -> HttpResponse:
    actor, read_id = request.actor, opened.read.id
    shown: dict[str, Any] = {
        "purpose": actor.profile.purposes[context.purpose].name,
        "same_pass": [
            (other, tokens.open_url(read_id=other.id, user_id=actor.user_id, **asdict(context)))
            for other in opened.same_pass
        ],
    }
    may_check = not opened.deleted and check_rules.may_check(actor.profile, actor.title, actor.positions)
    shown |= {
        "beside": beside(actor, opened.read),
        "checks": list(checks_of(read_id)),
        "may_check": may_check,
        "form": form or CheckForm(read=opened.read, profile=actor.profile),
        "check_url": f"{reverse('reads:check', args=[read_id])}?{request.GET.urlencode()}",
    }
    return form_page(request, "reads/read.html", _read_page(opened, actor.user_id) | shown)


def _read_page(opened: actions.OpenedRead, user_id: UUID) -> dict[str, Any]:
    """What the template shows of an opened read."""

    def url(picture: Picture, *, crop: bool = False) -> str:
        return pictures.signed_url(
            picture=picture,
            user_id=user_id,
            access_id=opened.access.pk,
            crop=crop,
            deleted=bool(opened.deleted),
        )

    box = opened.read.plate_box
    cut_out = next((p for p in opened.pictures if p.role == PictureRole.PLATE), None)
    boxed = next((p for p in opened.pictures if box and p.role == box["picture"].upper()), None)
    crop = cut_out or boxed
    return {
        "read": opened.read,
        "deleted": opened.deleted,
        "access": opened.access,
        "confidences": _confidences(opened.read),
        "pictures": [(picture, url(picture)) for picture in opened.pictures],
        "destroyed": "" if opened.pictures else queries.pictures_destroyed(opened.read),
        "missing": [(one, urlsplit(one.url).hostname) for one in awaiting.missing_of(opened.read.id)],
        "plate_picture_url": url(crop, crop=True) if crop else None,
    }


def _confidences(shown: Read) -> list[float] | None:
    """One confidence for each character of the plate; None unless the device sent exactly these."""
    characters = shown.characters or []
    known = [one["confidence"] for one in characters if one["confidence"] is not None]
    spelled = "".join(one["char"].upper() for one in characters)
    return known if spelled == shown.plate and len(known) == len(characters) else None


@access(capability="reads.view")
@never_cache
@require_GET
def picture(request: ActorRequest, token: str) -> HttpResponse:
    """A picture's bytes under a signed address; nothing of it is kept by the browser."""
    try:
        grant = pictures.granted(token)
    except signing.SignatureExpired:
        return _placeholder("Its address has expired. Reload the page that shows it.", 410)
    except signing.BadSignature as error:
        raise Http404 from error
    if grant.user_id != request.actor.user_id:
        raise Http404
    if grant.deleted:
        with scope.beyond("The address is of an opening on record, of a read that is deleted logically."):
            return _granted_picture(request, grant)
    return _granted_picture(request, grant)


def _granted_picture(request: ActorRequest, grant: pictures.PictureGrant) -> HttpResponse:
    found = get_object_or_404(
        Picture.objects.select_related("data_key"), pk=grant.picture_id, agency_id=request.actor.agency
    )
    try:
        data, media_type = _cut(request, found, grant.cut)
    except PictureError as error:
        is_lost = isinstance(error, PictureLost)
        told = f"{error}. {'' if is_lost else 'Try again later. '}Tell the IT manager of picture {found.pk}."
        return _placeholder(told, 500 if is_lost else 503, is_small=grant.cut is pictures.Cut.SMALL)
    return HttpResponse(data, content_type=media_type, headers={"Content-Disposition": "inline"})


def _cut(request: ActorRequest, found: Picture, cut: pictures.Cut) -> tuple[bytes, str]:
    """As much of the picture as the address shows, and its media type. Raises PictureError."""
    match cut:
        case pictures.Cut.PLATE:
            return pictures.plate_cut_out(found, queries.read_by_id(request.actor.agency, found.read_id))
        case pictures.Cut.SMALL:
            return pictures.thumbnail(found)
    return pictures.picture_bytes(found), found.media_type


def _placeholder(why: str, status: int, *, is_small: bool = False) -> HttpResponse:
    """A drawing that says why the picture is not there: browsers show it in the picture's stead.

    A small one has room for three words.
    """
    why = why[:1].upper() + why[1:]
    lines = [(112 + 22 * place, line) for place, line in enumerate(textwrap.wrap(why, 52))]
    svg = render_to_string("reads/placeholder.svg", {"why": why, "lines": lines, "is_small": is_small})
    return HttpResponse(svg, status=status, content_type="image/svg+xml; charset=utf-8")


@access(capability="reads.quarantine")
@require_GET
def quarantine(request: ActorRequest) -> HttpResponse:
    """The agency's payloads that could not become reads."""
    return render(request, "reads/quarantine.html", _quarantine_page(request))


@access(capability="reads.quarantine")
@require_GET
def quarantine_list(request: ActorRequest) -> HttpResponse:
    """The list alone, fetched when something entered or left the quarantine."""
    return render(request, "reads/quarantine_list.html", _quarantine_page(request))


def _quarantine_page(request: ActorRequest) -> dict[str, Any]:
    paginator = Paginator(queries.quarantined(request.actor.agency), PER_PAGE)
    return {"page": paginator.get_page(request.GET.get("page"))}


@access(capability="reads.quarantine")
@never_cache
@require_GET
def quarantined(request: ActorRequest, item_id: UUID) -> HttpResponse:
    """One payload with its reason and its beginning."""
    return _quarantined_page(request, _item(request, item_id), DiscardForm())


@access(capability="reads.quarantine")
@require_POST
def replay(request: ActorRequest, item_id: UUID) -> HttpResponse:
    """Have one payload parsed again."""
    item = _item(request, item_id)
    try:
        actions.replay(by=request.actor, item=item, now=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "The payload is being parsed again; if it fails, it comes back here.")
    return redirect("reads:quarantine")


@access(capability="reads.quarantine")
@require_POST
def replay_all(request: ActorRequest) -> HttpResponse:
    """Have every quarantined payload parsed again."""
    count = actions.replay_all(by=request.actor, now=timezone.now())
    counted = "1 payload is" if count == 1 else f"{count} payloads are"
    messages.success(request, f"{counted} being parsed again; what fails comes back here.")
    return redirect("reads:quarantine")


@access(capability="reads.quarantine")
@require_POST
def discard(request: ActorRequest, item_id: UUID) -> HttpResponse:
    """Destroy one payload, with a reason."""
    item = _item(request, item_id)
    form = DiscardForm(request.POST)
    if form.is_valid():
        with errors_in(form):
            actions.discard(
                by=request.actor, item=item, reason=form.cleaned_data["reason"], now=timezone.now()
            )
            messages.success(request, "The payload was discarded.")
            return redirect("reads:quarantine")
    return _quarantined_page(request, item, form)


def _item(request: ActorRequest, item_id: UUID) -> InboxItem:
    return get_object_or_404(queries.quarantined(request.actor.agency), pk=item_id)


def _quarantined_page(request: ActorRequest, item: InboxItem, form: DiscardForm) -> HttpResponse:
    beginning = actions.inspect(by=request.actor, item=item, now=timezone.now())
    page = {"item": item, "form": form, "beginning": beginning, "shown_bytes": actions.SHOWN_BYTES}
    return form_page(request, "reads/quarantined.html", page)
