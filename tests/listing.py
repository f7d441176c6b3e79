"""Whoever takes in the lists of others, and their files."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import msgspec

from plateward.governance.actor import Actor
from plateward.governance.organization import actions as organization
from plateward.governance.queries import profile_for
from plateward.hotlists import list_actions, list_work, lists
from plateward.hotlists.layouts import Column, Layout
from plateward.hotlists.list_file import ListLines
from plateward.hotlists.list_reading import lines_of, listed_of
from plateward.hotlists.models import Entry, EntryState, FileState, Hotlist, ListFile
from plateward.plates import plate_key
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


PLATES_FIRST = Layout(kind="DELIMITED", columns=(Column(name="plate", position=0),), skip_lines=1)
"""Plates stand in the first column, below a line of headers."""


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


def work_files(now: datetime) -> None:
    """Do what the worker does with files that wait."""
    while list_work.work_next(now=now):
        pass


def checked_file(by: Actor, now: datetime, **facts: Any) -> ListFile:
    """A file of the state's list, uploaded and checked."""
    uploaded = list_actions.upload_file(by=by, now=now, **(list_file() | facts))
    work_files(now)
    return ListFile.objects.get(pk=uploaded.pk)


def take_in(file: ListFile, by: Actor, now: datetime, *, reason: str = "") -> ListFile:
    """Have a checked file taken in, and see it done."""
    list_actions.order_taking(file=file, by=by, now=now, reason=reason)
    work_files(now)
    return ListFile.objects.get(pk=file.pk)


def received(file: ListFile, text: bytes) -> ListLines:
    """A file's lines, received as the worker does."""
    layout, profile = msgspec.convert(file.layout, Layout), profile_for(file.agency_id)
    lines = lines_of(BytesIO(text), layout, profile, file.uploaded_at)
    lists.receive(listed_of(lines, layout, file.purpose), "a list")
    return lines


def own_category(town: Town, now: datetime) -> str:
    """A category of which the town alone has an entry, though its policy does not know it."""
    own_list(town, now)
    return f"of-{town.agency.pk}"


def own_list(town: Town, now: datetime) -> UUID:
    """A list of the town's own, with an entry in a category of its own."""
    name = f"of-{town.agency.pk}"
    until = now + timedelta(hours=72)
    facts = {"kind": "LISTED", "source": "neighbors", "origin": "state", "expires_at": until}
    hotlist, is_new = Hotlist.objects.get_or_create(agency=town.agency, name=name, defaults=facts)
    if not is_new:
        return hotlist.pk
    Entry.objects.create(
        agency=town.agency,
        hotlist=hotlist,
        plate="8OWN123",
        plate_key=plate_key("8OWN123"),
        origin="state",
        category=name,
        state=EntryState.ACTIVE,
        requested_by=next(iter(town.users.values())),
        requested_at=now,
    )
    return hotlist.pk


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
    facts["state"] = FileState.CHECKED
    return ListFile.objects.create(agency=town.agency, uploaded_by=user, uploaded_at=now, **facts)
