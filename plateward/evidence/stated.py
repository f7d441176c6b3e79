"""What is known already of what data are packed or held for, so that nobody types it again."""

from collections.abc import Mapping
from uuid import UUID

from django.http import QueryDict

from plateward.alerts.models import Alert
from plateward.audit.models import AccessRecord
from plateward.evidence.hold_models import Hold
from plateward.governance.actor import Actor


def stated_before(by: Actor, query: QueryDict) -> dict[str, str]:
    """Purpose and case of the hold, alert or read that the address names, and the hold itself."""
    if hold := _one(query, "hold"):
        found = Hold.objects.filter(agency_id=by.agency, pk=hold).first() if by.may("evidence.hold") else None
        return {"hold": str(hold)} | (_of(found.purpose, found.reference) if found else {})
    if alert := _one(query, "alert"):
        known = Alert.objects.select_related("entry").filter(agency_id=by.agency, pk=alert).first()
        return _of(known.entry.purpose, known.entry.case_number) if known and by.may("alerts.view") else {}
    if read := _one(query, "read"):
        return dict(of_read(by, read))
    return {}


def of_read(by: Actor, read: UUID) -> Mapping[str, str]:
    """What this person said when they opened the read last; nothing where they never did."""
    accesses = AccessRecord.objects.filter(
        agency=by.agency, username=by.who.username, subject=f"reads.Read:{read}"
    )
    last = accesses.order_by("-id").first()
    return _of(last.purpose, last.reference) if last else {}


def _of(purpose: str, reference: str) -> dict[str, str]:
    return {"purpose": purpose, "reference": reference}


def _one(query: QueryDict, name: str) -> UUID | None:
    try:
        return UUID(str(query.get(name, ""))) if name in query else None
    except ValueError:
        return None
