"""The pages on which somebody lays down how a list's files are read, and takes rejected lines away."""

from uuid import UUID

import msgspec
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from plateward.documents.store import FileLost
from plateward.governance.http import ActorRequest
from plateward.hotlists import layout_forms, layouts_kept, list_actions, queries, tasks
from plateward.hotlists.layout_forms import LABELS, LayoutForm, Rows
from plateward.hotlists.layout_preview import LOOKED_AT, preview, suggested
from plateward.hotlists.layouts import Layout, UnusableFile, check, layout_of
from plateward.hotlists.list_actions import CAPABILITY
from plateward.hotlists.list_reading import beginning, opened_sheet, terms_of
from plateward.hotlists.models import UNDECIDED, ListFile, RejectedLines
from plateward.ui.access import access
from plateward.ui.acting import form_page

MOST_WRITTEN = 100_000
"""So many bytes of a layout that was written down are read."""


@access(capability=CAPABILITY)
@require_http_methods(["GET", "POST"])
def columns(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Lay down where the columns of a file lie, beside a preview of what its first lines become.

    Nothing is kept before somebody says so. Without script a preview is one more sending of the form.
    """
    found = _file_or_404(request, pk)
    request.actor.sees(found.origin).require()
    if found.state not in UNDECIDED:
        return redirect("hotlists:list-file", pk=pk)
    try:
        if request.method == "GET":
            layout = _offered(found)
            return _page(request, found, layout_forms.form_of(layout), layout_forms.rows_of(layout), layout)
        if request.POST.get("act") == "written":
            return _written(request, found)
        return _sent(request, found)
    except FileLost as error:
        list_actions.fail_file(file=found, why=f"{error}. Upload the file again.", now=timezone.now())
    return redirect("hotlists:list-file", pk=pk)


def _offered(file: ListFile) -> Layout:
    """The file's own layout, else the list's newest, else what the file's beginning suggests."""
    if file.layout.get("kind") in {"FIXED", "DELIMITED"}:
        return msgspec.convert(file.layout, Layout)
    if kept := layouts_kept.newest(file.agency_id, file.source, file.origin):
        return layouts_kept.layout_in(kept)
    lines, _ = beginning(file, LOOKED_AT)
    return suggested(lines)


def _written(request: ActorRequest, found: ListFile) -> HttpResponse:
    """Offer a layout that was written down elsewhere, such as by another agency; nothing is kept by it."""
    problem = ""
    try:
        offered = _read_layout(request)
    except UnusableFile as error:
        offered, problem = _offered(found), str(error)
    form, rows = layout_forms.form_of(offered), layout_forms.rows_of(offered)
    return _page(request, found, form, rows, offered, problem=problem)


def _read_layout(request: ActorRequest) -> Layout:
    """The layout in the file that was sent along. Raises UnusableFile."""
    sent = request.FILES.get("written")
    if sent is None or (sent.size or 0) > MOST_WRITTEN:
        raise UnusableFile("Choose the file of a layout, such as extract.txt.layout.json.")
    layout = layout_of(sent.read())
    if layout.kind not in {"FIXED", "DELIMITED"}:
        raise UnusableFile("This layout lays down no columns. Choose it where the file is uploaded.")
    return layout


def _sent(request: ActorRequest, found: ListFile) -> HttpResponse:
    """Show what the form lays down, and keep it where that was asked for."""
    form, rows = LayoutForm(request.POST), layout_forms.rows_in(request.POST)
    if not form.is_valid():
        return _page(request, found, form, rows, None)
    layout = None
    try:
        layout = layout_forms.layout_from(form.cleaned_data, rows)
        check(layout)
        if request.POST.get("act") == "keep":
            list_actions.lay_down(file=found, layout=layout, by=request.actor, now=timezone.now())
            tasks.work_files_soon()
            return redirect("hotlists:list-file", pk=found.pk)
    except UnusableFile as error:
        form.add_error(None, str(error))
    except ValidationError as error:
        form.add_error(None, error)
    return _page(request, found, form, rows, layout)


def _page(
    request: ActorRequest,
    found: ListFile,
    form: LayoutForm,
    rows: Rows,
    layout: Layout | None,
    *,
    problem: str = "",
) -> HttpResponse:
    actor = request.actor
    lines, is_whole = beginning(found, LOOKED_AT)
    seen = (
        preview(lines, layout, terms_of(actor.profile, timezone.now()), is_whole=is_whole) if layout else None
    )
    kind = str(form["kind"].value())
    filled = layout_forms.filled_up(rows, len(seen.samples) if seen else 0, seen.codes if seen else {})
    samples = seen.samples if seen else ()
    cells = [
        (place, name, samples[place] if place < len(samples) else ())
        for place, name in enumerate(filled.cells)
    ]
    context = {
        "file": found,
        "form": form,
        "problem": problem,
        "is_fixed": kind == "FIXED",
        "cells": cells,
        "rows": filled,
        "labels": LABELS,
        "categories": layout_forms.category_choices(actor.profile),
        "purposes": actor.profile.purposes,
        "preview": seen,
        "is_whole": is_whole,
        "versions": layouts_kept.versions(actor.agency, found.source, found.origin),
        "ruler": ruler(max((len(one.text) for one in seen.shown), default=0)) if seen else "",
    }
    return form_page(request, "hotlists/list_columns.html", context)


def ruler(width: int) -> str:
    """Places counted from 1, above lines of so many characters: `1...5....10...15`."""
    marks = ["1"] + [""] * (width - 1)
    text = "".join(mark or "." for mark in marks[:width])
    for place in range(5, width + 1, 5):
        label = str(place)
        text = text[: place - len(label)] + label + text[place:]
    return text


@access(capability=CAPABILITY)
@require_GET
def rejected(request: ActorRequest, pk: UUID) -> HttpResponseBase:
    """Every line that was left out of a file with its reason, as CSV."""
    found = _file_or_404(request, pk)
    try:
        sheet = list_actions.take_rejected(file=found, by=request.actor, now=timezone.now())
    except RejectedLines.DoesNotExist as error:
        raise Http404("No line of this file was left out.") from error
    answer = StreamingHttpResponse(opened_sheet(sheet), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="left-out-{found.pk}.csv"'
    return answer


def _file_or_404(request: ActorRequest, pk: UUID) -> ListFile:
    return get_object_or_404(queries.list_files(request.actor.agency), pk=pk)
