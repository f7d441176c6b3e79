"""A session: planned, its sheet signed, its record written, its completions certified."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from plateward.governance.actor import Actor
from plateward.governance.http import ActorRequest
from plateward.training import actions, presenters, queries, rules
from plateward.training.forms import CertifyForm, InviteForm, PlanForm, ReasonForm, RecordForm
from plateward.training.models import Session
from plateward.training.queries import Trainee
from plateward.training.rules import Act, SessionState, Standing
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page

MakeForm = Callable[[ActorRequest, Session], forms.Form]


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do with a session: the form, the action it becomes, and what it needs."""

    label: str
    done: str
    needs: Act
    form: MakeForm
    act: Callable[..., object]


def _data(request: ActorRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _invite_form(request: ActorRequest, session: Session) -> forms.Form:
    listed = {attendance.user_id for attendance in session.attendances.all()}
    people = [person for person in _neediest(request.actor) if person.user.pk not in listed]
    return InviteForm(_data(request), people=people)


def _record_form(request: ActorRequest, session: Session) -> forms.Form:
    attendances = list(session.attendances.all())
    listed = {attendance.user_id for attendance in attendances}
    people = sorted(_neediest(request.actor), key=lambda person: person.user.pk not in listed)
    return RecordForm(
        _data(request),
        profile=request.actor.profile,
        session=session,
        attendances=attendances,
        people=people,
    )


TASKS: Mapping[str, Task] = MappingProxyType(
    {
        "invite": Task("Invite", "They are on the list.", Act.INVITE, _invite_form, actions.invite),
        "record": Task(
            "Record attendance", "The session is on record.", Act.RECORD, _record_form, actions.record_session
        ),
        "certify": Task(
            "Certify completions",
            "The completions are certified.",
            Act.CERTIFY,
            lambda request, _: CertifyForm(_data(request)),
            actions.certify_session,
        ),
        "cancel": Task(
            "Cancel the session",
            "The session is cancelled.",
            Act.CANCEL,
            lambda request, _: ReasonForm(_data(request)),
            actions.cancel_session,
        ),
    }
)


@access(capability="training.certify")
@require_http_methods(["GET", "POST"])
def plan(request: ActorRequest) -> HttpResponse:
    """Plan a session and invite people."""
    actor = request.actor
    form = PlanForm(
        _data(request),
        profile=actor.profile,
        people=_neediest(actor),
        initial={"instructor": actor.name, "course": request.GET.get("course", "")},
    )
    if form.is_valid():
        with errors_in(form):
            made = actions.plan_session(**form.cleaned_data, by=actor, now=timezone.now())
            messages.success(request, "The session is planned.")
            return redirect("training:session", made.pk)
    return form_page(request, "training/plan.html", {"form": form})


@access(capability="training.certify")
@require_GET
def session(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One session: who is on its list, what was covered, and what can be done now."""
    return render(request, "training/session.html", _context(request, _known(request, pk)))


@access(capability="training.certify")
@require_GET
def sheet(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The sheet on which those who come sign, to print."""
    return render(request, "training/sheet.html", _context(request, _known(request, pk)))


@access(capability="training.certify", fresh=True)
@require_http_methods(["GET", "POST"])
def act(request: ActorRequest, pk: UUID, task: str) -> HttpResponse:
    """Do something with a session; whether it can be done now, the action decides."""
    known = _known(request, pk)
    if task not in TASKS:
        raise Http404
    chosen = TASKS[task]
    form = chosen.form(request, known)
    if form.is_valid():
        with errors_in(form):
            chosen.act(session=known, **form.cleaned_data, by=request.actor, now=timezone.now())
            messages.success(request, chosen.done)
            return redirect("training:session", known.pk)
    context = {"form": form, "task": chosen, **_context(request, known)}
    return form_page(request, "training/act.html", context)


def _known(request: ActorRequest, pk: UUID) -> Session:
    found: Session = get_object_or_404(queries.sessions_of(request.actor.agency), pk=pk)
    return found


def _neediest(actor: Actor) -> Sequence[Trainee]:
    """Everybody on the staff, those whose training is missing or ends first."""
    order: list[Standing | None] = [*Standing, None]
    people = queries.trainees(actor.profile, actor.agency, actor.today)
    return sorted(people, key=lambda person: (not person.is_overdue, order.index(person.worst)))


def _context(request: ActorRequest, known: Session) -> dict[str, Any]:
    profile = request.actor.profile
    rows = presenters.attendees(profile, known)
    state = SessionState(known.state)
    return {
        "session": known,
        "state": state,
        "course": profile.training.courses.get(known.course),
        "course_name": queries.course_name(profile, known.course),
        "rows": rows,
        "left_out": presenters.left_out(profile, known, rows),
        "is_own": any(row.attendance.user_id == request.actor.user_id for row in rows),
        "tasks": [(slug, task) for slug, task in TASKS.items() if rules.may_move(state, task.needs).allowed],
        "certifier": presenters.certifier(profile),
    }
