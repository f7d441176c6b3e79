"""Account reviews: progress, decisions, and the finished record as a page and a CSV file."""

import csv
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from plateward.control import queries, review_actions, rules
from plateward.control.forms import DecisionForm
from plateward.control.models import FACTS, ReviewCampaign, ReviewItem
from plateward.governance.http import ActorRequest
from plateward.notices.rules import is_overdue
from plateward.policy import account_limit
from plateward.ui.access import access
from plateward.ui.acting import errors_in, form_page
from plateward.ui.sheets import harmless

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
    queries.sees_reviews(actor).require()
    campaigns = list(ReviewCampaign.objects.filter(agency_id=actor.agency))
    context = {
        "campaigns": campaigns,
        "may_open": rules.may_decide(actor.profile, actor.person, "", rules.reviewer_of(actor.profile)),
        "is_open": any(campaign.finished_at is None for campaign in campaigns),
        "every": account_limit(actor.profile, "reviewed_every"),
    }
    return render(request, "control/reviews.html", context)


@access(login=True, why=WHY)
@require_GET
def review(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One review: every account, what was known of it, and what was decided by whom."""
    actor, now = request.actor, timezone.now()
    campaign = get_object_or_404(ReviewCampaign, pk=pk, agency_id=actor.agency)
    queries.sees_reviews(actor).require()
    items = list(campaign.items.select_related("user", "decided_by"))
    shown = [
        (item, rules.may_decide(actor.profile, actor.person, str(item.user_id), item.position))
        for item in items
    ]
    context = {
        "campaign": campaign,
        "items": shown,
        "decided": sum(item.decided_at is not None for item in items),
        "overdue": campaign.finished_at is None and is_overdue(campaign.due_at, now),
    }
    return render(request, "control/review.html", context)


@access(login=True, why=WHY, fresh=True)
@require_http_methods(["GET", "POST"])
def decide(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Confirm, change or deactivate one account."""
    actor = request.actor
    found = ReviewItem.objects.select_related("user", "campaign")
    item = get_object_or_404(found, pk=pk, agency_id=actor.agency)
    rules.may_decide(actor.profile, actor.person, str(item.user_id), item.position).require()
    form = DecisionForm(request.POST or None, profile=actor.profile)
    if form.is_valid():
        with errors_in(form):
            review_actions.decide(item=item, **form.cleaned_data, by=actor, now=timezone.now())
            messages.success(request, f"{item.user.full_name}: decided.")
            return redirect("control:review", item.campaign_id)
    context = {"form": form, "item": item}
    return form_page(request, "control/decide.html", context)


@access(login=True, why=WHY)
@require_GET
def download(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The review as CSV."""
    actor = request.actor
    campaign = get_object_or_404(ReviewCampaign, pk=pk, agency_id=actor.agency)
    queries.sees_reviews(actor).require()
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="account-review-{campaign.opened_at.date()}.csv"'
    sheet = csv.writer(answer)
    items = review_actions.export(campaign=campaign, by=actor, now=timezone.now())
    sheet.writerow(["Username", "Name", *FACTS, "Decision", "Note", "Decided by", "Decided at"])
    for item in items:
        by = item.decided_by.full_name if item.decided_by else ""
        at = item.decided_at.isoformat() if item.decided_at else ""
        cells = [item.user.username, item.user.full_name, *(item.facts.get(name, "") for name in FACTS)]
        sheet.writerow(map(harmless, [*cells, item.decision, item.note, by, at]))
    return answer
