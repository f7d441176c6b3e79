"""Pages that prove and inform: each store's oldest, which reads were used, what the vendor says."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from plateward.governance.http import ActorRequest
from plateward.retention import ages, forms, presenters, schedule_actions, stores
from plateward.retention.models import VendorAttestation
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page

USED_IN = timedelta(days=730)
"""The schedule is looked at again every two years at the latest in most policies: so much is counted."""


@access(capability="retention.view")
@require_GET
def oldest(request: ActorRequest) -> HttpResponse:
    """The oldest that nobody holds, store by store."""
    actor = request.actor
    found = stores.ages(actor.agency, actor.profile, timezone.now())
    return render(request, "retention/oldest.html", {"ages": found})


@access(capability="retention.view")
@require_GET
def used(request: ActorRequest) -> HttpResponse:
    """How old the reads were that people opened."""
    now = timezone.now()
    found = ages.ages(request.actor.agency, now - USED_IN, now)
    context = {
        "ages": found,
        "labels": [label for label, _ in ages.BOUNDS],
        "since": now - USED_IN,
    }
    return render(request, "retention/used.html", context)


@access(capability="retention.view")
@require_GET
def vendor(request: ActorRequest) -> HttpResponse:
    """When the vendor purges, what it attested, and whether old reads could still be had from it."""
    actor = request.actor
    found = VendorAttestation.objects.filter(agency_id=actor.agency).select_related("recorded_by")
    context = {
        "countdowns": presenters.countdowns(actor.agency, actor.profile, timezone.now()),
        "attestations": found.prefetch_related("samples__checked_by"),
        "may_record": actor.may("retention.purge"),
    }
    return render(request, "retention/vendor.html", context)


@access(capability="retention.purge", fresh=True)
@require_http_methods(["GET", "POST"])
def attest(request: ActorRequest) -> HttpResponse:
    """Put the vendor's word on file."""
    actor = request.actor
    form = forms.AttestationForm(request.POST or None, request.FILES or None, profile=actor.profile)
    if form.is_valid():
        with errors_in(form):
            schedule_actions.record_attestation(**form.facts(), by=actor, now=timezone.now())
            messages.success(request, "On file. Try now whether old reads can still be had.")
            return redirect("retention:vendor")
    return form_page(request, "retention/attest.html", {"form": form})


@access(capability="retention.purge", fresh=True)
@require_http_methods(["GET", "POST"])
def sample(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Record a try whether old reads can still be had from the vendor."""
    found = get_object_or_404(VendorAttestation, pk=pk, agency_id=request.actor.agency)
    form = forms.SampleForm(request.POST or None)
    if form.is_valid():
        with errors_in(form):
            schedule_actions.record_sample(
                attestation=found, **form.cleaned_data, by=request.actor, now=timezone.now()
            )
            messages.success(request, "Recorded.")
            return redirect("retention:vendor")
    return form_page(request, "retention/sample.html", {"form": form, "attestation": found})
