"""One's own training, the trainer's board, people's files, courses, certificates and their proof."""

import csv
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from plateward.accounts.models import Certification, User
from plateward.accounts.queries import certification_facts
from plateward.accounts.rules import may_certify
from plateward.documents.kinds import EXTENSIONS
from plateward.documents.store import FileLost
from plateward.governance.http import ActorRequest
from plateward.governance.organization.queries import members_within, units_of
from plateward.governance.queries import file_store
from plateward.policy import may_use_system
from plateward.training import actions, presenters, queries, rules
from plateward.training.forms import AssignForm, FileForm, ReasonForm
from plateward.training.models import Assignment, ProofFile
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page

OWN = "Everybody may see the record of their own training; others' take the right to certify."


@access(login=True, why="Everybody may see their own training, above all those whom it keeps out.")
@require_GET
def mine(request: ActorRequest) -> HttpResponse:
    """What one has completed, until when it counts, what is assigned, and the sessions to come."""
    return render(request, "training/mine.html", _file_of(request, request.user))


@access(capability="training.certify")
@require_GET
def person(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One person's file: the printable record of B-466.8."""
    found = get_object_or_404(User, pk=pk, agency_id=request.actor.agency)
    return render(request, "training/person.html", _file_of(request, found))


def _file_of(request: ActorRequest, user: User) -> dict[str, Any]:
    actor = request.actor
    found = queries.trainee(actor.profile, user, actor.today)
    facts = certification_facts(user)
    return {
        "trainee": found,
        "person": user,
        "title_name": found.title_name,
        "decision": may_use_system(actor.profile, user.title, facts, actor.today),
        "rows": presenters.certificates(actor.profile, user),
        "coming": [s for s in queries.coming(actor.agency, timezone.now()) if s.pk in _sessions_of(user)],
        "may_certify": may_certify(actor.profile, actor.person, str(user.pk)).allowed,
        "record_clause": actor.profile.citation(actor.profile.training.certifier),
        "certifier": presenters.certifier(actor.profile),
        "printed_at": timezone.now(),
    }


def _sessions_of(user: User) -> set[UUID]:
    return set(user.attendances.values_list("session_id", flat=True))


@access(capability="training.certify")
@require_GET
def board(request: ActorRequest) -> HttpResponse:
    """Who is due, overdue or expired, by title and unit, and the sessions to come and to be finished."""
    actor, now = request.actor, timezone.now()
    wanted = presenters.Filter.of(request.GET.dict())
    people = queries.trainees(actor.profile, actor.agency, actor.today)
    context = {
        "people": wanted.of_these(people, members_within(actor.agency, wanted.unit, now)),
        "units": [(str(unit.pk), unit.name) for unit in units_of(actor.agency)],
        "counts": presenters.counts(people),
        "wanted": wanted,
        "titles": [(id_, actor.profile.title_name(id_)) for id_ in actor.profile.titles],
        "coming": presenters.sessions(actor.profile, queries.coming(actor.agency, now)),
        "unfinished": presenters.sessions(actor.profile, queries.unfinished(actor.agency, now)),
    }
    return render(request, "training/board.html", context)


@access(capability="training.certify")
@require_GET
def board_csv(request: ActorRequest) -> HttpResponse:
    """The board as a table for other programs, everybody and every required course in a line."""
    actor = request.actor
    wanted = presenters.Filter.of(request.GET.dict())
    members = members_within(actor.agency, wanted.unit, timezone.now())
    people = wanted.of_these(queries.trainees(actor.profile, actor.agency, actor.today), members)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="training-{actor.today.isoformat()}.csv"'
    csv.writer(answer).writerows(presenters.table(people))
    return answer


@access(login=True, why="Everybody may know what the policy says of training.")
@require_GET
def courses(request: ActorRequest) -> HttpResponse:
    """The policy's courses: who needs them, what they cover for whom, how long they count."""
    profile = request.actor.profile
    context = {"courses": presenters.courses(profile), "settings": presenters.training_settings(profile)}
    return render(request, "training/courses.html", context)


@access(capability="training.certify")
@require_http_methods(["GET", "POST"])
def assign(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Assign somebody a course."""
    actor = request.actor
    found = get_object_or_404(User, pk=pk, agency_id=actor.agency)
    form = AssignForm(
        request.POST or None,
        profile=actor.profile,
        initial={"due_date": actor.today + rules.AFTER_INCIDENT},
    )
    if form.is_valid():
        with errors_in(form):
            actions.assign(user=found, **form.cleaned_data, by=actor, now=timezone.now())
            messages.success(request, f"The course is assigned to {found.full_name}.")
            return redirect("training:person", found.pk)
    context = {"form": form, "person": found, "title_name": actor.profile.title_name(found.title)}
    return form_page(request, "training/assign.html", context)


@access(capability="training.certify")
@require_http_methods(["GET", "POST"])
def withdraw_assignment(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Take an assignment back."""
    known = get_object_or_404(
        Assignment.objects.select_related("user"), pk=pk, agency_id=request.actor.agency
    )
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        with errors_in(form):
            reason = form.cleaned_data["reason"]
            actions.withdraw_assignment(assignment=known, reason=reason, by=request.actor, now=timezone.now())
            messages.success(request, "The assignment is withdrawn.")
            return redirect("training:person", known.user_id)
    what = f"the assignment of “{queries.course_name(request.actor.profile, known.course)}”"
    return form_page(request, "training/withdraw.html", {"form": form, "person": known.user, "what": what})


@access(login=True, why=OWN)
@require_GET
def certificate(request: ActorRequest, pk: UUID) -> HttpResponse:
    """A completion as a page to print: who, which course and topics, when, taught and certified by whom."""
    known = _certification(request, pk)
    _require_sight(request, known)
    actor = request.actor
    context = {
        "row": presenters.certificate(actor.profile, known),
        "person": known.user,
        "title_name": actor.profile.title_name(known.user.title),
        "may_certify": may_certify(actor.profile, actor.person, str(known.user_id)).allowed,
        "certifier": presenters.certifier(actor.profile),
    }
    return render(request, "training/certificate.html", context)


@access(capability="training.certify")
@require_http_methods(["GET", "POST"])
def attach(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Put the scan of a certificate on file."""
    known = _certification(request, pk)
    may_certify(request.actor.profile, request.actor.person, str(known.user_id)).require()
    form = FileForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        with errors_in(form):
            actions.attach_file(
                certification=known,
                data=form.cleaned_data["file"].read(),
                by=request.actor,
                now=timezone.now(),
            )
            messages.success(request, "The file is on file.")
            return redirect("training:certificate", known.pk)
    return form_page(request, "training/attach.html", {"form": form, "certification": known})


@access(capability="training.certify", fresh=True)
@require_http_methods(["GET", "POST"])
def withdraw(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Withdraw a certification that was wrong."""
    known = _certification(request, pk)
    may_certify(request.actor.profile, request.actor.person, str(known.user_id)).require()
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        with errors_in(form):
            reason = form.cleaned_data["reason"]
            actions.withdraw_certification(
                certification=known, reason=reason, by=request.actor, now=timezone.now()
            )
            messages.success(request, "The certification is withdrawn; it counts no more.")
            return redirect("training:person", known.user_id)
    name = queries.course_name(request.actor.profile, known.course)
    what = f"the certification of “{name}” of {known.completed_date:%b %d, %Y}"
    return form_page(request, "training/withdraw.html", {"form": form, "person": known.user, "what": what})


@access(login=True, why=OWN)
@require_GET
def proof(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The file that was put on file, always as a download and never run by the browser."""
    known: ProofFile = get_object_or_404(queries.files_of(request.actor.agency), pk=pk)
    _require_sight(request, known.certification)
    try:
        data = file_store().get(known.path, known.sha256)
    except FileLost as error:
        return HttpResponse(f"{error}. Restore it from a backup.", status=503, content_type="text/plain")
    answer = HttpResponse(data, content_type=known.media_type)
    name = f"certificate-{known.certification.user.username}-{known.certification.completed_date}"
    answer["Content-Disposition"] = f'attachment; filename="{name}.{EXTENSIONS[known.media_type]}"'
    return answer


def _certification(request: ActorRequest, pk: UUID) -> Certification:
    found: Certification = get_object_or_404(queries.certificates_of(request.actor.agency), pk=pk)
    return found


def _require_sight(request: ActorRequest, certification: Certification) -> None:
    if certification.user_id != request.actor.user_id:
        request.actor.require("training.certify")
