"""Evidence packages in the browser: ordered, followed while they are built, taken out, our copy destroyed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.alerts.models import Alert
from plateward.evidence import package_actions, tasks
from plateward.evidence.copies import copies_of
from plateward.evidence.hold_models import Hold
from plateward.evidence.our_copy import why_kept
from plateward.evidence.package_forms import DiscardForm, PackageForm
from plateward.evidence.package_models import Package
from plateward.evidence.package_rules import PackageState, UnusableWishError, size_words
from plateward.evidence.sending import sent
from plateward.evidence.stated import stated_before
from plateward.governance.http import ActorRequest
from plateward.reads.models import Read
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page
from plateward.vault.envelope import UnopenableError
from plateward.vault.masters import MasterKeyError

LISTED = 50


@access(capability="evidence.package")
@require_GET
def packages(request: ActorRequest) -> HttpResponse:
    """The agency's packages, the newest first."""
    found = Package.objects.filter(agency_id=request.actor.agency).select_related("ordered_by")
    page = Paginator(found, LISTED).get_page(request.GET.get("page"))
    return render(request, "evidence/packages.html", {"page": page})


@access(capability="evidence.package")
@require_http_methods(["GET", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    """Order a package of what the address names (`read`, `alert`), or of a hold's reads."""
    actor = request.actor
    form = PackageForm(
        request.POST or None, actor=actor, read_ids=_ids(request, "read"), alerts=_ids(request, "alert")
    )
    form.initial.update(stated_before(actor, request.GET))
    if form.is_valid():
        try:
            made = package_actions.order(by=actor, wanted=form.wanted, now=timezone.now())
        except UnusableWishError as error:
            form.add_error(None, str(error))
        except (Read.DoesNotExist, Alert.DoesNotExist, Hold.DoesNotExist) as error:
            raise Http404 from error
        else:
            tasks.build_packages_soon()
            messages.success(request, f"Package {made.name} is ordered and on record. It is built by itself.")
            return redirect("evidence:package", made.pk)
    return form_page(request, "evidence/package_new.html", {"form": form})


def _ids(request: ActorRequest, name: str) -> list[UUID]:
    try:
        return [UUID(one) for one in request.GET.getlist(name)]
    except ValueError as error:
        raise Http404 from error


@access(capability="evidence.package")
@never_cache
@require_GET
def package(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One package: how it stands, what it holds, and what can be done with it."""
    return render(request, "evidence/package.html", _shown(request, _package_or_404(request, pk)))


def _shown(request: ActorRequest, found: Package) -> dict[str, Any]:
    purpose = request.actor.profile.purposes.get(found.purpose)
    copies = copies_of(found)[found.pk]
    return {
        "with_copies": {one.disc_id for one in copies},
        "may_go": {one.disc_id for one in copies if one.checked is None or one.is_verified},
        "why_kept": why_kept(found, request.actor),
        "package": found,
        "purpose": f"{purpose.name} ({purpose.clause})" if purpose else found.purpose,
        "size": size_words(found.size),
        "disc_sets": found.disc_sets.select_related("ordered_by").prefetch_related(
            "discs__links__recorded_by"
        ),
        "is_built": found.state == PackageState.BUILT,
        "is_building": found.state == PackageState.BUILDING,
        "is_failed": found.state == PackageState.FAILED,
    }


@access(capability="evidence.package")
@require_POST
def again(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Have a package that failed built anew."""
    found = _package_or_404(request, pk)
    try:
        package_actions.order_again(package=found, by=request.actor, now=timezone.now())
    except (ValidationError, UnusableWishError, Read.DoesNotExist) as error:
        messages.error(request, " ".join(getattr(error, "messages", [str(error)])))
    else:
        tasks.build_packages_soon()
        messages.success(request, "It is ordered again and is built by itself.")
    return redirect("evidence:package", found.pk)


@access(capability="evidence.package")
@require_POST
def take(request: ActorRequest, pk: UUID) -> HttpResponseBase:
    """Send the package as a ZIP file, on record first."""
    found = _package_or_404(request, pk)
    try:
        reader = package_actions.take(package=found, by=request.actor, now=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except (OSError, UnopenableError, MasterKeyError) as error:
        messages.error(request, f"The file cannot be opened: {error} Tell the I.T. manager.")
    else:
        return sent(reader, f"{found.folder}.zip", "application/zip")
    return redirect("evidence:package", found.pk)


@access(capability="evidence.package")
@require_http_methods(["GET", "POST"])
def discard(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Destroy our copy, with the reason."""
    found, form = _package_or_404(request, pk), DiscardForm(request.POST or None)
    if problem := why_kept(found, request.actor):
        messages.error(request, problem)
        return redirect("evidence:package", found.pk)
    if form.is_valid():
        with errors_in(form):
            package_actions.discard(
                package=found, by=request.actor, because=form.cleaned_data["because"], now=timezone.now()
            )
            messages.success(request, f"Our copy of package {found.name} is destroyed.")
            return redirect("evidence:package", found.pk)
    return form_page(request, "evidence/package_discard.html", {"form": form, "package": found})


def _package_or_404(request: ActorRequest, pk: UUID) -> Package:
    people = ("ordered_by", "discarded_by", "hold")
    return get_object_or_404(Package.objects.select_related(*people), pk=pk, agency_id=request.actor.agency)
