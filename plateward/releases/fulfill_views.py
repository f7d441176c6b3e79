"""Preparing what was approved, handing it over, and the partner's collecting it."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from plateward.evidence.package_rules import UnusableWishError
from plateward.evidence.sending import sent
from plateward.governance.http import ActorRequest
from plateward.releases import fulfill_actions, queries, rules
from plateward.releases.fulfill_actions import FULFILL
from plateward.releases.fulfilling_models import Fulfillment
from plateward.releases.portal import people_of
from plateward.releases.portal_models import PartnerAccount
from plateward.releases.portal_views import WHY
from plateward.releases.request_models import ReleaseRequest
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page
from plateward.ui.forms import DateInput


class PrepareForm(forms.Form):
    """Nothing is asked: what was approved is packed."""


class ReceiptForm(forms.Form):
    """Who took the medium."""

    receipt = forms.CharField(
        label="Handed to, which medium, by which receipt",
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text="Such as: Investigator Lee, badge 112; DVD serial 4411; signed receipt of today.",
    )


class CollectorForm(forms.Form):
    """Who of the partner collects it."""

    account = forms.ModelChoiceField(label="Account", queryset=PartnerAccount.objects.none())

    collect_by = forms.DateField(
        label="Collected through",
        widget=DateInput(),
        help_text="The last day; after it the package is closed in the portal. The partner is shown it.",
    )

    def __init__(self, *args: Any, found: ReleaseRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = people_of(found)
        field = self.fields["account"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  declared so above
        field.queryset = PartnerAccount.objects.filter(pk__in=[one.pk for one in people])
        field.initial = people[0].pk if people else None


class LaterForm(forms.Form):
    """Until when a package may be collected instead, and why."""

    collect_by = forms.DateField(label="Collected through", widget=DateInput())
    reason = forms.CharField(
        label="Reason", max_length=500, help_text="It goes on record.", widget=forms.Textarea({"rows": 3})
    )


@access(capability=FULFILL)
@require_http_methods(["GET", "POST"])
def prepare(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Order the evidence package with its limits; the worker builds it."""
    found = _known(request, pk)
    form = PrepareForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with errors_in(form):
            made = _prepared(request, found)
            said = (
                "The package is being built." if made.package_id else "Nothing was found; that is on record."
            )
            messages.success(request, said)
            return redirect("releases:request", pk)
    limits = rules.limits(found.intended, found.agency_name, found.destroy_by_date)
    context = {"form": form, "found": found, "limits": limits, "title": "Prepare", "submit": "Pack the data"}
    return form_page(request, "releases/fulfill.html", context)


def _prepared(request: ActorRequest, found: ReleaseRequest) -> Fulfillment:
    try:
        return fulfill_actions.prepare(request=found, by=request.actor, now=timezone.now())
    except UnusableWishError as error:
        raise ValidationError(str(error)) from error


@access(capability=FULFILL)
@require_http_methods(["GET", "POST"])
def leave(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Leave the package in the portal for somebody of the partner."""
    found = _known(request, pk)
    form = CollectorForm(request.POST or None, found=found)
    if form.is_valid():
        with errors_in(form):
            chosen = form.cleaned_data["account"]
            fulfill_actions.leave_in_portal(
                request=found,
                account=chosen,
                collect_by=form.cleaned_data["collect_by"],
                by=request.actor,
                now=timezone.now(),
            )
            until = f"{form.cleaned_data['collect_by']:%b %-d, %Y}"
            messages.success(
                request, f"{chosen.user.full_name} may collect it in the portal through {until}."
            )
            return redirect("releases:request", pk)
    context = {"form": form, "found": found, "title": "Leave in the portal", "submit": "Leave it there"}
    return form_page(request, "releases/fulfill.html", context)


@access(capability=FULFILL)
@require_http_methods(["GET", "POST"])
def extend(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Let the package in the portal be collected through another day."""
    found = _known(request, pk)
    form = LaterForm(request.POST or None)
    if form.is_valid():
        with errors_in(form):
            fulfill_actions.extend_collection(
                request=found, **form.cleaned_data, by=request.actor, now=timezone.now()
            )
            messages.success(request, f"Collected through {form.cleaned_data['collect_by']:%b %-d, %Y}.")
            return redirect("releases:request", pk)
    context = {"form": form, "found": found, "title": "Change the last day", "submit": "Change it"}
    return form_page(request, "releases/fulfill.html", context)


@access(capability=FULFILL)
@require_http_methods(["GET", "POST"])
def hand(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Record that the package was handed over on a medium."""
    found = _known(request, pk)
    form = ReceiptForm(request.POST or None)
    if form.is_valid():
        with errors_in(form):
            fulfill_actions.hand_over(
                request=found, receipt=form.cleaned_data["receipt"], by=request.actor, now=timezone.now()
            )
            messages.success(request, "The hand-over is on record.")
            return redirect("releases:request", pk)
    context = {"form": form, "found": found, "title": "Record the hand-over", "submit": "Record"}
    return form_page(request, "releases/fulfill.html", context)


@access(partner=True, why=WHY)
@never_cache
@require_POST
def collect(request: ActorRequest, pk: UUID) -> HttpResponseBase:
    """Send the partner's person the package that was left for them."""
    found = get_object_or_404(ReleaseRequest, pk=pk, agency_id=request.actor.agency)
    try:
        reader = fulfill_actions.collect(request=found, by=request.actor, now=timezone.now())
    except Fulfillment.DoesNotExist as error:
        raise Http404 from error
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect("releases:portal-request", pk)
    package = Fulfillment.objects.select_related("package").get(request=found).package
    return sent(reader, f"{package.folder if package else found.number}.zip", "application/zip")


def _known(request: ActorRequest, pk: UUID) -> ReleaseRequest:
    return get_object_or_404(queries.requests(request.actor.agency), pk=pk)
