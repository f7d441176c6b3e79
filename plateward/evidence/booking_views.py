"""Booking what a hold held into evidence, in the browser."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from plateward.evidence import booking_actions
from plateward.evidence.booking_forms import BookingForm, bookable_copies
from plateward.evidence.hold_models import Booking
from plateward.evidence.hold_rules import Act, HoldError, decide
from plateward.evidence.hold_views import hold_or_404
from plateward.evidence.package_rules import PackageState
from plateward.governance.http import ActorRequest
from plateward.policy import booking_allowed
from plateward.ui.access import access
from plateward.ui.acting import form_page


@access(capability="evidence.hold")
@never_cache
@require_http_methods(["GET", "POST"])
def book(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Record as which item, where, when and by whom a hold's package was booked; the hold ends."""
    found, actor, now = hold_or_404(request, pk), request.actor, timezone.now()
    decide(Act.BOOK, actor.profile, found.facts_for_rules, actor.person).require()
    if not found.packages.filter(state=PackageState.BUILT.value).exists():
        messages.error(request, "Build a package of this hold first. Then it can be booked into evidence.")
        return redirect("evidence:hold", found.pk)
    packages = found.packages.filter(state=PackageState.BUILT.value)
    on_disc = booking_allowed(actor.profile, on_verified_disc=bool(bookable_copies(packages)))
    if not on_disc:
        messages.error(request, f"{on_disc.reason} {on_disc.remedy} ({on_disc.clause})")
        first = packages.order_by("-built_at").first()
        return redirect("evidence:package", first.pk) if first else redirect("evidence:hold", found.pk)
    form = BookingForm(
        request.POST if request.method == "POST" else None,
        profile=actor.profile,
        hold=found,
        person=actor.name,
        now=now,
    )
    if form.is_valid():
        try:
            booking = booking_actions.book(by=actor, hold=found, wanted=form.wanted, now=now)
        except HoldError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _done(booking))
            return redirect("evidence:hold", found.pk)
    return form_page(request, "evidence/hold_book.html", {"form": form, "hold": found})


def _done(booking: Booking) -> str:
    hold = booking.hold
    if not hold.is_blocking:
        return f"Booked as item {booking.item_number}. The hold has ended."
    return f"{hold.release_reason} What is left stays held until somebody else decides on its release."
