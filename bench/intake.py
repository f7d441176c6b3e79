"""Reads a second into the indexed table: the intake's stored path, bare binary COPY and Django's bulk_create.

Usage: DATABASE_URL=postgresql://OWNER@… python bench/intake.py [--reads 20000] [--batch 1000]
           [--seed-reads 50000]

Makes the database `plateward_bench_intake` on that server and removes it afterwards. All three store the
same kind of reads in batches, each in a transaction, by turns, in a table that holds reads already. The
stored path is `reads.storing.store_prepared`: partitions, staging, folding of what was stored before, the
directory of plates, and what became of each payload. Below it the whole way from the inbox, payloads parsed
and their rows marked, is given for one read a payload and for a hundred. Client and database share this
machine's processors, so the ratios matter, not the absolute figures; beside the rate by the clock stands what
a read took of the processors, client and database together, which other work changes less (Linux, database on
this machine).
"""

import argparse
import hashlib
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.ingest import data_folder, processor_seconds, read_json, server, town
from bench.standing import scratch_database

if TYPE_CHECKING:
    from plateward.reads.fresh import FreshRead
    from plateward.reads.models import InboxItem
    from plateward.reads.storing import Prepared

SCRATCH = "plateward_bench_intake"
Store = Callable[["Sequence[Prepared]"], None]


def payloads(device: tuple[str, UUID], reads: int, each: int) -> "list[InboxItem]":
    """Inbox rows of so many reads each."""
    from plateward.reads.models import InboxItem  # noqa: PLC0415  after scratch_database

    made = []
    for _ in range(reads // each):
        body = b"\n".join(read_json() for _ in range(each))
        digest = hashlib.sha256(body).hexdigest()
        made.append(
            InboxItem(
                id=uuid4(),
                agency_id=device[0],
                device_id=device[1],
                received_at=datetime.now(UTC),
                content_type="application/json" if each == 1 else "application/x-ndjson",
                idempotency_key=digest,
                body=body,
                body_sha256=digest,
                content_sha256=digest,
                size=len(body),
            )
        )
    return made


def prepared(device: tuple[str, UUID], count: int) -> "list[Prepared]":
    """Payloads taken apart, one read each, not stored."""
    from plateward.reads.claims import Claimed  # noqa: PLC0415  after scratch_database
    from plateward.reads.storing import Register, prepare  # noqa: PLC0415  the same

    kept = (
        "id",
        "agency_id",
        "device_id",
        "received_at",
        "adapter",
        "content_type",
        "body_sha256",
        "size",
        "body",
    )
    items = []
    for row in payloads(device, count, 1):
        row.adapter = "native"
        items.append(Claimed(attempts=1, **{name: getattr(row, name) for name in kept}))
    register = Register.of(items)
    return [prepare(item, register, datetime.now(UTC)) for item in items]


def reads_of(batch: "Sequence[Prepared]") -> "list[FreshRead]":
    """The reads of a batch."""
    return [read for one in batch for read in one.reads]


def bare_copy(batch: "Sequence[Prepared]") -> None:
    """Binary COPY straight into the table: no folding, no directory, nobody told."""
    from django.db import connection  # noqa: PLC0415  after scratch_database

    from plateward.reads.storing import copy_rows  # noqa: PLC0415  the same

    with connection.cursor() as cursor:
        copy_rows(cursor, "reads_read", reads_of(batch))


def stored_path(batch: "Sequence[Prepared]") -> None:
    """As the intake stores."""
    from plateward.reads.store import picture_store  # noqa: PLC0415  after scratch_database
    from plateward.reads.storing import store_prepared  # noqa: PLC0415  the same

    store_prepared(batch, picture_store())


def bulk_create(batch: "Sequence[Prepared]") -> None:
    """The plain way: one object a read, `bulk_create` that passes over what is there."""
    import msgspec  # noqa: PLC0415  beside the rest

    from plateward.reads.models import Read  # noqa: PLC0415  after scratch_database

    rows = [
        Read(**msgspec.to_builtins(read._asdict(), builtin_types=(datetime, type(read.id))))
        for read in reads_of(batch)
    ]
    Read.objects.bulk_create(rows, ignore_conflicts=True)


def rates(device: tuple[str, UUID], reads: int, batch: int) -> dict[str, tuple[float, float]]:
    """Median reads a second of each way, by turns, and the processors' µs a read."""
    from django.db import transaction  # noqa: PLC0415  after scratch_database

    backend = backend_pid()
    ways: dict[str, Store] = {
        "bare binary COPY": bare_copy,
        "stored path": stored_path,
        "Django bulk_create": bulk_create,
    }
    measured: dict[str, list[float]] = {name: [] for name in ways}
    spent = dict.fromkeys(ways, 0.0)
    turns = max(3, reads // batch)
    for _ in range(turns):
        for name, store in ways.items():
            made = prepared(device, batch)
            began, before = time.perf_counter(), processors(backend)
            with transaction.atomic():
                store(made)
            measured[name].append(batch / (time.perf_counter() - began))
            spent[name] += processors(backend) - before
    return {
        name: (statistics.median(found), spent[name] / (turns * batch) * 1e6)
        for name, found in measured.items()
    }


def backend_pid() -> int:
    """The process that serves this connection."""
    from django.db import connection  # noqa: PLC0415  after scratch_database

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        ((pid,),) = cursor.fetchall()
    return int(pid)


def processors(backend: int) -> float:
    """Seconds of the processors that this process and its backend took."""
    return time.process_time() + processor_seconds(backend)


def from_inbox(device: tuple[str, UUID], reads: int, each: int) -> tuple[float, float, float]:
    """Reads a second from the inbox to stored and matched by one intake; its own µs, and its backend's."""
    from plateward.hotlists.wanted import fitting  # noqa: PLC0415  after scratch_database
    from plateward.reads.actions import store_waiting  # noqa: PLC0415  the same
    from plateward.reads.models import InboxItem  # noqa: PLC0415  the same

    InboxItem.objects.bulk_create(payloads(device, reads, each))
    backend = backend_pid()
    began, spent, done = time.perf_counter(), time.process_time(), 0
    served = processor_seconds(backend)
    while count := store_waiting(limit=1000, now=datetime.now(UTC), wanted=fitting):
        done += count * each
    seconds, processor = time.perf_counter() - began, time.process_time() - spent
    return done / seconds, processor / done * 1e6, (processor_seconds(backend) - served) / done * 1e6


def main() -> None:
    """Run it and print the table."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--reads", type=int, default=20_000)
    options.add_argument("--batch", type=int, default=1000)
    options.add_argument("--seed-reads", type=int, default=50_000)
    given = options.parse_args()
    with data_folder(), scratch_database(os.environ["DATABASE_URL"], SCRATCH) as url:
        from django.db import transaction  # noqa: PLC0415  after scratch_database

        device, _ = town(datetime.now(UTC))
        for _ in range(given.seed_reads // 10_000):
            with transaction.atomic():
                stored_path(prepared(device, 10_000))
        print(f"{server(url)}; load {os.getloadavg()[0]:.1f}")
        print(f"{given.seed_reads:,} reads there, batches of {given.batch}")
        found = rates(device, given.reads, given.batch)
        bare, least = found["bare binary COPY"]
        print(f"{'':20}{'by the clock':>18}{'of bare COPY':>14}{'processors':>18}{'bare COPY of it':>17}")
        for name, (rate, spent) in found.items():
            shares = f"{rate / bare:14.2f}{spent:10.0f} µs a read{least / spent:17.2f}"
            print(f"  {name:18}{rate:10,.0f} reads/s{shares}")
        for each in (1, 100):
            rate, own, served = from_inbox(device, given.reads, each)
            print(
                f"  from the inbox, {each:3} a payload {rate:8,.0f} reads/s,"
                f" {own:.0f} µs in Python and {served:.0f} µs in the database a read"
            )
        print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
