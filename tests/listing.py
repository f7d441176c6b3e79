"""Whoever takes in the lists of others, and their files."""

from datetime import datetime, timedelta
from typing import Any

from plateward.governance.organization import actions as organization
from plateward.hotlists.list_file import Layout
from plateward.hotlists.models import ListFile
from tests.personas import Town


def takes_lists_in(town: Town, now: datetime, username: str = "soto", origin: str = "state") -> None:
    """Captain Cole, who authorizes nobody but others, delegates the taking in and authorizes for the data."""
    cole = town.actor("cole", now)
    organization.delegate(
        user=town.users[username],
        position="administrative-division-commander",
        capabilities=["hotlists.receive"],
        from_date=None,
        until_date=cole.today + timedelta(days=30),
        note="Fetches the state's extract each day",
        by=cole,
        now=now,
    )
    organization.authorize_data(
        user=town.users[username],
        origin=origin,
        authority="CLETS certificate",
        until_date=cole.today + timedelta(days=30),
        by=cole,
        now=now,
    )


def list_file(data: bytes = b"plate\n8STA733\n") -> dict[str, Any]:
    """What a person says of a file with the state's list."""
    return {
        "source": "state-federal",
        "origin": "state",
        "purpose": "stolen-or-wanted-vehicle",
        "layout": Layout(kind="HEADED"),
        "name": "extract.csv",
        "data": data,
    }


def on_record(town: Town, now: datetime) -> ListFile:
    """A file of the town's that waits for a decision; its bytes are not there."""
    found = dict.fromkeys(("named", "added", "changed", "ended", "refused", "repeated", "standing"), 0)
    rest = {"added_plates": [], "ended_plates": [], "problems": [], "unknown_states": {}, "beside": ""}
    facts = list_file() | {
        "layout": {"kind": "HEADED"},
        "size": 16,
        "sha256": "0" * 64,
        "found": found | rest,
    }
    del facts["data"]
    user = next(iter(town.users.values()))
    return ListFile.objects.create(agency=town.agency, uploaded_by=user, uploaded_at=now, **facts)
