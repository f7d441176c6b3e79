"""The policy page: what is in force, by which clause, and what the policy does not address."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from plateward.governance import further, presenters, queries
from plateward.governance.http import ActorRequest
from plateward.ui.access import access


@access(capability="governance.view")
@require_GET
def policy(request: ActorRequest) -> HttpResponse:
    """The agency's profile in force as data, every value with its ground and silence shown."""
    profile, agency = request.actor.profile, request.actor.agency
    procedure, steps = presenters.dispatch(profile)
    context = {
        "profile": profile,
        "adoption": queries.adoption_in_force(agency),
        "earlier": queries.adoptions(agency)[1:],
        "purposes": profile.purposes.values(),
        "titles": presenters.titles(profile),
        "positions": presenters.positions(profile, queries.holdings_at(agency, timezone.now())),
        "hotlist_sections": presenters.hotlists(profile),
        "procedure": procedure,
        "steps": steps,
        "retention_sections": presenters.retention(profile),
        "plain_sections": [
            ("accounts", "Accounts", presenters.access(profile)),
            ("training", "Training", presenters.training(profile)),
            ("searching", "Searching and verification", presenters.searching(profile)),
            *further.sections(profile),
        ],
        "prohibited": profile.search.prohibited.values(),
        "decisions": presenters.decisions(profile),
        "unaddressed": presenters.unaddressed(profile),
        "clauses": profile.clauses.values(),
    }
    return render(request, "governance/policy.html", context)
