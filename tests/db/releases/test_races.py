"""Two at once on one request: each act is done by one of them, in connections of their own (B-466.7(b))."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from plateward.evidence.models import Package, PackageKey
from plateward.policy import PartnerClass, Refused
from plateward.releases import fulfill_actions, request_actions
from plateward.releases.models import Fulfillment, ReleaseDecision, ReleaseRequest
from plateward.releases.rules import Override
from tests.personas import Town, build_barstow
from tests.releasing import approved, partner, request_on_file
from tests.sightings import seen

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.clause("B-466.7(b)")]
COUNSEL = Override("Search warrant 26-SW-11", "City attorney, Nov 20")


def at_once(*acts: Callable[[], object]) -> list[str]:
    """What each of them came to, begun at the same moment."""
    together = Barrier(len(acts))

    def attempt(act: Callable[[], object]) -> str:
        try:
            together.wait(timeout=20)
            act()
        except (Refused, ValidationError) as refused:
            return str(refused)
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(attempt, acts))


def approving(
    town: Town, made: ReleaseRequest, who: str, now: datetime, override: Override
) -> Callable[[], object]:
    by = town.actor(who, now)
    return lambda: request_actions.approve_request(
        request=made, reason="Within policy.", override=override, destroy_by=None, by=by, now=now
    )


def test_two_who_decide_or_fulfill_at_once_leave_one_decision_and_one_hand_over() -> None:
    now = timezone.now().replace(microsecond=0)
    town = build_barstow(now)
    of = partner(town, now)

    made = request_on_file(town, now, of)
    cole = town.actor("cole", now)
    answers = at_once(
        approving(town, made, "lane", now, Override()),
        lambda: request_actions.refuse_request(request=made, reason="Not so.", by=cole, now=now),
    )
    assert answers[1] == "done"
    assert "already" in answers[0]
    made.refresh_from_db()
    assert ReleaseDecision.objects.filter(request=made).count() == 1
    assert (made.approved_at is not None) == (made.state == "APPROVED")

    federal = partner(town, now, "Federal Bureau", kind=PartnerClass.FEDERAL, state="")
    both = request_on_file(town, now, federal)
    acts = [approving(town, both, who, now, COUNSEL) for who in ("lane", "cole")]
    assert at_once(*acts) == ["done", "done"]
    both.refresh_from_db()
    assert both.state == "APPROVED"
    assert both.decisions.count() == 2

    given = approved(town, now, of=of)
    clerk = town.actor("soto", now)
    answers = at_once(
        lambda: request_actions.withdraw_request(request=given, reason="Solved.", by=clerk, now=now),
        lambda: fulfill_actions.prepare(request=given, by=clerk, now=now),
    )
    given.refresh_from_db()
    assert answers.count("done") == 1, answers
    assert given.state in {"WITHDRAWN", "FULFILLED"}
    assert Fulfillment.objects.filter(request=given, way="NOTHING").exists() == (given.state == "FULFILLED")
    assert not Package.objects.exists()


def test_a_request_withdrawn_while_its_package_is_ordered_leaves_no_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = timezone.now().replace(microsecond=0)
    town = build_barstow(now)
    read = seen(town.camera, "8ABC123", now - timedelta(hours=1))
    given, clerk = approved(town, now, of=partner(town, now)), town.actor("soto", now)
    monkeypatch.setattr(fulfill_actions, "reads_for", lambda _: [read.id])
    order = fulfill_actions.order

    def withdrawn_meanwhile(**wanted: Any) -> Package:
        package = order(**wanted)
        request_actions.withdraw_request(request=given, reason="Solved.", by=clerk, now=now)
        return package

    monkeypatch.setattr(fulfill_actions, "order", withdrawn_meanwhile)
    with pytest.raises(Refused):
        fulfill_actions.prepare(request=given, by=clerk, now=now)
    package = Package.objects.get()
    assert (package.state, given.number in package.discarded_because) == ("DISCARDED", True)
    assert not PackageKey.objects.exists()
    assert not Fulfillment.objects.exists()
