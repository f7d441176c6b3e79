"""Discs of a package in the browser: ordered, followed while they are made, their images and labels."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.evidence import disc_actions, disc_labels, tasks
from plateward.evidence.disc_forms import DiscsForm, copies
from plateward.evidence.disc_models import Disc, DiscSet
from plateward.evidence.disc_rules import SetState
from plateward.evidence.package_models import Package, PackageKey
from plateward.evidence.sending import sent
from plateward.governance.http import ActorRequest
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page
from plateward.vault.envelope import UnopenableError
from plateward.vault.masters import MasterKeyError


@access(capability="evidence.package")
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Order discs of a package. A passphrase is on the answer to the order alone, and nowhere else."""
    package = get_object_or_404(Package, pk=pk, agency_id=request.actor.agency)
    form = DiscsForm(request.POST or None)
    if form.is_valid():
        with errors_in(form):
            made, passphrase = disc_actions.order_discs(
                package=package, wanted=form.wanted, by=request.actor, now=timezone.now()
            )
            tasks.make_discs_soon()
            if passphrase:
                context = {"package": package, "set": made, "passphrase": passphrase}
                return render(request, "evidence/discs_passphrase.html", context)
            messages.success(request, "The discs are ordered. Their images are made by themselves.")
            return redirect("evidence:package", package.pk)
    return form_page(request, "evidence/discs_new.html", {"form": form, "package": package})


@access(capability="evidence.package")
@require_POST
def again(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Have a set that could not be made begun anew."""
    found = get_object_or_404(DiscSet, pk=pk, agency_id=request.actor.agency)
    try:
        disc_actions.order_discs_again(discs=found, by=request.actor, now=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        tasks.make_discs_soon()
        messages.success(request, "The discs are ordered again. Their images are made by themselves.")
    return redirect("evidence:package", found.package_id)


@access(capability="evidence.package")
@require_POST
def image(request: ActorRequest, pk: UUID) -> HttpResponseBase:
    """Send a disc's image to be burned, on record first."""
    disc = disc_or_404(request, pk)
    try:
        reader = disc_actions.take_image(disc=disc, by=request.actor, now=timezone.now())
    except (OSError, UnopenableError, MasterKeyError, PackageKey.DoesNotExist):
        messages.error(request, "The image cannot be opened: our copy was destroyed, or is damaged.")
        return redirect("evidence:package", disc.of_set.package_id)
    name = f"{disc.package.folder}-set-{disc.of_set.number}-disc-{disc.number}-of-{disc.total}.iso"
    return sent(reader, name, "application/x-iso9660-image")


@access(capability="evidence.package")
@never_cache
@require_GET
def label(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The label of a disc as a PDF; with `serial`, of one of its copies."""
    disc = disc_or_404(request, pk)
    serial = request.GET.get("serial", "")
    if serial and serial not in copies(disc):
        messages.error(request, "No copy with this serial number was burned, or it was destroyed.")
        return redirect("evidence:package", disc.of_set.package_id)
    written = disc_labels.label(disc, serial=serial, by=request.actor, now=timezone.now())
    name = f"{disc.package.folder}-set-{disc.of_set.number}-disc-{disc.number}-label.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(written, content_type="application/pdf", headers=headers)


def disc_or_404(request: ActorRequest, pk: UUID) -> Disc:
    """A disc of the agency whose whole set was made."""
    found = Disc.objects.select_related("of_set__package", "of_set__ordered_by")
    return get_object_or_404(found, pk=pk, agency_id=request.actor.agency, of_set__state=SetState.BUILT.value)
