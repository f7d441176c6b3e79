"""The page on which a person uploads reads from a file."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from plateward.devices.models import Device
from plateward.governance.http import ActorRequest
from plateward.reads import csv_file, queries, upload_actions
from plateward.reads.csv_file import Checked
from plateward.reads.forms import UploadForm
from plateward.reads.upload_actions import CAPABILITY, Uploaded
from plateward.ui.access import access

SHOWN_UPLOADS = 20


@access(capability=CAPABILITY)
@require_http_methods(["GET", "POST"])
def upload(request: ActorRequest, device_id: UUID) -> HttpResponse:
    """Check a file and, if every line is sound, put its reads into the inbox; show what came before."""
    device = get_object_or_404(Device, pk=device_id, agency_id=request.actor.agency)
    form = UploadForm(request.POST or None, request.FILES or None)
    checked = None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            done = upload_actions.upload(
                by=request.actor, device=device, name=file.name, data=file.read(), now=timezone.now()
            )
        except (ValidationError, csv_file.UnusableFile) as error:
            form.add_error("file", error.messages if isinstance(error, ValidationError) else str(error))
        else:
            if done.items:
                messages.success(request, _receipt(done))
                return redirect("reads:upload", device_id=device.pk)
            checked = done.checked
    page = _page(request, device, checked) | {"form": form}
    return render(request, "reads/upload.html", page, status=422 if form.errors or checked else 200)


def _receipt(done: Uploaded) -> str:
    reads, columns = (
        len(done.checked.documents),
        ", ".join(f"“{header}” as {column}" for column, header in done.checked.mapping.items()),
    )
    kept = f" Kept, but not used: {', '.join(done.checked.ignored)}." if done.checked.ignored else ""
    before = f" {done.repeated} of the payloads had been uploaded before." if done.repeated else ""
    return f"{reads:,} reads are in the inbox. Taken: {columns}.{kept}{before}"


def _page(request: ActorRequest, device: Device, checked: Checked | None) -> dict[str, object]:
    columns = [
        (name, [name, *others], name in csv_file.REQUIRED) for name, others in csv_file.COLUMNS.items()
    ]
    return {
        "device": device,
        "zone": request.actor.profile.agency.time_zone,
        "checked": checked,
        "problems": checked.problems[: csv_file.SHOWN_PROBLEMS] if checked else (),
        "columns": columns,
        "uploads": queries.uploads_of(request.actor.agency, device.pk)[:SHOWN_UPLOADS],
    }
