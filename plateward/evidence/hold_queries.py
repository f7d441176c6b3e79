"""Holds looked up, and what of them goes into records and onto pages."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Upper

from plateward.evidence.hold_models import Hold, HoldScope
from plateward.evidence.hold_rules import BLOCKING, ScopeKind

_BLOCKING = [state.value for state in BLOCKING]


def holds_of_agency(agency: str) -> QuerySet[Hold]:
    """An agency's holds, the newest first."""
    return Hold.objects.filter(agency_id=agency).select_related("requested_by", "decided_by")


def blocking(agency: str) -> QuerySet[Hold]:
    """An agency's holds that block now."""
    return holds_of_agency(agency).filter(state__in=_BLOCKING)


def hold_of(agency: str, hold_id: UUID) -> Hold:
    """One of the agency's holds with its people. Raises Hold.DoesNotExist."""
    people = ("requested_by", "decided_by", "confirmed_by", "release_asked_by", "release_decided_by")
    return Hold.objects.select_related(*people).get(agency_id=agency, pk=hold_id)


def locked(agency: str, hold_id: UUID) -> Hold:
    """The agency's hold as it is now, kept so until the transaction ends. Raises Hold.DoesNotExist."""
    rows = Hold.objects.select_for_update(of=("self",)).select_related("requested_by")
    return rows.get(agency_id=agency, pk=hold_id)


def of_case(agency: str, reference: str) -> list[Hold]:
    """Holds that block now and are of the case, by their own number or by what they cover; locked."""
    if not reference.strip():
        return []
    wanted = reference.strip().upper()
    cases = HoldScope.objects.annotate(case=Upper("reference")).filter(
        agency_id=agency, kind=ScopeKind.CASE.value, case=wanted
    )
    ours = Hold.objects.annotate(case=Upper("reference")).filter(agency_id=agency, state__in=_BLOCKING)
    found = ours.filter(Q(case=wanted) | Q(pk__in=cases.values("hold")))
    return list(found.select_for_update(of=("self",)).select_related("requested_by"))


def windows_of(hold: Hold) -> list[tuple[datetime | None, datetime | None]]:
    """The times that a hold reaches into; None is open."""
    return [
        (scope.captured_at, scope.captured_at) if scope.captured_at else (scope.from_at, scope.until_at)
        for scope in hold.scopes.all()
    ]


def elements_of(scopes: Iterable[HoldScope]) -> list[dict[str, Any]]:
    """Every data element by which a hold finds its reads (Civil Code § 1798.90.52); single reads by id."""
    return [
        {
            name: value
            for name, value in {
                "kind": scope.kind,
                "read": str(scope.read_id or ""),
                "plate": scope.plate,
                "case": scope.reference,
                "camera": scope.device.name if scope.device else "",
                "from": scope.from_at.isoformat() if scope.from_at else "",
                "until": scope.until_at.isoformat() if scope.until_at else "",
            }.items()
            if value
        }
        for scope in scopes
    ]
