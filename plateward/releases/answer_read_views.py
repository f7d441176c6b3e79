"""The page on which a read's picture is put into an answer, and the way there from the read's page."""

from collections.abc import Iterator

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from plateward.governance.actor import Actor
from plateward.governance.http import ActorRequest
from plateward.reads.beside import Line
from plateward.reads.models import Read
from plateward.releases.answer_read_actions import add_read_picture
from plateward.releases.records_forms import ReadPictureForm
from plateward.releases.records_papers import WORK
from plateward.releases.tasks import find_plates_soon
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page

TITLE = "Put a read’s picture into an answer"
NOTE = (
    "It comes out of the picture store as it is, which is on record as an access. It waits for a decision "
    "before the answer leaves: covered, left whole or withheld."
)


@access(capability=WORK)
@require_http_methods(["GET", "POST"])
def add(request: ActorRequest) -> HttpResponse:
    """Choose the request, and which picture of which read."""
    actor = request.actor
    actor.require("reads.view")
    form = ReadPictureForm(request.POST or None, agency=actor.agency, initial=request.GET.dict())
    if form.is_valid():
        with errors_in(form):
            made = add_read_picture(**form.cleaned_data, by=actor, now=timezone.now())
            find_plates_soon()
            return redirect("releases:records-picture", made.pk)
    context = {
        "form": form,
        "title": TITLE,
        "note": NOTE,
        "submit": "Put it into the answer",
        "tab": "records",
    }
    return form_page(request, "releases/records_form.html", context)


def beside_read(actor: Actor, read: Read) -> Iterator[Line]:
    """The way from a read's page, for who works the public's requests."""
    if actor.may(WORK) and actor.may("reads.view"):
        address = f"{reverse('releases:records-read-picture')}?read={read.id}"
        yield Line("Put its picture into an answer to the public", address, is_act=True)
