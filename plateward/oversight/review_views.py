"""The weekly review: its queue, and one item with the records it is about."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from plateward.governance.http import ActorRequest
from plateward.oversight import actions, presenters, reviewing, rules
from plateward.oversight.forms import NoteForm
from plateward.oversight.models import ReviewItem
from plateward.policy import Decision
from plateward.policy.overview import in_words
from plateward.ui.access import access
from plateward.ui.acting import form_page

PER_PAGE = 30


@access(capability="audit.review")
@never_cache
@require_http_methods(["GET", "POST"])
def reviews(request: ActorRequest) -> HttpResponse:
    """List the reviews with what waits; posting begins one before the clock does."""
    actor = request.actor
    if request.method == "POST":
        begun = actions.begin_review(by=actor, now=timezone.now())
        messages.success(request, "The review is made.")
        return redirect("oversight:review", begun.pk)
    plan = actor.profile.monitoring
    found = {
        "page": Paginator(reviewing.reviews(actor.agency), PER_PAGE).get_page(request.GET.get("page")),
        "unsettled": rules.unsettled(actor.profile),
        "may_begin": rules.may_begin(actor.profile, actor.person),
        "every": in_words(plan.every),
        "line": [actor.profile.position_name(position) for position in rules.line_of(actor.profile)],
        "flags": [(rules.FLAG_NAMES[rule.flag], rule.at_least) for rule in plan.flags.settled or ()],
        "sample_size": plan.sample_size.settled,
    }
    return render(request, "oversight/reviews.html", found)


@access(capability="audit.review")
@never_cache
@require_http_methods(["GET"])
def review(request: ActorRequest, review_id: UUID) -> HttpResponse:
    """Show one review's queue, what waits first."""
    actor = request.actor
    found = get_object_or_404(reviewing.reviews(actor.agency), pk=review_id)
    rows = [
        (item, actor.profile.position_name(item.position), _may(request, item).allowed)
        for item in reviewing.items_of(found)
    ]
    return render(request, "oversight/review.html", {"review": found, "rows": rows})


@access(capability="audit.review")
@never_cache
@require_http_methods(["GET", "POST"])
def item(request: ActorRequest, item_id: UUID) -> HttpResponse:
    """Show an item with its records; ask the person, or mark it in or out of policy with a note."""
    form = NoteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            known = reviewing.item_of(request.actor.agency, item_id)
            _work(request, known, form.cleaned_data["note"])
        except ReviewItem.DoesNotExist as error:
            raise Http404 from error
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("oversight:review", known.review_id)
    try:
        shown, entries = actions.open_item(by=request.actor, item_id=item_id, now=timezone.now())
    except ReviewItem.DoesNotExist as error:
        raise Http404 from error
    found = {
        "item": shown,
        "form": form,
        "lines": presenters.lines(request.actor.profile, entries),
        "steps": presenters.steps(shown),
        "position": request.actor.profile.position_name(shown.position),
        "title": request.actor.profile.title_name(shown.person.title),
        "may": _may(request, shown),
        "may_ask": rules.target_of(rules.ItemAct.ASK, rules.ItemState(shown.state)) is not None,
        "is_decided": rules.ItemState(shown.state).is_decided,
    }
    return form_page(request, "oversight/item.html", found)


def _work(request: ActorRequest, known: ReviewItem, note: str) -> None:
    actor, now, act = request.actor, timezone.now(), request.POST.get("act")
    if act == "ask":
        actions.ask_person(by=actor, item=known, note=note, now=now)
        messages.success(request, f"{known.person.full_name} is asked to explain.")
        return
    if act not in {"in", "out"}:
        raise ValidationError("Choose whether to ask, or to find it in or out of policy.")
    actions.decide_item(by=actor, item=known, is_in_policy=act == "in", note=note, now=now)
    messages.success(request, f"Found {act} {'of ' if act == 'out' else ''}policy.")


def _may(request: ActorRequest, shown: ReviewItem) -> Decision:
    actor = request.actor
    return rules.may_review(
        actor.profile, reviewer=actor.person, person_id=str(shown.person_id), position=shown.position
    )
