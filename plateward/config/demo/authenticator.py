"""The demonstration's authenticator: a page that shows everybody's codes, as an app on their phones would.

It exists only where a demonstration runs on its own data folder. The secrets are made of the usernames, and
known to everybody, like the passwords.
"""

import hashlib
from itertools import groupby

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from plateward.accounts.codes import code_at
from plateward.accounts.factor_rules import CODE_LASTS_S
from plateward.accounts.models import Factor
from plateward.ui.access import access
from plateward.walls import scope

AUTHENTICATOR = "Demonstration authenticator"


def secret_of(username: str) -> bytes:
    """The secret of a demonstration login's app: 20 bytes, the same in every demonstration."""
    return hashlib.sha256(f"plateward demonstration {username}".encode()).digest()[:20]


@access(
    public=True, why="A demonstration's codes are as public as its passwords; nothing else has this page."
)
@require_GET
@scope.as_system("The demonstration's codes are shown for all of its agencies.")
def codes_page(request: HttpRequest) -> HttpResponse:
    """Everybody's present codes, by agency."""
    if not settings.ENVIRONMENT.holds_demonstration:
        raise Http404
    step, gone = divmod(int(timezone.now().timestamp()), CODE_LASTS_S)
    held = Factor.objects.filter(name=AUTHENTICATOR).select_related("user__agency")
    people = [factor.user for factor in held.order_by("user__agency__name", "user__username")]
    groups = [
        (agency, [(person, code_at(secret_of(person.username), step)) for person in some])
        for agency, some in groupby(people, key=lambda person: person.agency)
    ]
    return render(request, "demo/codes.html", {"groups": groups, "left": CODE_LASTS_S - gone})
