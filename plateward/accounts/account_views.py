"""Creating accounts, and what is done with one: papers, activation, suspension, release, title."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from plateward.accounts import actions, identities, identity_actions, queries, rules
from plateward.accounts.forms import (
    AccountForm,
    ActForm,
    AgreementForm,
    ApprovalForm,
    ClearanceForm,
    IdentityForm,
    ReasonForm,
    SuspensionForm,
    TitleForm,
)
from plateward.accounts.http import ActingPerson, PersonRequest
from plateward.accounts.models import User
from plateward.accounts.rules import AccountState
from plateward.policy import Decision
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page

PENDING, ACTIVE, SUSPENDED, DEACTIVATED = AccountState
OPEN = (PENDING, ACTIVE, SUSPENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something to do with an account: a form, the act that it becomes, and the states it is offered in.

    An act that returns a password has it shown, once.
    """

    label: str
    done: str
    form: type[ActForm] | type[TitleForm]
    act: Callable[..., object]
    states: tuple[AccountState, ...]
    note: str = ""


TASKS: Mapping[str, Task] = MappingProxyType(
    {
        "approve": Task(
            label="Approve access",
            done="Access is approved.",
            form=ApprovalForm,
            act=actions.approve_access,
            states=OPEN,
            note="State what in this person's duties needs the ALPR system.",
        ),
        "clearance": Task(
            label="Record clearance",
            done="The clearance is on file.",
            form=ClearanceForm,
            act=actions.record_clearance,
            states=OPEN,
        ),
        "agreement": Task(
            label="Record signed agreement",
            done="The agreement is on file.",
            form=AgreementForm,
            act=actions.record_agreement,
            states=OPEN,
        ),
        "activate": Task(
            label="Activate",
            done="The account is active.",
            form=ActForm,
            act=actions.activate,
            states=(PENDING,),
            note="A one-time password is shown once; its person chooses their own at the first log-in.",
        ),
        "release": Task(
            label="Release lock",
            done="The account is released.",
            form=ReasonForm,
            act=actions.release,
            states=(ACTIVE,),
            note="Make sure first that the person themselves failed to log in.",
        ),
        "password": Task(
            label="Issue one-time password",
            done="A one-time password is issued.",
            form=ReasonForm,
            act=actions.issue_password,
            states=(ACTIVE,),
            note="The present password stops working and all sessions end. The new one is shown once.",
        ),
        "factors": Task(
            label="Reset second factor",
            done="The second factors are taken away, and a one-time password is issued.",
            form=ReasonForm,
            act=actions.reset_factors,
            states=(ACTIVE,),
            note="For a lost phone or key. Make sure that the person themselves asks. Their apps, "
            "keys, recovery codes and password stop working; all sessions end. With the new "
            "one-time password, shown once, they log in and set up another.",
        ),
        "link": Task(
            label="Link log-in identity",
            done="The identity is linked: its person may log in through the agency's provider.",
            form=IdentityForm,
            act=identity_actions.link_identity,
            states=OPEN,
            note="Make sure that the identity is this person's: whoever proves it to the provider comes in "
            "as them.",
        ),
        "unlink": Task(
            label="Unlink log-in identity",
            done="The identity opens nothing any more.",
            form=ReasonForm,
            act=identity_actions.unlink_identity,
            states=OPEN,
            note="The person's sessions end. Where they have no password, issue a one-time one.",
        ),
        "title": Task(
            label="Change title",
            done="The title is changed.",
            form=TitleForm,
            act=actions.change_title,
            states=OPEN,
            note="What the person may do follows from the title. Their sessions end.",
        ),
        "suspend": Task(
            label="Suspend",
            done="The account is suspended.",
            form=SuspensionForm,
            act=actions.suspend,
            states=(ACTIVE,),
            note="The person's sessions end at once.",
        ),
        "reactivate": Task(
            label="Reactivate",
            done="The account is active again.",
            form=ReasonForm,
            act=actions.reactivate,
            states=(SUSPENDED,),
            note="A one-time password is shown once.",
        ),
        "deactivate": Task(
            label="Deactivate",
            done="The account is deactivated.",
            form=ReasonForm,
            act=actions.deactivate,
            states=OPEN,
            note="For somebody who leaves or no longer needs access. The person's sessions end at once.",
        ),
        "reinstate": Task(
            label="Reinstate",
            done="The account waits for approval and papers.",
            form=ReasonForm,
            act=actions.reinstate,
            states=(DEACTIVATED,),
            note="Approval, clearance and agreement must be put on file anew.",
        ),
    }
)

PARTNERS = ("release", "password", "factors", "link", "unlink", "deactivate")
"""What is done with a partner's account; the rest is for members of the agency."""


@access(capability="accounts.manage", fresh=True)
@require_http_methods(["GET", "POST"])
def create(request: PersonRequest) -> HttpResponse:
    """Create somebody's account; it opens nothing until it is activated."""
    actor = request.actor
    rules.may_create(actor.profile, actor.person).require()
    form = AccountForm(request.POST or None, profile=actor.profile)
    if form.is_valid():
        with errors_in(form):
            made = actions.create_account(**form.cleaned_data, by=actor, now=timezone.now())
            messages.success(
                request, f"The account {made.username} is created. It opens nothing until it is activated."
            )
            return redirect("accounts:account", made.pk)
    context = {"form": form, "creators": actor.profile.access.account_creators}
    return form_page(request, "accounts/create.html", context)


@access(capability="accounts.manage")
@require_GET
def account(request: PersonRequest, pk: UUID) -> HttpResponse:
    """One person's account: its state, what is on file and missing, and what can be done."""
    person = get_object_or_404(User, pk=pk, agency_id=request.actor.agency)
    return render(request, "accounts/account.html", _context(request, person))


@access(capability="accounts.manage", fresh=True)
@require_http_methods(["GET", "POST"])
def act(request: PersonRequest, pk: UUID, task: str) -> HttpResponse:
    """Do something with an account; who may do it, and when, the action decides."""
    actor = request.actor
    person = get_object_or_404(User, pk=pk, agency_id=actor.agency)
    if task not in (PARTNERS if person.is_partner else TASKS):
        raise Http404
    chosen = TASKS[task]
    _who_may(actor, person, task).require()
    form = chosen.form(request.POST if request.method == "POST" else None, profile=actor.profile)
    if form.is_valid():
        with errors_in(form):
            made = chosen.act(user=person, **form.cleaned_data, by=actor, now=timezone.now())
            return _answer(request, person, chosen, made)
    context = {"form": form, "person": person, "task": chosen, **_context(request, person)}
    return form_page(request, "accounts/act.html", context)


def _answer(request: PersonRequest, person: User, chosen: Task, made: object) -> HttpResponse:
    if isinstance(made, str):  # shown in the answer itself: nothing keeps it, nothing shows it again
        return render(request, "accounts/one_time.html", {"person": person, "task": chosen, "password": made})
    messages.success(request, chosen.done)
    return redirect("accounts:account", person.pk)


def _who_may(actor: ActingPerson, person: User, task: str) -> Decision:
    rule = rules.may_assign if task in {"approve", "title"} else rules.may_manage
    return rule(actor.profile, actor.person, str(person.pk))


def _context(request: PersonRequest, person: User) -> dict[str, Any]:
    actor, facts = request.actor, queries.account_facts(person)
    ready = rules.ready(actor.profile, facts, actor.today)
    return {
        "person": person,
        "state": facts.state,
        "title_name": actor.profile.title_name(person.title),
        "requirements": rules.requirements(actor.profile, facts, actor.today),
        "identities": person.identities.all(),
        "papers": queries.papers(person).values(),
        "tasks": [
            (slug, task)
            for slug, task in TASKS.items()
            if _offered(slug, person, ready) and _who_may(actor, person, slug).allowed
        ],
        "assigner": rules.may_assign(actor.profile, actor.person, str(person.pk)),
        "is_self": person.pk == actor.user_id,
        "waits": not ready.allowed and person.state == PENDING,
    }


def _offered(slug: str, person: User, ready: Decision) -> bool:
    if person.is_partner and slug not in PARTNERS:
        return False
    if slug == "activate" and not ready.allowed:
        return False
    if slug == "release":
        return person.locked_at is not None
    if slug == "unlink":
        return person.identities.exists()
    if slug == "link" and (not identities.provider_of(person.agency_id) or identities.provider_for(person)):
        return False
    return AccountState(person.state) in TASKS[slug].states
