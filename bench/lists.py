"""What taking in a list of others costs: seconds, memory, and what matching waits meanwhile.

Usage: DATABASE_URL=postgresql://OWNER@… python bench/lists.py [--entries 100000] [--delta 2000]
                                                               [--batch 1000] [--sample 2000]

Makes a database `plateward_bench_lists` on that server, reads a made-up extract line by line, takes it in,
again whole with one line in a hundred new, and then so many additions and as many removals; and removes the
database. Meanwhile a process of its own matches batches of reads ten times a second, as the intake does:
before, during and after each, and while the index of wanted plates is built anew and taken up.

Beside it the same rows in Django's plain way, of which a sample is measured: `bulk_create` of new rows, and
`update_or_create` of rows that stand. The processors may be shared: ratios matter.
"""

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.city import AGENCY, scratch_database, serials  # isort: skip  it sets Django up
import numpy as np
from django.db import connection, transaction

from plateward.accounts.models import Agency, User
from plateward.hotlists import building, lists, queries
from plateward.hotlists.layouts import Layout
from plateward.hotlists.list_file import LineAction, ListLines, Terms
from plateward.hotlists.list_reading import listed_of
from plateward.hotlists.models import Entry, EntryState, Hotlist, HotlistKind, ListMode
from plateward.hotlists.wanted import FILE, WantedPlates
from plateward.plates import plate_key
from plateward.walls import scope

NOW = datetime.now(UTC)
SCRATCH = "plateward_bench_lists"
LAYOUT = Layout(kind="HEADED")
HEAD = "lic,lis,mke,nic,vma,vco\n"
NAME = "State"
PART = 10_000


def plates(count: int, seed: int) -> list[str]:
    """Different serials of California."""
    drawn = serials(int(count * 1.1) + 100, np.random.default_rng(seed)).view("S7").ravel().astype(str)
    return list(dict.fromkeys(drawn.tolist()))[:count]


def extract(named: Sequence[str]) -> bytes:
    """A file with a line for each plate."""
    rows = (f"{plate},CA,STOL,N{plate},HOND,BLU" for plate in named)
    return (HEAD + "\n".join(rows) + "\n").encode()


def receive(data: bytes, removed: Sequence[str] = ()) -> float:
    """Seconds of reading a file's lines and receiving them part by part; then removals by their numbers."""
    began = time.perf_counter()
    terms = Terms(now=NOW, zone="America/Los_Angeles")
    listed = listed_of(ListLines(BytesIO(data), LAYOUT, terms), LAYOUT, "stolen-or-wanted-vehicle")
    while part := list(islice(listed, PART)):
        lists.receive(part, NAME)
    gone = {"plate": "", "purpose": "", "action": LineAction.REMOVE}
    lists.receive((lists.Listed(source_record=f"N{plate}", **gone) for plate in removed), NAME)
    return time.perf_counter() - began


class Taking:
    """The list, taken in version by version, while another process matches."""

    def __init__(self, by: User, matching: "Matching", folder: Path) -> None:
        self.by, self.matching, self.folder, self.version = by, matching, folder, 0
        self.hotlist = Hotlist.objects.create(
            agency_id=AGENCY,
            name=NAME,
            kind=HotlistKind.LISTED,
            source="state",
            expires_at=NOW + timedelta(days=3),
        )

    def take(self, what: str, data: bytes, removed: Sequence[str] = (), mode: str = ListMode.FULL) -> float:
        """Take in one version, and print what it took; the seconds."""
        self.version += 1
        before = self.matching.latencies(lambda: time.sleep(2))
        took: list[float] = []

        def work() -> None:
            with lists.receiving():
                took.append(receive(data, removed))
                began = time.perf_counter()
                with transaction.atomic():
                    found = lists.compare_received(self.hotlist, mode)
                    compared = time.perf_counter() - began
                    lists.put_in_place(
                        self.hotlist,
                        number=self.version,
                        origin="state",
                        by=self.by.pk,
                        title=self.by.title,
                        version="1",
                        now=NOW,
                    )
                took.extend((compared, time.perf_counter() - began - compared))
                print(f"{what}: +{found.added:,} -{found.ended:,} changed {found.changed:,}")

        during = self.matching.latencies(work)
        read, compared, put = took
        print(f"  {sum(took):.1f} s: read {read:.1f}, compared {compared:.1f}, put in place {put:.1f}")
        print(f"  {memory():.0f} MiB of memory at most so far")
        after = self.matching.latencies(lambda: time.sleep(2))
        built = self.matching.latencies(self.build)
        print("  a batch matched, the median, 95 of 100, and the longest:")
        for when, seconds in (("before", before), ("during", during), ("after", after), ("index", built)):
            print(f"    {when} {told(seconds)}", flush=True)
        return sum(took)

    def build(self) -> None:
        """Build the index anew, as the worker does within a minute."""
        began = time.perf_counter()
        size = building.build(NOW, self.folder).size
        print(f"  index of {size:,} keys built in {time.perf_counter() - began:.1f} s")
        time.sleep(1)


def memory() -> float:
    """MiB that this process held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def told(seconds: Sequence[float]) -> str:
    """Median, 95 of 100 and the longest, in milliseconds."""
    if not seconds:
        return "none: it was over too soon"
    found = np.percentile(seconds, (50, 95, 100)) * 1e3
    return f"{found[0]:.1f} {found[1]:.1f} {found[2]:.0f} ms ({len(seconds):,} times)"


def plainly(plates: Sequence[str], by: User) -> tuple[float, float]:
    """Microseconds a row of Django's plain way: making rows, and looking whether each stands as it should."""
    hotlist = Hotlist.objects.create(
        agency_id=AGENCY, name="Plain", kind=HotlistKind.LISTED, source="plain", expires_at=NOW
    )
    facts = {
        "agency_id": AGENCY,
        "origin": "state",
        "purpose": "stolen-or-wanted-vehicle",
        "reason": "Listed as STOL",
        "vehicle_description": "BLU HOND",
        "state": EntryState.ACTIVE,
        "requested_by": by,
        "requested_as": by.title,
        "requested_at": NOW,
        "profile_version": "1",
        "since_version": 1,
    }
    rows = (
        Entry(hotlist=hotlist, plate=plate, plate_key=plate_key(plate), region="US-CA", **facts)
        for plate in plates
    )
    began = time.perf_counter()
    with transaction.atomic():
        Entry.objects.bulk_create(rows, batch_size=1_000)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    made = time.perf_counter() - began
    few = plates[: len(plates) // 10]
    began = time.perf_counter()
    with transaction.atomic():
        for plate in few:
            key = {"agency_id": AGENCY, "plate_key": plate_key(plate), "state": EntryState.ACTIVE}
            Entry.objects.update_or_create(defaults=facts, hotlist=hotlist, plate=plate, **key)
    kept = time.perf_counter() - began
    Entry.objects.filter(hotlist=hotlist).delete()
    return made / len(plates) * 1e6, kept / len(few) * 1e6


class Matching:
    """Batches of reads matched by a process of its own, as the intake is one, ten times a second."""

    def __init__(self, folder: Path, keys: Sequence[str], size: int) -> None:
        self.folder, self.keys, self.size = folder, keys, size

    def latencies(self, work: Callable[[], object]) -> list[float]:
        """Seconds that each batch took while `work` ran."""
        context = multiprocessing.get_context("spawn")
        begins, is_over, found = context.Event(), context.Event(), context.Queue()
        args = (self.folder, self.keys, self.size, begins, is_over, found)
        process = context.Process(target=match, args=args)
        process.start()
        if not begins.wait(120):
            raise RuntimeError("The process that matches did not begin; it says why above.")
        try:
            work()
        finally:
            is_over.set()
        told = found.get()
        process.join()
        return list(told)


def match(  # what another process does; events and queue are of no type that can be named
    folder: Path, keys: Sequence[str], size: int, begins: Any, is_over: Any, found: Any
) -> None:
    """Match batches until it is over."""
    connection.settings_dict["NAME"] = SCRATCH
    scope.become_system("A measurement fills and reads its own database.")
    look_in(folder)
    with transaction.atomic():  # what a process does once
        queries.wanted_among([(AGENCY, key) for key in keys[:size]], NOW)
    seconds, place = list[float](), 0
    begins.set()
    while not is_over.wait(0.1):
        batch = [(AGENCY, key) for key in keys[place : place + size]]
        place = (place + size) % len(keys)
        began = time.perf_counter()
        with transaction.atomic():
            queries.wanted_among(batch, NOW)
        seconds.append(time.perf_counter() - began)
    found.put(seconds)


def look_in(folder: Path) -> None:
    """Match by an index in a folder, in the place of the installation's own."""
    queries.fitting = WantedPlates(folder / FILE).fitting  # type: ignore[assignment]  # in its place


def main() -> None:
    """Take in, renew, and change; print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--delta", type=int, default=2_000)
    parser.add_argument("--batch", type=int, default=1_000)
    parser.add_argument("--sample", type=int, default=2_000)
    asked = parser.parse_args()
    drawn = plates(asked.entries + asked.entries // 100 + asked.delta, 1)
    whole, fresh = drawn[: asked.entries], drawn[asked.entries :]
    with scratch_database(called=SCRATCH), tempfile.TemporaryDirectory() as folder:
        scope.become_system("A measurement fills and reads its own database.")
        measure(Path(folder), whole, fresh, asked)


def measure(folder: Path, whole: list[str], fresh: list[str], asked: argparse.Namespace) -> None:
    """Everything of one run."""
    Agency.objects.create(id=AGENCY, name="Barstow Police Department", short_name="Barstow PD")
    since = dict.fromkeys(("created_at", "admitted_at", "state_since_at"), NOW)
    by = User.objects.create(
        agency_id=AGENCY, username="soto", full_name="Sol Soto", title="sergeant", **since
    )
    building.build(NOW, folder)
    seen = [plate_key(plate) for plate in plates(20 * asked.batch, 7)]
    taking = Taking(by, Matching(folder, seen, asked.batch), folder)
    one, hundredth = len(whole), len(whole) // 100
    print(f"{memory():.0f} MiB of memory before", flush=True)
    first = taking.take(f"{one:,} entries", extract(whole))
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE hotlists_entry")
    print(f"  vacuumed in {time.perf_counter() - began:.1f} s, as autovacuum does by itself")
    again = taking.take("the same, one in a hundred new", extract([*whole[hundredth:], *fresh[:hundredth]]))
    added, removed = fresh[hundredth:], whole[hundredth : hundredth + asked.delta]
    taking.take("additions and removals", extract(added), removed, ListMode.DELTA)
    made, kept = plainly(plates(asked.sample, 9), by)
    for what, plain, took in (("bulk_create", made, first), ("update_or_create", kept, again)):
        ours = took / one * 1e6
        print(
            f"a row by {what} {plain:.0f} µs, ours with reading its line {ours:.0f}: {plain / ours:.1f} times"
        )


if __name__ == "__main__":
    main()
