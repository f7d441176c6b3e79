"""One picture of an answer to the public: boxes are drawn, previewed and made, or it is decided otherwise."""

import base64
import hashlib
import io
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from PIL import Image

from plateward.documents.store import FileLost
from plateward.governance.http import ActorRequest
from plateward.releases import answer_actions, tasks
from plateward.releases.answer_models import AnswerPicture
from plateward.releases.answer_rules import frozen_problem
from plateward.releases.answer_store import NO_KEY
from plateward.releases.records_forms import BoxesForm, PictureReasonForm
from plateward.releases.records_papers import WORK
from plateward.releases.records_rules import RecordsState
from plateward.ui.access import access
from plateward.ui.acting import errors_in
from plateward.vault.masters import MasterKeyError

PREVIEW_SIDE = 1400
"""Pixels of the preview's longer side on the page; a link shows the copy itself, in full size."""
OTHERWISE = {"whole": answer_actions.leave_whole, "withhold": answer_actions.withhold_picture}


@access(capability=WORK)
@never_cache
@require_http_methods(["GET", "POST"])
def picture(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Draw boxes, look at the preview, make the copy; or leave the picture whole, or withhold it."""
    found = _known(request, pk)
    act = request.POST.get("act", "")
    boxes = BoxesForm(
        request.POST if act in {"preview", "make"} else None, initial={"boxes": _offered(found)}
    )
    reason = PictureReasonForm(request.POST if act in OTHERWISE else None)
    context: dict[str, Any] = {}
    if act == "preview" and boxes.is_valid():
        with errors_in(boxes):
            context = _preview(request, found, boxes)
    if act == "make" and boxes.is_valid():
        with errors_in(boxes):
            _make(request, found, boxes)
            return _done(request, found, "The redacted copy is on file.")
    if act in OTHERWISE and reason.is_valid():
        with errors_in(reason):
            given = {"reason": reason.cleaned_data["reason"], "by": request.actor, "now": timezone.now()}
            OTHERWISE[act](picture=found, **given)
            return _done(request, found, "Your decision is on record.")
    if act == "again":
        return _again(request, found)
    context |= {"found": found, "form": boxes, "reason": reason, "act": act, "tab": "records"}
    return _page(request, context, boxes, reason)


def _page(request: ActorRequest, context: dict[str, Any], *bound: forms.Form) -> HttpResponse:
    found: AnswerPicture = context["found"]
    context["frozen"] = frozen_problem(RecordsState(found.request.state))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if any(one.errors for one in bound) else HTTPStatus.OK
    return render(request, "releases/records_picture.html", context, status=status)


def _preview(request: ActorRequest, found: AnswerPicture, boxes: BoxesForm) -> dict[str, Any]:
    """The copy as it would be, small enough for the page, and the SHA-256 that it would have."""
    covering = boxes.cleaned_data["boxes"]
    clean = answer_actions.preview_picture(
        picture=found, boxes=covering, by=request.actor, now=timezone.now()
    )
    with Image.open(io.BytesIO(clean), formats=["PNG"]) as whole:
        whole.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
        small = io.BytesIO()
        whole.save(small, "WEBP", quality=80)
    shown = base64.b64encode(small.getvalue()).decode()
    return {
        "preview": f"data:image/webp;base64,{shown}",
        "previewed": hashlib.sha256(clean).hexdigest(),
        "full_size": urlencode({"boxes": "\n".join(map(str, covering))}),
    }


def _make(request: ActorRequest, found: AnswerPicture, boxes: BoxesForm) -> None:
    previewed = request.POST.get("previewed", "")
    if not previewed:
        raise ValidationError("Look at the preview first.")
    answer_actions.redact_picture(
        picture=found,
        boxes=boxes.cleaned_data["boxes"],
        previewed=previewed,
        by=request.actor,
        now=timezone.now(),
    )


def _again(request: ActorRequest, found: AnswerPicture) -> HttpResponse:
    try:
        answer_actions.search_again(picture=found, by=request.actor, now=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        tasks.find_plates_soon()
        messages.success(request, "Plates are looked for again.")
    return redirect("releases:records-picture", found.pk)


def _done(request: ActorRequest, found: AnswerPicture, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("releases:records-request", found.request_id)


def _offered(found: AnswerPicture) -> str:
    """What is drawn at first: the plates that were found."""
    return "\n".join(" ".join(map(str, box)) for box in found.found or ())


@access(capability=WORK)
@never_cache
@require_GET
def original(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The original, for who decides on it; on record."""
    found = _known(request, pk)
    try:
        data = answer_actions.open_picture(picture=found, by=request.actor, now=timezone.now())
    except (FileLost, MasterKeyError) as error:
        told = NO_KEY if isinstance(error, MasterKeyError) else f"{error}."
        text = f"The picture cannot be shown: {told}"
        return HttpResponse(text, status=HTTPStatus.SERVICE_UNAVAILABLE, content_type="text/plain")
    return HttpResponse(data, content_type=found.media_type, headers={"X-Content-Type-Options": "nosniff"})


@access(capability=WORK)
@never_cache
@require_GET
def preview(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The very copy that these boxes would make, in full size and lossless, before it is made; on record."""
    found, boxes = _known(request, pk), BoxesForm(request.GET)
    if not boxes.is_valid():
        return _refused(" ".join(map(str, boxes.errors["boxes"])))
    try:
        data = answer_actions.preview_picture(
            picture=found, boxes=boxes.cleaned_data["boxes"], by=request.actor, now=timezone.now()
        )
    except ValidationError as error:
        return _refused(" ".join(error.messages))
    return HttpResponse(data, content_type="image/png", headers={"X-Content-Type-Options": "nosniff"})


def _refused(text: str) -> HttpResponse:
    return HttpResponse(text, status=HTTPStatus.UNPROCESSABLE_ENTITY, content_type="text/plain")


def _known(request: ActorRequest, pk: UUID) -> AnswerPicture:
    known = AnswerPicture.objects.filter(agency_id=request.actor.agency)
    return get_object_or_404(known.select_related("request", "paper", "decided_by"), pk=pk)
