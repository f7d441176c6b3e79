"""The pages on which lists of others are taken in from files."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from plateward.governance.http import ActorRequest
from plateward.hotlists import layouts_kept, list_actions, queries, tasks
from plateward.hotlists.forms import KEPT, NEW, ListFileForm, TakeForm
from plateward.hotlists.layouts import Layout, UnusableFile
from plateward.hotlists.list_actions import CAPABILITY
from plateward.hotlists.list_guards import against_file, standing_of
from plateward.hotlists.models import WORKED, FileState, ListFile, ListMode, RejectedLines
from plateward.hotlists.presenters import progress_of
from plateward.hotlists.room import NO_ROOM, is_disc_full
from plateward.policy import Decision, Profile, category_name, much_would_end
from plateward.ui.access import access
from plateward.ui.acting import errors_in


@access(capability=CAPABILITY)
@require_http_methods(["GET", "POST"])
def upload(request: ActorRequest) -> HttpResponse:
    """Have a file checked for what it would change; nothing matches by it before it is taken in."""
    actor = request.actor
    form = ListFileForm(
        request.POST or None, request.FILES or None, profile=actor.profile, initial=_said_last(actor.agency)
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            uploaded = list_actions.upload_file(
                by=actor,
                source=given["source"],
                origin=given["origin"],
                purpose=given["purpose"],
                name=given["file"].name,
                data=given["file"].read(),
                mode=given["mode"] or ListMode.FULL,
                effective_at=given["effective_at"],
                now=timezone.now(),
                **_layout(actor.agency, given),
            )
        except UnusableFile as error:
            form.add_error("file", str(error))
        except ValidationError as error:
            form.add_error(None, error)
        except (OSError, OperationalError) as error:
            if not is_disc_full(error):
                raise
            form.add_error("file", f"{NO_ROOM}, then upload the file again: nothing of it was kept.")
        else:
            tasks.work_files_soon()
            return redirect("hotlists:list-file", pk=uploaded.pk)
    return render(request, "hotlists/list_upload.html", {"form": form}, status=422 if form.errors else 200)


def _layout(agency: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """By which layout a file is read, for `upload_file`. Raises ValidationError where none is kept."""
    if given["kind"] == NEW:
        return {"layout": None}
    if given["kind"] != KEPT:
        return {"layout": Layout(kind=given["kind"])}
    kept = layouts_kept.newest(agency, given["source"], given["origin"])
    if kept is None:
        raise ValidationError(
            "Nobody laid down the columns of this list yet. Choose to do it on the next page."
        )
    return {"layout": layouts_kept.layout_in(kept), "layout_version": kept.version}


def _said_last(agency: str) -> dict[str, str]:
    """What was said of the last file, so that nobody says it twice."""
    last = queries.list_files(agency).first()
    if last is None:
        return {"kind": NEW}
    is_kept = layouts_kept.newest(agency, last.source, last.origin)
    kind = KEPT if is_kept else last.layout.get("kind", NEW)
    return {"kind": kind, "source": last.source, "origin": last.origin, "purpose": last.purpose}


@access(capability=CAPABILITY)
@require_GET
def file(request: ActorRequest, pk: UUID) -> HttpResponse:
    """What a file would change or has changed, and which of its lines were left out for which reason.

    While the worker has it, the page asks for its progress, and is loaded anew when the work is done.
    """
    found = _file_or_404(request, pk)
    if found.state == FileState.UNREAD:
        return redirect("hotlists:list-columns", pk=pk)
    if request.headers.get("HX-Request") and found.state not in WORKED:
        return HttpResponseClientRefresh()
    return _file_page(request, found, TakeForm(is_asked=bool(_against(request, found))))


def _against(request: ActorRequest, found: ListFile) -> tuple[Decision, ...]:
    """What speaks against taking in a file that waits."""
    if found.state != FileState.CHECKED:
        return ()
    profile = request.actor.profile
    try:
        standing = standing_of(request.actor, found.source, found.origin)
    except ValidationError:
        return ()
    return against_file(found, profile, standing)


@access(capability=CAPABILITY)
@require_POST
def take(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Have a checked file's list taken in."""
    found = _file_or_404(request, pk)
    form = TakeForm(request.POST, is_asked=bool(_against(request, found)))
    if not form.is_valid():
        return _file_page(request, found, form)
    with errors_in(form):
        list_actions.order_taking(
            file=found, by=request.actor, now=timezone.now(), reason=form.cleaned_data.get("reason", "")
        )
    if form.errors:
        return _file_page(request, found, form)
    tasks.work_files_soon()
    return redirect("hotlists:list-file", pk=pk)


@access(capability=CAPABILITY)
@require_POST
def discard(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Take in nothing of a file, stop the worker's work on it, and delete it."""
    try:
        list_actions.discard_file(file=_file_or_404(request, pk), by=request.actor, now=timezone.now())
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("hotlists:list-file", pk=pk)
    messages.success(request, "Discarded. Nothing of it was taken in, and the file is deleted.")
    return redirect("hotlists:lists")


def _file_or_404(request: ActorRequest, pk: UUID) -> ListFile:
    return get_object_or_404(queries.list_files(request.actor.agency), pk=pk)


def _unguarded(profile: Profile, found: ListFile) -> str:
    """That the policy asks nobody however much of the list would end; "" where it sets a share."""
    rule = profile.hotlists.sources.get(found.source)
    silent = rule is not None and rule.shrinks_most.settled is None
    return much_would_end(profile, found.source, standing=0, ended=0).reason if silent else ""


def _file_page(request: ActorRequest, found: ListFile, form: TakeForm) -> HttpResponse:
    profile, decision = request.actor.profile, request.actor.sees(found.origin)
    waits = found.state == FileState.CHECKED
    context = {
        "file": found,
        "found": found.found,
        "waits": waits,
        "is_taken": found.state == FileState.TAKEN,
        "against": _against(request, found),
        "sees": decision,
        "categories": [
            (category_name(profile, key) if key else "Without a category", count)
            for key, count in found.found.get("categories", {}).items()
        ],
        "left_out": [
            (category_name(profile, key) if key in profile.hotlists.categories else key, count)
            for key, count in found.found.get("left_out", {}).items()
        ],
        "unguarded": _unguarded(profile, found),
        "has_rejected": RejectedLines.objects.filter(file=found).exists(),
        "form": form,
        "purpose": profile.purposes.get(found.purpose),
        "progress": progress_of(found, timezone.now()) if found.state in WORKED else None,
    }
    return render(request, "hotlists/list_file.html", context, status=422 if form.errors else 200)
