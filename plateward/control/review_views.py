"""Account reviews: progress, decisions, and the finished record as a page and a CSV file."""

import csv
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from plateward.control import review_actions, rules
from plateward.control.forms import DecisionForm
from plateward.control.models import ReviewCampaign, ReviewItem
from plateward.governance.actor import Actor
from plateward.governance.http import ActorRequest
from plateward.policy import account_limit
from plateward.ui.access import access

WHY = "Reviewers need no capability but their position; the rules are asked."


@access(login=True, why=WHY)
@require_http_methods(["GET", "POST"])
def reviews(request: ActorRequest) -> HttpResponse:
    """Every review of the agency's accounts; POST begins one."""
    actor = request.actor
    if request.method == "POST":
        try:
            opened = review_actions.open_campaign(by=actor, now=timezone.now())
        except ValidationError as error:
            messages.warning(request, error.messages[0])
            return redirect("control:reviews")
        return redirect("control:review", opened.pk)
    _may_see(actor)
    context = {
        "campaigns": ReviewCampaign.objects.filter(agency_id=actor.agency),
        "may_open": rules.may_decide(actor.profile, actor.person, "", rules.reviewer_of(actor.profile)),
        "every": account_limit(actor.profile, "reviewed_every"),
    }
    return render(request, "control/reviews.html", context)


@access(login=True, why=WHY)
@require_GET
def review(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One review: every account, what was known of it, and what was decided by whom."""
    actor, now = request.actor, timezone.now()
    campaign = get_object_or_404(ReviewCampaign, pk=pk, agency_id=actor.agency)
    _may_see(actor)
    items = list(campaign.items.select_related("user", "decided_by"))
    shown = [
        (item, rules.may_decide(actor.profile, actor.person, str(item.user_id), item.position))
        for item in items
    ]
    context = {
        "campaign": campaign,
        "items": shown,
        "decided": sum(item.decided_at is not None for item in items),
        "overdue": campaign.finished_at is None and now >= campaign.due_at,
    }
    return render(request, "control/review.html", context)


@access(login=True, why=WHY)
@require_http_methods(["GET", "POST"])
def decide(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Confirm, change or deactivate one account."""
    actor = request.actor
    found = ReviewItem.objects.select_related("user", "campaign")
    item = get_object_or_404(found, pk=pk, agency_id=actor.agency)
    rules.may_decide(actor.profile, actor.person, str(item.user_id), item.position).require()
    form = DecisionForm(request.POST or None, profile=actor.profile)
    if form.is_valid():
        try:
            review_actions.decide(item=item, **form.cleaned_data, by=actor, now=timezone.now())
        except ValidationError as error:
            form.add_error(None, error.messages[0])
        else:
            messages.success(request, f"{item.user.full_name}: decided.")
            return redirect("control:review", item.campaign_id)
    context = {"form": form, "item": item}
    return render(request, "control/decide.html", context, status=422 if form.errors else 200)


@access(login=True, why=WHY)
@require_GET
def download(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The review as CSV."""
    actor = request.actor
    campaign = get_object_or_404(ReviewCampaign, pk=pk, agency_id=actor.agency)
    _may_see(actor)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="account-review-{campaign.opened_at.date()}.csv"'
    sheet = csv.writer(answer)
    items = review_actions.export(campaign=campaign, by=actor, now=timezone.now())
    headings = list(items[0].facts) if items else []
    sheet.writerow(["Username", "Name", *headings, "Decision", "Note", "Decided by", "Decided at"])
    for item in items:
        by = item.decided_by.full_name if item.decided_by else ""
        at = item.decided_at.isoformat() if item.decided_at else ""
        cells = [item.user.username, item.user.full_name, *item.facts.values()]
        sheet.writerow([_cell(text) for text in [*cells, item.decision, item.note, by, at]])
    return answer


def _may_see(actor: Actor) -> None:
    """Account managers, auditors, and whoever holds a position that decides."""
    if actor.may("accounts.manage") or actor.may("audit.view"):
        return
    rules.may_decide(actor.profile, actor.person, "", rules.reviewer_of(actor.profile)).require()


def _cell(text: str) -> str:
    """Nothing that a spreadsheet would take for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
