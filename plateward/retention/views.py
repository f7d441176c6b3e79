"""The schedule's and the purges' pages."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.devices.models import Device
from plateward.governance.http import ActorRequest
from plateward.retention import (
    bundle,
    forms,
    picture_counts,
    presenters,
    purge_actions,
    rules,
    schedule_actions,
    standing,
)
from plateward.retention.models import DestructionAuthority, Purge, ScheduleSignature
from plateward.retention.rules import UNDER_WAY, PurgeState
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page

SHOWN = 50


@access(capability="retention.view")
@require_GET
def overview(request: ActorRequest) -> HttpResponse:
    """How long which data stay, who agreed to it, what it stands on, and the purges."""
    actor, now = request.actor, timezone.now()
    stands = standing.schedule(actor.agency, actor.profile)
    belongs = standing.sources_of_devices(actor.agency, actor.profile)
    names = dict(Device.objects.filter(pk__in=belongs).values_list("pk", "name"))
    context = {
        "rules": presenters.shown_rules(actor.agency, actor.profile, now),
        "schedule": stands,
        "agreed_by": actor.profile.retention.agreed_by,
        "missing": [actor.profile.position_name(one) for one in stands.missing],
        "may_sign": actor.may("retention.agree") and bool(set(stands.missing) & actor.positions),
        "authorities": standing.authorities(actor.agency),
        "unsaid": sorted(names[device] for device, source in belongs.items() if not source),
        "purges": Purge.objects.filter(agency_id=actor.agency)[:SHOWN],
        "may_agree": actor.may("retention.agree"),
        "retention": actor.profile.retention,
        "position_name": actor.profile.position_name,
    }
    return render(request, "retention/overview.html", context)


@access(capability="retention.agree", fresh=True)
@require_POST
def sign(request: ActorRequest) -> HttpResponse:
    """Sign the rules that the page showed."""
    try:
        schedule_actions.sign_schedule(
            digest=request.POST.get("digest", ""), by=request.actor, now=timezone.now()
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, "Signed. The schedule is in effect once every position has signed.")
    return redirect("retention:overview")


@access(capability="retention.agree", fresh=True)
@require_POST
def unsign(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Take one's own signature back."""
    signature = get_object_or_404(ScheduleSignature, pk=pk, agency_id=request.actor.agency)
    try:
        schedule_actions.withdraw_signature(signature=signature, by=request.actor, now=timezone.now())
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.warning(request, "Your signature is withdrawn. Nothing is purged until it is given again.")
    return redirect("retention:overview")


@access(capability="retention.agree", fresh=True)
@require_http_methods(["GET", "POST"])
def authority(request: ActorRequest) -> HttpResponse:
    """Put an authority to destroy records on file."""
    actor = request.actor
    form = forms.AuthorityForm(request.POST or None, request.FILES or None, profile=actor.profile)
    if form.is_valid():
        with errors_in(form):
            schedule_actions.record_authority(**form.facts(), by=actor, now=timezone.now())
            messages.success(request, "The authority is on file.")
            return redirect("retention:overview")
    return form_page(request, "retention/authority.html", {"form": form})


@access(capability="retention.agree", fresh=True)
@require_http_methods(["GET", "POST"])
def withdraw_authority(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Let an authority count no more."""
    found = get_object_or_404(DestructionAuthority, pk=pk, agency_id=request.actor.agency)
    form = forms.ReasonForm(request.POST or None)
    if form.is_valid():
        with errors_in(form):
            schedule_actions.withdraw_authority(
                authority=found, because=form.cleaned_data["because"], by=request.actor, now=timezone.now()
            )
            messages.warning(request, "The authority is withdrawn.")
            return redirect("retention:overview")
    return form_page(request, "retention/withdraw.html", {"form": form, "authority": found})


@access(capability="retention.agree", fresh=True)
@require_http_methods(["GET", "POST"])
def source(request: ActorRequest) -> HttpResponse:
    """Say to which source a device's data belong."""
    actor = request.actor
    form = forms.SourceForm(request.POST or None, profile=actor.profile, agency=actor.agency)
    if form.is_valid():
        with errors_in(form):
            schedule_actions.assign_source(**form.cleaned_data, by=actor, now=timezone.now())
            messages.success(request, "Noted. The next purge counts the device so.")
            return redirect("retention:source")
    belongs = standing.sources_of_devices(actor.agency, actor.profile)
    named = {one: rule.name for one, rule in rules.sources(actor.profile).items()}
    devices = Device.objects.filter(agency_id=actor.agency).order_by("name")
    shown = [(device.name, named.get(belongs.get(device.pk, ""), "")) for device in devices]
    return form_page(request, "retention/sources.html", {"form": form, "devices": shown})


@access(capability="retention.agree", fresh=True)
@require_http_methods(["GET", "POST"])
def propose(request: ActorRequest) -> HttpResponse:
    """Propose a purge; its preview is the purge's page."""
    actor = request.actor
    form = forms.PurgeForm(request.POST or None, profile=actor.profile)
    standing = actor.profile.retention.standing_authority
    if form.is_valid():
        with errors_in(form):
            made = purge_actions.propose(
                source=form.cleaned_data["source"],
                until_at=form.until_at,
                by=actor,
                now=timezone.now(),
                pictures_only=form.pictures_only,
            )
            messages.success(request, _PROPOSED[PurgeState(made.state)])
            return redirect("retention:purge", made.pk)
    return form_page(request, "retention/propose.html", {"form": form, "is_standing": standing.settled})


@access(capability="retention.view")
@require_GET
def purge(request: ActorRequest, pk: UUID) -> HttpResponse:
    """A purge: what it would destroy or destroyed, day by day, and its certificate."""
    actor = request.actor
    found = get_object_or_404(Purge, pk=pk, agency_id=actor.agency)
    days = presenters.shown_days(found)
    context = {
        "purge": found,
        "state": PurgeState(found.state),
        "days": days,
        "total": rules.total(day.balance for day in days),
        "foreseen": sum(day.foreseen for day in days),
        "pictures": picture_counts.total(found),
        "unit": "pictures" if found.pictures_only else "reads",
        "foreseen_held": sum(day.foreseen_held for day in days),
        "certificate": getattr(found, "certificate", None),
        "may_decide": actor.may("retention.purge") and found.proposed_by != actor.username,
        "may_refuse": actor.may("retention.agree"),
        "may_resume": actor.may("retention.purge"),
        "needed": presenters.needed(found) if found.state in UNDER_WAY else None,
        "rule": rules.sources(actor.profile).get(found.source),
    }
    return render(request, "retention/purge.html", context)


_PROPOSED = {
    PurgeState.PROPOSED: "Nothing is destroyed yet: this is what would go. Another person approves.",
    PurgeState.APPROVED: "The policy’s standing authority approves it: the worker begins within a minute.",
}
_ACTS = {
    "approve": purge_actions.approve,
    "refuse": purge_actions.refuse,
    "resume": purge_actions.resume,
    "end": purge_actions.end,
}
_SAID = {
    "approve": "Approved. The worker begins within a minute.",
    "refuse": "Refused. Nothing was destroyed.",
    "resume": "It goes on within a minute.",
    "end": "Ended. What it destroyed is certified within a minute; the rest stays.",
}


@access(capability="retention.agree", fresh=True)
@require_POST
def decide(request: ActorRequest, pk: UUID, act: str) -> HttpResponse:
    """Approve or refuse a proposed purge, let a stopped one go on, or end it."""
    if act not in _ACTS:
        raise Http404
    try:
        _ACTS[act](purge_id=pk, by=request.actor, now=timezone.now())
    except Purge.DoesNotExist as gone:
        raise Http404 from gone
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _SAID[act])
    return redirect("retention:purge", pk)


@access(capability="retention.view")
@require_GET
def certificate(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The certificate with its proof and what checks both, as a ZIP file."""
    found = get_object_or_404(Purge, pk=pk, agency_id=request.actor.agency, certificate__isnull=False)
    try:
        data = bundle.made(found.certificate)
    except bundle.NotSealedYetError as error:
        messages.warning(request, str(error))
        return redirect("retention:purge", pk)
    name = f"certificate-of-destruction-{found.agency_id}-{found.number}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type="application/zip", headers=headers)
