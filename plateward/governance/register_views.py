"""The registers beside the policy: public comment, reviews, contracts."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Field, Model, URLField
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from plateward.documents.kinds import EXTENSIONS, LARGEST
from plateward.documents.store import FileLost
from plateward.governance import queries, register_actions, rules
from plateward.governance.http import ActorRequest
from plateward.governance.models import PublicComment, Review, VendorContract
from plateward.governance.registers import Reviewed, contract_conflicts, schedule
from plateward.policy import LayerKind, Profile
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page
from plateward.ui.forms import DateInput

_OWN = ("agency", "entered_at", "entered_by")
KINDS: dict[str, tuple[type[PublicComment | Review | VendorContract], str]] = {
    "comment": (PublicComment, "Enter a public-comment meeting"),
    "review": (Review, "Enter a review"),
    "contract": (VendorContract, "Enter a contract"),
}


def _control(field: Field, **more: object) -> forms.Field | None:  # type: ignore[type-arg]  # Django passes any
    if field.get_internal_type() == "DateField":
        more["widget"] = DateInput
    if field.get_internal_type() == "TextField":
        more["widget"] = forms.Textarea(attrs={"rows": 3})
    if isinstance(field, URLField):
        more["assume_scheme"] = "https"
    made: forms.Field | None = field.formfield(**more)  # type: ignore[arg-type]  # passed through
    return made


def _form(kind: type[Model], profile: Profile) -> type[forms.ModelForm]:  # type: ignore[type-arg]  # any of KINDS
    made = forms.modelform_factory(kind, exclude=_OWN, formfield_callback=_control)
    if kind is VendorContract:
        vendors = [
            (layer.id, layer.name)
            for layer in profile.layers.values()
            if layer.kind is LayerKind.VENDOR_CONTRACT
        ]
        made.base_fields["layer"] = forms.ChoiceField(
            label="Document of the profile", choices=[*vendors, ("none", "Not in the profile")]
        )
        made.base_fields["document"] = forms.FileField(
            label="The contract itself",
            required=False,
            help_text=f"PDF, JPEG or PNG, up to {LARGEST // 1024**2} MB. It is not checked for viruses.",
            widget=forms.ClearableFileInput({"accept": ",".join(EXTENSIONS)}),
        )
    return made


@access(capability="governance.view")
@require_GET
def registers(request: ActorRequest) -> HttpResponse:
    """Every entry of the three registers, what is due, and where a contract contradicts the policy."""
    agency, profile, now = request.actor.agency, request.actor.profile, timezone.now()
    reviews = [
        (subject, schedule(profile, subject), due, due is not None and due <= now)
        for subject in Reviewed
        for due in [register_actions.next_review(agency, profile, subject, now)]
    ]
    contracts = [
        (contract, list(contract_conflicts(profile, contract.promise)))
        for contract in VendorContract.objects.filter(agency_id=agency)
    ]
    context = {
        "tab": "registers",
        "comments": PublicComment.objects.filter(agency_id=agency),
        "reviews": reviews,
        "done": Review.objects.filter(agency_id=agency),
        "contracts": contracts,
        "lacking": queries.missing_comments(profile, agency),
        "today": request.actor.today,
        "may_enter": request.actor.may(rules.PROPOSE),
    }
    return render(request, "governance/registers.html", context)


@access(capability=rules.PROPOSE)
@require_http_methods(["GET", "POST"])
def enter(request: ActorRequest) -> HttpResponse:
    """Put an entry into the register that the address names."""
    if (named := request.GET.get("register", "")) not in KINDS:
        raise Http404
    kind, title = KINDS[named]
    form = _form(kind, request.actor.profile)(request.POST or None, request.FILES or None)
    form.instance.agency_id = request.actor.agency
    if form.is_valid():
        with errors_in(form):
            document = form.cleaned_data.get("document")
            register_actions.enter(
                entry=form.instance,
                by=request.actor,
                now=timezone.now(),
                document=document.read() if document else b"",
            )
            messages.success(request, "Entered.")
            return redirect("governance:registers")
    context = {"tab": "registers", "form": form, "title": title}
    return form_page(request, "governance/enter.html", context)


@access(capability="governance.view")
@require_GET
def contract_document(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The contract that was put on file, always as a download and never run by the browser."""
    mine = VendorContract.objects.filter(agency_id=request.actor.agency).exclude(document_sha256="")
    known = get_object_or_404(mine, pk=pk)
    try:
        data = queries.file_store().get(known.document_path, known.document_sha256)
    except FileLost as error:
        return HttpResponse(f"{error}. Restore it from a backup.", status=503, content_type="text/plain")
    answer = HttpResponse(data, content_type=known.document_type)
    name = f"contract-{known.signed_date}.{EXTENSIONS[known.document_type]}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
