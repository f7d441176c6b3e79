"""What sealing the journal costs: rows a second with and without it, proofs, exports and their verification.

Usage: DATABASE_URL=postgresql://… python bench/ledger.py [--rows 100000] [--seconds 5]
       DATABASE_URL=postgresql://… python bench/ledger.py --tree 10000000

The second one measures proofs alone, in a tree of so many leaves that PostgreSQL makes up without rows.

Needs a migrated scratch database, and the right to switch a trigger off there; it fills the journal. Writers,
sealer (a process of its own, each second) and database share this machine's processors: the ratios matter.
"""

import argparse
import io
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plateward.config.settings")

import django

django.setup()

from django.db import connection, connections, transaction  # noqa: E402  after django.setup

from plateward.audit import actions, exporting, ledger, sealing, sealing_actions  # noqa: E402  the same
from plateward.audit.models import AuditRecord, Leaf, TreeNode  # noqa: E402  the same
from plateward.audit.verification import verify  # noqa: E402  the same
from plateward.audit.who import Who  # noqa: E402  the same
from plateward.ledger import merkle, tiles, verifier  # noqa: E402  the same
from plateward.ledger.checkpoints import proof_size  # noqa: E402  the same

OFFICER = Who("bench", "Bench Officer", "patrol-officer", "Bench", "10.0.0.1")
WRITERS = 4

FILL = """
INSERT INTO audit_auditrecord
    (recorded_at, verb, agency, username, name, title, address, subject, detail, profile_version)
SELECT now(), 'search.search.run', 'bench', 'bench', 'Bench Officer', 'patrol-officer', '10.0.0.1',
       'search.Search:' || n, jsonb_build_object('elements', jsonb_build_object('plate', '7ABC' || n),
       'purpose', 'stolen-plate', 'reason', 'Taken on Main Street, row ' || n, 'result_count', n %% 7), '1'
FROM generate_series(1, %s) n
"""


CATCH_UP = """
INSERT INTO audit_unsealed (audit_id)
SELECT id FROM audit_auditrecord r
WHERE NOT EXISTS (SELECT FROM audit_leaf WHERE audit_id = r.id)
ON CONFLICT DO NOTHING
"""


def write_one() -> None:
    """One act's journal row in a transaction of its own."""
    with transaction.atomic():
        actions.record(
            verb="search.search.run",
            by=OFFICER,
            agency="bench",
            subject="search.Search:1",
            detail={"plate": "7ABC123", "purpose": "stolen-plate", "reason": "Taken on Main Street"},
            now=datetime.now(UTC),
        )


@contextmanager
def writers(seconds: float) -> Iterator[list[int]]:
    """Writers at work for so long; the list holds what each wrote."""
    counts = [0] * WRITERS
    until = time.perf_counter() + seconds

    def work(number: int) -> None:
        while time.perf_counter() < until:
            write_one()
            counts[number] += 1
        connections.close_all()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    yield counts
    for thread in threads:
        thread.join()


def rows_per_second(seconds: float, *, queued: bool, sealed: bool) -> float:
    """Rows written a second, with the queue's trigger on or off and a sealer at work beside or not."""
    state = "ENABLE" if queued else "DISABLE"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE audit_auditrecord {state} TRIGGER audit_auditrecord_queued")
    with sealer(wanted=sealed), writers(seconds) as counts:
        pass
    return sum(counts) / seconds


@contextmanager
def sealer(*, wanted: bool) -> Iterator[None]:
    """Another process that seals each second, as the worker does each minute."""
    if not wanted:
        yield
        return
    command = [sys.executable, __file__, "--only-seal"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603  ours
        assert process.stdout is not None  # noqa: S101  asked for by PIPE
        process.stdout.readline()
        yield
        process.terminate()


def seal_for_ever() -> None:
    """What the sealer's process does."""
    while True:
        sealing_actions.seal(now=datetime.now(UTC))
        print("sealed", flush=True)
        time.sleep(1)


LEAVES = """
INSERT INTO audit_leaf (index, audit_id, data, salt, hash)
SELECT n, -1 - n, int8send(n), '', sha256('\\x00'::bytea || int8send(n)) FROM generate_series(%s, %s) n
"""


def grow_tree(size: int) -> None:
    """Make up leaves, a million at a time, and the kept hashes above them; sign the head."""
    kept: dict[int, list[bytes]] = {}
    for start in range(0, size, 1_000_000):
        stop = min(start + 1_000_000, size)
        with connection.cursor() as cursor:
            cursor.execute(LEAVES, [start, stop - 1])
        print(f"{stop:,} leaves", flush=True)
        pairs = (
            Leaf.objects.filter(index__gte=start, index__lt=stop)
            .order_by("index")
            .values_list("hash", flat=True)
        )
        hashes = [bytes(made) for made in pairs.iterator(chunk_size=50_000)]
        whole = kept.setdefault(0, []) + hashes
        groups = len(whole) // tiles.WIDTH
        made = [tiles.complete_root(whole[i * tiles.WIDTH : (i + 1) * tiles.WIDTH]) for i in range(groups)]
        kept[0] = whole[groups * tiles.WIDTH :]
        kept.setdefault(tiles.STEP, []).extend(made)
    keep_nodes(kept[tiles.STEP], tiles.STEP)
    sealing.sign(size, sealing.signing_key(), datetime.now(UTC))


def keep_nodes(hashes: list[bytes], level: int) -> None:
    """Keep a level's hashes and those of every eighth level above."""
    while hashes:
        TreeNode.objects.bulk_create(
            (TreeNode(level=level, index=index, hash=made) for index, made in enumerate(hashes)),
            batch_size=5_000,
        )
        groups = len(hashes) // tiles.WIDTH
        hashes = [tiles.complete_root(hashes[i * tiles.WIDTH : (i + 1) * tiles.WIDTH]) for i in range(groups)]
        level += tiles.STEP


def measure_large_proofs(size: int) -> None:
    """Milliseconds of inclusion and consistency proofs at places all over a large tree, each read afresh."""
    head = ledger.newest_head()
    assert head is not None  # noqa: S101  just signed
    root = bytes(head.root)
    inclusion, consistency, lengths = [], [], []
    for place in (size * part // 301 for part in range(301)):
        start = time.perf_counter()
        hashes = merkle.inclusion_proof(tiles.nodes_of(sealing.stored_tile), place, size)
        inclusion.append((time.perf_counter() - start) * 1000)
        leaf = bytes(Leaf.objects.get(index=place).hash)
        merkle.verify_inclusion(leaf, place, size, hashes, root)
        lengths.append(proof_size(hashes))
        start = time.perf_counter()
        merkle.consistency_proof(tiles.nodes_of(sealing.stored_tile), place, size)
        consistency.append((time.perf_counter() - start) * 1000)
    for name, took in (("inclusion", inclusion), ("consistency", consistency)):
        p95 = statistics.quantiles(took, n=20)[18]
        print(f"{name} proof at {size:,} leaves   p50 {statistics.median(took):.1f} ms   p95 {p95:.1f} ms")
    print(f"hashes of a proof   {min(lengths):,} to {max(lengths):,} bytes")


def timed(work: Callable[[], object]) -> float:
    """Seconds that the work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure_writing(seconds: float) -> None:
    """Journal rows a second, three ways, twice each in turn so that a busy moment hits all."""
    ways = {"without sealing": (False, False), "queued": (True, False), "queued and sealed": (True, True)}
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(2):
        for name, (queued, sealed) in ways.items():
            found[name].append(rows_per_second(seconds / 2, queued=queued, sealed=sealed))
    plain = statistics.mean(found["without sealing"])
    for name, measured in found.items():
        mean = statistics.mean(measured)
        print(f"journal rows, {name:18} {mean:8.0f}/s   {mean / plain:.2f}×")
    with connection.cursor() as cursor:
        cursor.execute(CATCH_UP)


def measure_sealing(rows: int) -> None:
    """Rows sealed a second when many wait."""
    with connection.cursor() as cursor:
        cursor.execute(FILL, [rows])
    took = timed(lambda: sealing_actions.seal(now=datetime.now(UTC)))
    print(f"sealing {rows:,} waiting rows   {rows / took:8.0f}/s")


def measure_proofs() -> None:
    """Milliseconds and bytes of a proof from the whole tree."""
    head = ledger.newest_head()
    assert head is not None  # noqa: S101  just sealed
    places = [head.size * part // 101 for part in range(101)]
    ids = Leaf.objects.filter(index__in=places).values_list("audit_id", flat=True)
    rows = list(AuditRecord.objects.filter(pk__in=ids))
    took = [timed(lambda row=row: ledger.proof_of(row)) * 1000 for row in rows]  # type: ignore[misc]  # mypy and defaults
    proof = ledger.proof_of(rows[0])
    print(
        f"proof at {head.size:,} rows   p50 {statistics.median(took):.1f} ms   p95 "
        f"{statistics.quantiles(took, n=20)[18]:.1f} ms   {len(proof.hashes)} hashes, "
        f"{proof_size(proof.hashes):,} bytes, {len(str(proof)):,} as a file"
    )
    took = [timed(lambda old=old: ledger.witness_request(head, old)) * 1000 for old in places[1:]]  # type: ignore[misc]  # the same
    print(f"consistency proof          p50 {statistics.median(took):.1f} ms")


def measure_verification() -> None:
    """Seconds per 100,000 rows: the live journal, the export, and the auditor's file in plain Python."""
    size = Leaf.objects.count()
    share = 100_000 / size
    keys = [sealing.signing_key().verifier]
    took = timed(lambda: list(verify(keys=keys, trusted={})))
    print(f"plateward verify           {took * share:.1f} s per 100,000 rows")
    packed = io.BytesIO()
    took = timed(lambda: exporting.write(packed, agency="", now=datetime.now(UTC)))
    megabytes = len(packed.getvalue()) / 1e6
    print(f"export                     {took * share:.1f} s, {megabytes * share:.1f} MB per 100,000 rows")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "journal.zip"
        file.write_bytes(packed.getvalue())
        command = [sys.executable, "-I", "-S", verifier.__file__, str(file), "--key", str(keys[0])]
        took = timed(lambda: subprocess.run(command, check=True, capture_output=True))  # noqa: S603  ours
    print(f"verifier.py                {took * share:.1f} s per 100,000 rows")


def main() -> None:
    """Measure it all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--tree", type=int, help="measure proofs alone, in an empty database")
    parser.add_argument("--only-seal", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only_seal:
        seal_for_ever()
    if asked.tree:
        grow_tree(asked.tree)
        return measure_large_proofs(asked.tree)
    measure_writing(asked.seconds)
    sealing_actions.seal(now=datetime.now(UTC))
    measure_sealing(asked.rows)
    measure_proofs()
    return measure_verification()


if __name__ == "__main__":
    main()
