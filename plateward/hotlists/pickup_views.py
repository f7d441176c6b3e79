"""The pages on which somebody orders from where a list's files are fetched, and sees how it goes."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plateward.governance.http import ActorRequest
from plateward.hotlists import pickup_actions, pickup_secrets, queries, tasks
from plateward.hotlists.list_actions import CAPABILITY
from plateward.hotlists.pickup_actions import PickupFacts
from plateward.hotlists.pickup_forms import PickupForm
from plateward.hotlists.pickup_models import Pickup, PickupWay
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page
from plateward.vault.masters import MasterKeyError

SHOWN_FILES = 20


@access(capability=CAPABILITY)
@require_GET
def pickups(request: ActorRequest) -> HttpResponse:
    """From where the lists' files are fetched, and how each stands."""
    rows = [(one, _list_name(request, one)) for one in queries.pickups(request.actor.agency)]
    return render(request, "hotlists/pickups.html", {"rows": rows})


@access(capability=CAPABILITY, fresh=True)
@require_http_methods(["GET", "POST"])
def set_pickup(request: ActorRequest) -> HttpResponse:
    """Order from where a list's files are fetched; one order a list, and the newest counts."""
    actor = request.actor
    form = PickupForm(request.POST or None, profile=actor.profile, initial=_standing(request))
    if request.method == "POST" and form.is_valid():
        with errors_in(form):
            try:
                pickup = pickup_actions.set_pickup(
                    by=actor,
                    facts=form.facts(),
                    password=form.cleaned_data["password"],
                    now=timezone.now(),
                )
            except MasterKeyError as error:
                raise ValidationError(f"No key or password could be kept. {error}") from error
            tasks.fetch_lists_soon()
            return redirect("hotlists:pickup", pk=pickup.pk)
    return form_page(request, "hotlists/pickup_set.html", {"form": form})


def _standing(request: ActorRequest) -> dict[str, object]:
    """What stands, where an order is to be changed."""
    if not (asked := request.GET.get("of")):
        return {}
    found = queries.pickups(request.actor.agency).filter(pk=asked).first() if _is_id(asked) else None
    if found is None:
        return {}
    return {name: getattr(found, name) for name in PickupFacts.__struct_fields__}


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@access(capability=CAPABILITY)
@require_GET
def pickup(request: ActorRequest, pk: UUID) -> HttpResponse:
    """How a pickup stands: last success, last trouble and what to do, and the files that came."""
    found = _pickup_or_404(request, pk)
    context = {
        "pickup": found,
        "name": _list_name(request, found),
        "watched": pickup_secrets.watched_folder(found) if found.way == PickupWay.FOLDER else "",
        "files": found.files.select_related("file", "first")[:SHOWN_FILES],
    }
    return render(request, "hotlists/pickup.html", context)


@access(capability=CAPABILITY, fresh=True)
@require_POST
def stop(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Fetch nothing any more."""
    pickup_actions.stop_pickup(pickup=_pickup_or_404(request, pk), by=request.actor, now=timezone.now())
    messages.success(request, "Stopped. Nothing is fetched any more; key or password is destroyed.")
    return redirect("hotlists:pickup", pk=pk)


@access(capability=CAPABILITY)
@require_POST
def look(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Have the worker look at once."""
    pickup_actions.ask_to_look(pickup=_pickup_or_404(request, pk), by=request.actor, now=timezone.now())
    tasks.fetch_lists_soon()
    messages.success(request, "The worker looks now. Reload this page in a moment.")
    return redirect("hotlists:pickup", pk=pk)


def _pickup_or_404(request: ActorRequest, pk: UUID) -> Pickup:
    return get_object_or_404(queries.pickups(request.actor.agency), pk=pk)


def _list_name(request: ActorRequest, found: Pickup) -> str:
    profile = request.actor.profile
    source = profile.hotlists.sources.get(found.source)
    origin = profile.organization.data_origins.get(found.origin)
    return f"{source.name if source else found.source}: {(origin.name if origin else found.origin).lower()}"
