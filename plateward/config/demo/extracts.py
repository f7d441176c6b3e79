"""Lists that come as files: one with columns laid down, its versions and additions, and a watched folder."""

from datetime import datetime, timedelta
from typing import Final

from plateward.accounts.models import User
from plateward.config.demo.drives import ZONE
from plateward.governance.actor import Actor
from plateward.governance.queries import actor_for
from plateward.hotlists import list_actions, list_work
from plateward.hotlists.layouts import Layout
from plateward.hotlists.list_samples import Sample
from plateward.hotlists.models import KeptLayout, ListFile, ListMode
from plateward.hotlists.pickup_actions import PickupFacts, set_pickup
from plateward.hotlists.pickup_models import Pickup, PickupLayout, PickupWay, Readiness
from plateward.hotlists.pickup_places import MARKER
from plateward.hotlists.pickup_secrets import watched_folder

AGENCY: Final = "barstow-pd"
SOURCE, ORIGIN = "state-federal", "federal"
PURPOSE: Final = "stolen-or-wanted-vehicle"
RECEIVER: Final = "soto"
ADDITIONS: Final = """plate,state,reason_code,source_record_no,color,make,action
TSTNEW1,CA,Vehicle,V900000001,BLK,HOND,ADD
TSTNEW2,NV,License Plate,V900000002,,,ADD
TSTNEW3,AZ,Immigration Violator,V900000003,,,ADD
TSTAAAAC,CA,Vehicle,V000000001,,,REMOVE
"""


def seed_extracts(now: datetime) -> None:
    """Take in two versions of the federal extract and what came since, and have a folder watched; once."""
    if KeptLayout.objects.filter(agency_id=AGENCY).exists():
        return
    by = actor_for(User.objects.get(username=RECEIVER), at=now)
    for hours, lines in ((30, 400), (6, 420)):
        at = now - timedelta(hours=hours)
        sample = Sample(count=lines, kind="FIXED", day=at.astimezone(ZONE).date(), fault_every=60)
        _take_in(
            by, f"extract-{at.astimezone(ZONE):%Y%m%d-%H}.txt", "".join(sample.lines()), sample.layout(), at
        )
    at = now - timedelta(hours=1)
    _take_in(
        by,
        f"additions-{at.astimezone(ZONE):%Y%m%d-%H}.csv",
        ADDITIONS,
        Layout(kind="HEADED"),
        at,
        mode=ListMode.DELTA,
    )
    _watch_folder(by, now)


def _take_in(
    by: Actor, name: str, text: str, layout: Layout, at: datetime, mode: str = ListMode.FULL
) -> None:
    """Upload a file, lay its columns down where it does not name them, and take it in."""
    is_headed = layout.kind == "HEADED"
    file = list_actions.upload_file(
        by=by,
        source=SOURCE,
        origin=ORIGIN,
        purpose=PURPOSE,
        layout=layout if is_headed else None,
        name=name,
        data=text.encode(),
        mode=mode,
        now=at,
    )
    if not is_headed:
        list_actions.lay_down(file=file, layout=layout, by=by, now=at)
    _work(at)
    list_actions.order_taking(file=ListFile.objects.get(pk=file.pk), by=by, now=at)
    _work(at)


def _work(now: datetime) -> None:
    while list_work.work_next(now=now):
        pass


def _watch_folder(by: Actor, now: datetime) -> None:
    """The neighbors' list lies in a folder; the worker fetches it and takes it in within a minute."""
    facts = PickupFacts(
        source="neighbors",
        origin="state",
        purpose=PURPOSE,
        layout=PickupLayout.HEADED,
        way=PickupWay.FOLDER,
        readiness=Readiness.MARKER,
        expected_hours=24,
        takes_in=True,
    )
    pickup: Pickup = set_pickup(by=by, facts=facts, now=now)
    folder = watched_folder(pickup)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sample = Sample(count=60, kind="HEADED", day=now.astimezone(ZONE).date(), seed=7, fault_every=25)
    file = folder / "neighbors.csv"
    file.write_text("".join(sample.lines()), encoding="ascii")
    file.with_name(f"{file.name}{MARKER}").touch()
