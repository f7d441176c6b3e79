"""What matching a read costs with a million entries and a thousand partial plates, beside plain SQL.

Usage: DATABASE_URL=postgresql://OWNER@… python bench/matching.py [--entries 1000000] [--patterns 1000]
                                                                  [--reads 100000] [--batch 1000]

Makes a database `plateward_bench_matching` on that server, fills it by taking in a list, and removes it.
Reads are of a city: Zipf plates, one in ten thousand wanted. Plain SQL asks the same table for each batch's
keys by its index, and joins the partial plates by LIKE. Both confirm what fits by its rows. The processors
may be shared: the ratio matters, not the microseconds.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.city import AGENCY, scratch_database, serials  # isort: skip  it sets Django up
import numpy as np
from django.db import connection, transaction

from plateward.accounts.models import Agency, User
from plateward.hotlists import building, queries
from plateward.hotlists.lists import Listed, compare, put_in_place
from plateward.hotlists.models import Entry, Hotlist, HotlistKind
from plateward.hotlists.wanted import FILE, Pair, WantedPlates, load
from plateward.plates import plate_key
from plateward.walls import scope

NOW = datetime.now(UTC)
SCRATCH = "plateward_bench_matching"
WANTED_SHARE = 1 / 10_000
PLAIN = """
SELECT agency_id, plate_key FROM hotlists_entry
WHERE state = 'ACTIVE' AND agency_id = %(agency)s AND plate_key = ANY(%(keys)s)
UNION ALL
SELECT e.agency_id, r.key FROM unnest(%(keys)s::text[]) AS r (key) JOIN hotlists_entry AS e
ON r.key LIKE replace(replace(e.plate_key, '?', '_'), '*', '%%')
WHERE e.state = 'ACTIVE' AND e.agency_id = %(agency)s AND e.plate_key ~ '[*?]'
"""


def plates(count: int, seed: int) -> list[str]:
    """Serials of California."""
    return serials(count, np.random.default_rng(seed)).view("S7").ravel().astype(str).tolist()


def partial(plate: str, chance: random.Random) -> str:
    """What a witness remembers of a plate: all but two or three characters, its begin, end or middle."""
    unknown = chance.sample(range(len(plate)), chance.choice((2, 3)))
    scattered = "".join("?" if place in unknown else char for place, char in enumerate(plate))
    shapes = (f"{plate[:4]}*", f"*{plate[3:]}", f"*{plate[1:5]}*", f"{plate[0]}*{plate[2:5]}*")
    return chance.choices((scattered, *shapes), (4, 2, 2, 1, 1))[0]


def city(count: int, wanted: Sequence[str], chance: random.Random) -> list[str]:
    """Keys of reads: a city's plates, some seen often, and now and then a wanted one."""
    known = plates(200_000, 2)
    weights = list(accumulate(1 / (rank + 10) for rank in range(len(known))))
    seen = chance.choices(known, cum_weights=weights, k=count)
    return [plate_key(chance.choice(wanted) if chance.random() < WANTED_SHARE else plate) for plate in seen]


def take_in(named: Sequence[str], hotlist: Hotlist, by: User) -> float:
    """Seconds of taking a list in."""
    began = time.perf_counter()
    with transaction.atomic():
        rows = (Listed(plate=plate, purpose="stolen-or-wanted-vehicle", region="US-CA") for plate in named)
        compare(hotlist, rows, hotlist.name)
        put_in_place(hotlist, number=1, origin="state", by=by.pk, title=by.title, version="1", now=NOW)
    return time.perf_counter() - began


def seconds(work: Callable[[], object]) -> float:
    """How long something took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def batches(keys: Sequence[str], size: int) -> Iterator[list[Pair]]:
    """The reads as the intake takes them up."""
    for start in range(0, len(keys), size):
        yield [(AGENCY, key) for key in keys[start : start + size]]


def matched(keys: Sequence[str], size: int, look: Callable[[list[Pair]], object]) -> float:
    """Microseconds a read; in a transaction, which the intake has anyway."""
    with transaction.atomic():
        took = seconds(lambda: [look(batch) for batch in batches(keys, size)])
    return took / len(keys) * 1e6


def plain(batch: list[Pair]) -> None:
    """The look-up by SQL alone."""
    with connection.cursor() as cursor:
        cursor.execute(PLAIN, {"agency": AGENCY, "keys": [key for _, key in batch]})
        cursor.fetchall()


def main() -> None:
    """Fill, build, match and refresh, and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name, default in (("entries", 1_000_000), ("patterns", 1_000), ("reads", 100_000), ("batch", 1_000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    chance = random.Random(466)  # noqa: S311  no secrets
    whole = list(dict.fromkeys(plates(int(asked.entries * 1.05), 1)))[: asked.entries]
    parts = {partial(plate, chance) for plate in plates(asked.patterns, 3)}
    keys = city(asked.reads, whole, chance)
    with scratch_database(called=SCRATCH), tempfile.TemporaryDirectory() as folder:
        scope.become_system("A measurement fills and reads its own database.")
        measure(Path(folder), [*whole, *parts], keys, asked.batch)


def measure(folder: Path, named: list[str], keys: list[str], size: int) -> None:
    """Everything of one run."""
    agency = Agency.objects.create(id=AGENCY, name="Barstow Police Department", short_name="Barstow PD")
    person = {"username": "soto", "full_name": "Sol Soto", "title": "sergeant"}
    since = dict.fromkeys(("created_at", "admitted_at", "state_since_at"), NOW)
    by = User.objects.create(agency=agency, **person, **since)
    until = NOW + timedelta(days=3)
    hotlist = Hotlist.objects.create(
        agency=agency, name="State", kind=HotlistKind.LISTED, source="state", expires_at=until
    )
    print(f"taken in: {len(named):,} entries in {take_in(named, hotlist, by):.1f} s")
    print(f"the same list again, one in a hundred new: {take_in(renewed(named), hotlist, by):.1f} s")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE hotlists_entry")
    took = seconds(lambda: building.build(NOW, folder))
    held = (folder / FILE).stat().st_size
    print(f"index built in {took:.1f} s, {held / 1e6:.1f} MB, {held / len(named):.1f} bytes an entry")
    index = WantedPlates(folder / FILE)
    print(f"taken up by a process in {seconds(lambda: index.fitting([(AGENCY, 'X')])) * 1e3:.0f} ms")
    setattr(queries, "fitting", index.fitting)  # noqa: B010  in the place of the installation's own index
    kernel = load(folder / FILE).lists[AGENCY]
    began = time.process_time()
    in_memory = matched(keys, size, lambda batch: kernel.fitting([key for _, key in batch]))
    own = (time.process_time() - began) / len(keys) * 1e6
    changed = matched(keys, size, index.fitting)
    rows = matched(keys, size, lambda batch: queries.wanted_among(batch, NOW))
    hits = sum(len(index.fitting(batch)) for batch in batches(keys, size))
    sql = matched(keys[: max(size, len(keys) // 10)], size, plain)
    count = len(kernel.patterns)
    print(f"{len(keys):,} reads in batches of {size:,}, {hits:,} of them fit something; a read takes")
    print(f"  {in_memory:8.2f} µs in memory, {count:,} partial plates among them ({own:.2f} µs of processor)")
    print(f"  {changed:8.2f} µs with the question what changed since")
    a_hit = (rows - changed) * len(keys) / max(hits, 1)
    print(f"  {rows:8.2f} µs with the rows of what fits, {a_hit:.0f} µs a hit")
    print(f"  {sql:8.2f} µs by plain SQL without those rows, {sql / changed:.1f} times as much")
    refresh(folder, index, keys, size)


def renewed(named: Sequence[str]) -> list[str]:
    """The list a day later."""
    fresh = plates(len(named) // 100, 4)
    return [*named[len(fresh) :], *fresh]


def refresh(folder: Path, index: WantedPlates, keys: list[str], size: int) -> None:
    """Whether matching pauses when entries come and a new generation takes over."""
    worst = 0.0
    few = keys[: size * 20]
    with transaction.atomic():
        Entry.objects.filter(pk__in=Entry.objects.values("pk")[:1_000]).update(state="REMOVED")
    with transaction.atomic():
        Entry.objects.filter(state="REMOVED").update(state="ACTIVE")
    for place, batch in enumerate(batches(few, size)):
        if place == 10:  # noqa: PLR2004  in the middle
            building.build(NOW, folder)
        worst = max(worst, seconds(lambda batch=batch: index.fitting(batch)))  # type: ignore[misc]  # bound at once
    print(f"longest batch while 1,000 entries changed and a new generation took over: {worst * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
