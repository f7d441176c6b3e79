"""The clock over accounts: who is disabled when, ends that are planned, duties that changed."""

from collections.abc import Callable, Mapping
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

from plateward.accounts.models import User
from plateward.accounts.rules import AccountState, may_manage
from plateward.control import actions, queries
from plateward.control.forms import EndForm, NoteForm, TransferForm
from plateward.governance.http import ActorRequest
from plateward.policy import STANDARDS, account_limit
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do about an account's time: a form and the act that it becomes."""

    label: str
    done: str
    form: type[forms.Form]
    act: Callable[..., object]
    note: str


TASKS: Mapping[str, Task] = MappingProxyType(
    {
        "end": Task(
            "Plan the end",
            "The end is on record.",
            EndForm,
            actions.plan_end,
            "At that time the account is deactivated and its sessions end. Account managers are told.",
        ),
        "withdraw": Task(
            "Withdraw the planned end",
            "The account goes on.",
            NoteForm,
            actions.withdraw_end,
            "The account goes on as it is.",
        ),
        "threat": Task(
            "Disable at once: threat",
            "The account is disabled and its sessions are ended.",
            NoteForm,
            actions.disable_for_threat,
            "For a threat to the system or its data. Sessions end now; the position above is told.",
        ),
        "transfer": Task(
            "Review changed duties",
            "The review is on record.",
            TransferForm,
            actions.review_transfer,
            "Does what this person may do still fit what they do?",
        ),
    }
)


@access(capability="accounts.manage")
@require_GET
def accounts(request: ActorRequest) -> HttpResponse:
    """Every active account by when the clock ends it, and the limits with their sources."""
    actor, now = request.actor, timezone.now()
    context = {
        "accounts": queries.clocked(actor.profile, actor.agency, now),
        "limits": [
            (standard.name, account_limit(actor.profile, name)) for name, standard in STANDARDS.items()
        ],
    }
    return render(request, "control/accounts.html", context)


@access(capability="accounts.manage")
@require_GET
def account(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One account's time: last use, planned end, changed duties, and what can be done."""
    person = _person(request, pk)
    return render(request, "control/account.html", _context(request, person))


@access(capability="accounts.manage", fresh=True)
@require_http_methods(["GET", "POST"])
def act(request: ActorRequest, pk: UUID, task: str) -> HttpResponse:
    """Plan, withdraw, disable or review; who may, the action decides."""
    person, chosen = _person(request, pk), TASKS.get(task)
    if chosen is None:
        raise Http404
    actor = request.actor
    may_manage(actor.profile, actor.person, str(person.pk)).require()
    form = chosen.form(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with errors_in(form):
            chosen.act(user=person, **form.cleaned_data, by=actor, now=timezone.now())
            messages.success(request, chosen.done)
            return redirect("control:account", person.pk)
    context = {"form": form, "task": chosen, **_context(request, person)}
    return form_page(request, "control/act.html", context)


def _person(request: ActorRequest, pk: UUID) -> User:
    found = queries.with_last_use(User.objects.filter(agency_id=request.actor.agency))
    return get_object_or_404(found, pk=pk)


def _context(request: ActorRequest, person: User) -> dict[str, Any]:
    actor, now = request.actor, timezone.now()
    transfers = list(queries.transfers_to_review(person))
    end = queries.planned_end(person)
    return {
        "person": person,
        "title_name": actor.profile.title_name(person.title),
        "state": AccountState(person.state),
        "clocked": queries.clocked_account(actor.profile, person, now, end, transfers),
        "ends": person.planned_ends.all(),
        "limit": account_limit(actor.profile, "inactive_after"),
        "is_self": person.pk == actor.user_id,
        "tasks": [(slug, TASKS[slug]) for slug in _offered(person, has_end=end is not None, moved=transfers)],
    }


def _offered(person: User, *, has_end: bool, moved: list[Any]) -> list[str]:
    if person.state == AccountState.DEACTIVATED:
        return []
    offered = ["transfer"] if moved else []
    offered.append("withdraw" if has_end else "end")
    return [*offered, "threat"] if person.state == AccountState.ACTIVE else offered
