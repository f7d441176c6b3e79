"""Discs of a package in the browser: their images, and the chain of custody of what was burned."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from plateward.evidence import disc_actions
from plateward.evidence.disc_forms import DiscsForm, LinkForm
from plateward.evidence.disc_models import Disc
from plateward.evidence.disc_rules import DoesNotFitError, Link, Medium
from plateward.evidence.package_building import UnsoundPackageError
from plateward.evidence.package_models import Package, PackageKey
from plateward.evidence.package_views import sent
from plateward.governance.http import ActorRequest
from plateward.hotlists.room import NO_ROOM, is_disc_full
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page
from plateward.vault.envelope import UnopenableError
from plateward.vault.masters import MasterKeyError

_UNUSABLE = (UnopenableError, MasterKeyError, UnsoundPackageError, PackageKey.DoesNotExist)


@access(capability="evidence.package")
@require_http_methods(["GET", "POST"])
def new(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Make the images of the discs that a package needs."""
    package = get_object_or_404(Package, pk=pk, agency_id=request.actor.agency)
    form = DiscsForm(request.POST or None)
    if form.is_valid():
        with errors_in(form):
            try:
                medium = Medium(form.cleaned_data["medium"])
                made = disc_actions.make_discs(
                    package=package, medium=medium, by=request.actor, now=timezone.now()
                )
            except OSError as error:
                told = NO_ROOM if is_disc_full(error) else f"A file could not be written: {error.strerror}"
                raise ValidationError(f"{told}. No image was kept.") from error
            except (DoesNotFitError, *_UNUSABLE) as error:
                raise ValidationError(str(error)) from error
            messages.success(request, f"{len(made)} image(s) made, read back and hashed.")
            return redirect("evidence:package", package.pk)
    return form_page(request, "evidence/discs_new.html", {"form": form, "package": package})


@access(capability="evidence.package")
@require_POST
def image(request: ActorRequest, pk: UUID) -> HttpResponseBase:
    """Send a disc's image to be burned, on record first."""
    disc = _disc_or_404(request, pk)
    try:
        reader = disc_actions.take_image(disc=disc, by=request.actor, now=timezone.now())
    except (OSError, *_UNUSABLE):
        messages.error(request, "The image cannot be opened: our copy was destroyed, or is damaged.")
        return redirect("evidence:package", disc.package_id)
    name = f"{disc.package.folder}-disc-{disc.number}-of-{disc.total}.iso"
    return sent(reader, name, "application/x-iso9660-image")


@access(capability="evidence.package")
@never_cache
@require_http_methods(["GET", "POST"])
def record(request: ActorRequest, pk: UUID, kind: str) -> HttpResponse:
    """Record that a copy of a disc was burned, checked, handed over or destroyed."""
    disc = _disc_or_404(request, pk)
    try:
        link = Link(kind.upper().replace("-", "_"))
    except ValueError as error:
        raise Http404 from error
    form = LinkForm(request.POST or None, kind=link)
    if form.is_valid():
        said = {"is_verified": False} | form.cleaned_data
        with errors_in(form):
            disc_actions.record_link(disc=disc, kind=link, by=request.actor, now=timezone.now(), **said)
            messages.success(request, f"{link.label}: copy {said['serial']}. It is in the journal.")
            return redirect("evidence:package", disc.package_id)
    context = {"form": form, "disc": disc, "link": link}
    return form_page(request, "evidence/disc_record.html", context)


def _disc_or_404(request: ActorRequest, pk: UUID) -> Disc:
    return get_object_or_404(Disc.objects.select_related("package"), pk=pk, agency_id=request.actor.agency)
