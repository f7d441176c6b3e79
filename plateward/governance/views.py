"""The policy in force, its versions and drafts, the set-up checklist, and what the statute asks of it."""

from collections.abc import Callable, Sequence
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.accounts.entrance import is_fresh
from plateward.governance import actions, further, presenters, queries, rules, versions
from plateward.governance.forms import NoteForm, ProposalForm
from plateward.governance.http import ActorRequest
from plateward.governance.models import Adoption, Draft
from plateward.governance.replays import SHOWN
from plateward.governance.rules import Act, DraftState
from plateward.policy import ProfileError, Status, assess, compare_profiles, conflicts
from plateward.ui.access import access
from plateward.ui.acting import form_page


@access(capability="governance.view")
@require_GET
def policy(request: ActorRequest) -> HttpResponse:
    """The agency's profile in force as data, every value with its ground and silence shown."""
    profile, agency = request.actor.profile, request.actor.agency
    procedure, steps = presenters.dispatch(profile)
    context = {
        "tab": "policy",
        "profile": profile,
        "adoption": queries.adoption_in_force(agency),
        "upcoming": queries.upcoming(agency, timezone.now()),
        "purposes": profile.purposes.values(),
        "titles": presenters.titles(profile),
        "positions": presenters.positions(profile, queries.holdings_at(agency, timezone.now())),
        "hotlist_sections": presenters.hotlists(profile),
        "procedure": procedure,
        "steps": steps,
        "retention_sections": presenters.retention(profile),
        "plain_sections": [
            ("accounts", "Accounts", presenters.access(profile)),
            ("training", "Training", presenters.training(profile)),
            ("searching", "Searching and verification", presenters.searching(profile)),
            *further.sections(profile),
        ],
        "prohibited": profile.search.prohibited.values(),
        "decisions": presenters.decisions(profile),
        "unaddressed": presenters.unaddressed(profile),
        "clauses": profile.clauses.values(),
    }
    return render(request, "governance/policy.html", context)


@access(capability="governance.view")
@require_GET
def history(request: ActorRequest) -> HttpResponse:
    """Every version ever adopted, who put it in force and when, and what is proposed."""
    agency = request.actor.agency
    adoptions = queries.adoptions(agency).select_related("draft__proposed_by")
    drafts = queries.drafts(agency)
    context = {
        "tab": "versions",
        "versions": versions.history(adoptions, queries.adoption_in_force(agency)),
        "waiting": [draft for draft in drafts if draft.state == DraftState.PROPOSED],
        "ended": [draft for draft in drafts if draft.state in {DraftState.REFUSED, DraftState.WITHDRAWN}],
        "may_propose": request.actor.decide(rules.PROPOSE),
    }
    return render(request, "governance/versions.html", context)


@access(capability="governance.view")
@require_GET
def version(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One adopted version: who put it in force, what it changed, and its text."""
    adoption = _adoption_or_404(request, pk)
    before = queries.predecessor(adoption)
    shown: tuple[list[versions.Part], Sequence[str]] = ([], ())
    if before is not None:
        try:
            shown = versions.comparison(queries.profile_of(before), adoption)
        except ProfileError as error:
            shown = ([], error.problems)
    context = {
        "tab": "versions",
        "adoption": adoption,
        "draft": getattr(adoption, "draft", None),
        "before": before,
        "parts": shown[0],
        "problems": shown[1],
        "text": bytes(adoption.profile).decode(errors="replace"),
    }
    return render(request, "governance/version.html", context)


@access(capability="governance.view")
@require_GET
def download(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The very bytes of an adopted version, as a YAML file."""
    adoption = _adoption_or_404(request, pk)
    answer = HttpResponse(bytes(adoption.profile), content_type="application/yaml; charset=utf-8")
    name = "".join(char if char.isalnum() or char in ".-" else "-" for char in adoption.version)
    answer["Content-Disposition"] = f'attachment; filename="{adoption.agency_id}-{name}.yaml"'
    return answer


def _adoption_or_404(request: ActorRequest, pk: UUID) -> Adoption:
    mine = queries.adoptions(request.actor.agency).select_related("draft__proposed_by")
    return get_object_or_404(mine, pk=pk)


@access(capability=rules.PROPOSE, fresh=True)
@require_http_methods(["GET", "POST"])
def propose(request: ActorRequest) -> HttpResponse:
    """Write or upload a version, see in words what it changes, and propose it to a second person."""
    in_force = queries.adoption_in_force(request.actor.agency)
    if request.method == "GET":
        return _proposal_page(request, ProposalForm(initial={"text": _starting_text(request, in_force)}))
    form = ProposalForm(request.POST, request.FILES)
    if form.is_valid() and request.POST.get("do") == "propose" and (made := _proposed(request, form)):
        messages.success(request, "Proposed. It changes nothing before a second person puts it in force.")
        return redirect("governance:draft", pk=made.pk)
    before = request.actor.profile
    changes = versions.parts(compare_profiles(before, form.profile)) if form.is_valid() else None
    return _proposal_page(request, form.with_its_text(), changes)


def _starting_text(request: ActorRequest, in_force: Adoption) -> str:
    """The version in force, or the draft named in the address, to go on from."""
    drafts = queries.drafts(request.actor.agency)
    named = request.GET.get("from", "")
    kept = next((draft for draft in drafts if str(draft.pk) == named), None) or in_force
    return queries.text_today(kept).decode(errors="replace")


def _proposed(request: ActorRequest, form: ProposalForm) -> Draft | None:
    try:
        return actions.propose(
            profile_bytes=form.profile_bytes,
            why=form.cleaned_data["why"],
            by=request.actor,
            now=timezone.now(),
        )
    except actions.AdoptionRefusedError as refused:
        form.add_error("text", str(refused))
    except ValidationError as error:
        form.add_error(None, error)
    return None


def _proposal_page(
    request: ActorRequest, form: ProposalForm, parts: list[versions.Part] | None = None
) -> HttpResponse:
    checked = conflicts(form.profile) if parts is not None else []
    context = {
        "tab": "versions",
        "form": form,
        "parts": parts,
        "conflicts": checked,
        "in_force": request.actor.profile,
    }
    return form_page(request, "governance/propose.html", context)


@access(capability="governance.view")
@require_GET
def draft(request: ActorRequest, pk: UUID) -> HttpResponse:
    """A proposed version: what it changes in words, its text, and what this person may do with it."""
    return _draft_page(request, _draft_or_404(request, pk))


@access(capability=rules.ADOPT, fresh=True)
@require_POST
def adopt(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Put a version in force that somebody else proposed."""
    return _act(
        request, pk, Act.ADOPT, actions.adopt_draft, "Adopted. It decides from its effective date on."
    )


@access(capability=rules.ADOPT, fresh=True)
@require_POST
def refuse(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Decide against a proposed version."""
    return _act(request, pk, Act.REFUSE, actions.refuse_draft, "Refused. The proposer can read your reason.")


@access(capability=rules.PROPOSE, fresh=True)
@require_POST
def withdraw(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Take back one's own proposal."""
    return _act(request, pk, Act.WITHDRAW, actions.withdraw_draft, "Withdrawn.")


def _act(request: ActorRequest, pk: UUID, act: Act, action: Callable[..., object], done: str) -> HttpResponse:
    """Do one act with its note, then show the draft; mistakes come back with the page."""
    found = _draft_or_404(request, pk)
    form = versions.note_form(act, request.actor.profile.version, request.POST)
    if form.is_valid():
        try:
            action(draft=found, **form.cleaned_data, by=request.actor, now=timezone.now())
        except (actions.AdoptionRefusedError, ProfileError) as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, done)
            return redirect("governance:draft", pk=pk)
    return _draft_page(request, found, (act, form))


def _draft_or_404(request: ActorRequest, pk: UUID) -> Draft:
    return get_object_or_404(queries.drafts(request.actor.agency), pk=pk)


def _draft_page(
    request: ActorRequest, found: Draft, bound: tuple[Act, NoteForm] | None = None
) -> HttpResponse:
    actor = request.actor
    against, parts, problems = versions.draft_comparison(found, actor.profile)
    context = {
        "tab": "versions",
        "draft": found,
        "against": against,
        "conflicts": versions.conflicts_in(found),
        "summary": versions.summary_in(found),
        "lacking": versions.lacking_comment(found),
        "state": DraftState(found.state),
        "profile": actor.profile,
        "parts": parts,
        "problems": problems,
        "options": versions.options(found, actor, bound),
        "may_replay": actor.may(rules.ADOPT) or actor.may(rules.PROPOSE),
        "may_propose": actor.may(rules.PROPOSE),
        "days": actions.REPLAYED_DAYS,
        "text": bytes(found.profile).decode(errors="replace"),
        "is_fresh": is_fresh(request, timezone.now()),
    }
    return render(request, "governance/draft.html", context, status=422 if bound else 200)


@access(capability="governance.view")
@require_GET
def dry_run(request: ActorRequest, pk: UUID) -> HttpResponse:
    """What people asked in the last days, decided by a draft; single people only for who may see accesses."""
    found = _draft_or_404(request, pk)
    try:
        replays = actions.replay_draft(draft=found, by=request.actor, now=timezone.now())
    except ProfileError:
        return _draft_page(request, found)  # it says why the draft can no longer be read
    context = {
        "tab": "versions",
        "draft": found,
        "replays": replays,
        "days": actions.REPLAYED_DAYS,
        "shown": SHOWN,
        "may_see_people": request.actor.decide("audit.view"),
    }
    return render(request, "governance/dry_run.html", context)


@access(capability="governance.view")
@require_GET
def checklist(request: ActorRequest) -> HttpResponse:
    """Every point the text leaves open, what it affects, and who decided it."""
    points = versions.checklist(request.actor.profile)
    open_ones = sum(point.status != "ACTIVE" for point in points)
    context = {
        "tab": "checklist",
        "points": points,
        "open": open_ones,
        "conflicts": conflicts(request.actor.profile),
        "profile": request.actor.profile,
    }
    return render(request, "governance/checklist.html", context)


@access(capability="governance.view")
@require_GET
def completeness(request: ActorRequest) -> HttpResponse:
    """What Civil Code § 1798.90.51 and .53 ask of the policy, and what it says."""
    elements = assess(request.actor.profile)
    sides = [
        (audience, [element for element in elements if element.audience == audience])
        for audience in dict.fromkeys(element.audience for element in elements)
    ]
    counts = [(status, sum(e.status is status for e in elements)) for status in Status]
    context = {"tab": "completeness", "sides": sides, "counts": counts, "profile": request.actor.profile}
    return render(request, "governance/completeness.html", context)
