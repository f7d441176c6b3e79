"""Who looked at what: the questions to the record, and each person's own."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.governance.http import ActorRequest
from plateward.oversight import actions, presenters, reviewing
from plateward.oversight.forms import AnswerForm, InquiryForm, OwnPlateForm
from plateward.oversight.inquiry import PURPOSES, QUESTIONS
from plateward.oversight.models import CompletenessTest, OwnPlate, ReviewItem
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page

SHOWN_TESTS = 12


@access(capability="audit.view")
@never_cache
@require_http_methods(["GET", "POST"])
def inquire(request: ActorRequest) -> HttpResponse:
    """Ask who looked at a plate or case, or what a person looked at; answered as page or CSV file (R54).

    The question is posted, so that no plate stands in an address.
    """
    actor, now = request.actor, timezone.now()
    form = InquiryForm(
        request.POST if request.method == "POST" else None,
        agency=actor.agency,
        time_zone=actor.profile.agency.time_zone,
    )
    if not form.is_valid():
        return form_page(request, "oversight/inquire.html", {"form": form})
    inquiry, as_file = form.inquiry, "file" in request.POST
    answer = actions.answer_inquiry(by=actor, inquiry=inquiry, now=now, as_file=as_file)
    if as_file:
        return _csv(presenters.as_csv(actor.profile, answer.entries), f"record-{answer.access.pk}.csv")
    found = {
        "form": form,
        "inquiry": inquiry,
        "question": QUESTIONS[inquiry.subject],
        "purpose": PURPOSES[inquiry.purpose],
        "answer": answer,
        "lines": presenters.lines(actor.profile, answer.entries),
    }
    return render(request, "oversight/answer.html", found)


@access(login=True, why="Everybody may see what is on record about themselves.")
@never_cache
@require_GET
def mine(request: ActorRequest) -> HttpResponse:
    """Show a person all that is on record about their own use: searches, reads, pictures, refusals (R54)."""
    return _mine(request)


def _mine(request: ActorRequest, refused: AnswerForm | None = None) -> HttpResponse:
    entries, is_cut = actions.view_own_record(by=request.actor, now=timezone.now())
    found = {
        "lines": presenters.lines(request.actor.profile, entries),
        "is_cut": is_cut,
        "asked": [
            (item, item.steps.all().reverse()[0].note, _answer_form(item, refused))
            for item in reviewing.asked_of(request.actor)
        ],
        "form": refused,
    }
    return render(request, "oversight/mine.html", found, status=422 if refused else 200)


def _answer_form(item: ReviewItem, refused: AnswerForm | None) -> AnswerForm:
    if refused and refused.data.get("item") == str(item.pk):
        return refused
    return AnswerForm(initial={"item": item.pk}, auto_id=f"id_{item.pk}_%s")


@access(login=True, why="Whoever is asked about their own accesses may answer.")
@require_POST
def answer(request: ActorRequest) -> HttpResponse:
    """Take the explanation of somebody whom a reviewer asked."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _mine(request, form)
    try:
        actions.answer_question(
            by=request.actor,
            item_id=form.cleaned_data["item"],
            note=form.cleaned_data["note"],
            now=timezone.now(),
        )
    except ReviewItem.DoesNotExist as error:
        raise Http404 from error
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "Your explanation went to the reviewer.")
    return redirect("oversight:mine")


@access(login=True, why="Everybody may enter and remove plates of their own.")
@never_cache
@require_http_methods(["GET", "POST"])
def own_plates(request: ActorRequest) -> HttpResponse:
    """Enter a plate of one's own, or remove one; the list shows that they are there and nothing more."""
    actor, now = request.actor, timezone.now()
    if "remove" in request.POST:
        try:
            actions.remove_own_plate(by=actor, plate_id=UUID(request.POST["remove"]), now=now)
        except (ValueError, OwnPlate.DoesNotExist) as error:
            raise Http404 from error
        messages.success(request, "The plate is off the list.")
        return redirect("oversight:own-plates")
    form = OwnPlateForm(request.POST or None)
    if form.is_valid():
        with errors_in(form):
            actions.enter_own_plate(by=actor, plate=form.cleaned_data["plate"], now=now)
            messages.success(request, "The plate is on the list, as a digest.")
            return redirect("oversight:own-plates")
    found = {"form": form, "plates": reviewing.own_plates(actor)}
    return form_page(request, "oversight/own_plates.html", found)


@access(capability="audit.view")
@never_cache
@require_http_methods(["GET", "POST"])
def completeness(request: ActorRequest) -> HttpResponse:
    """Show the tests whether known acts are on record; posting makes one now (R124)."""
    if request.method == "POST":
        tested = actions.check_record(by=request.actor, now=timezone.now())
        if tested.is_complete:
            messages.success(request, "Every known act is wholly on record.")
        else:
            messages.error(request, "Something is missing from the record. The alarm above says what.")
        return redirect("oversight:completeness")
    tests = CompletenessTest.objects.filter(agency_id=request.actor.agency)[:SHOWN_TESTS]
    return render(request, "oversight/completeness.html", {"tests": tests})


def _csv(text: str, name: str) -> HttpResponse:
    """A file that spreadsheets open as UTF-8."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(f"\ufeff{text}", content_type="text/csv; charset=utf-8", headers=headers)
