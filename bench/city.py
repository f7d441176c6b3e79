"""A generated city: its cameras' reads of some days, loaded as fast as the disc takes them, for benches.

Usage: DATABASE_URL=postgresql://OWNER@… python bench/city.py [--days 40] [--reads-a-day 250000]
           [--cameras 200] [--seed 1] [--keep]

Makes the database `plateward_bench_city` on that server, prints how fast it fills and what a read takes on
the disc, and removes it again unless told to keep it (`bench/search.py --kept` then measures there).

The plates: residents seen by Zipf's law, and visitors seen once or twice. Most have California's serial,
the rest those of neighboring states; all have seven characters. A day has two rush hours; every camera
has its own share of the traffic. Rows are made by numpy as binary COPY, day by day in the order of time;
indexes follow.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import django
import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql

SCRATCH = "plateward_bench_city"
SERVER = os.environ.get("DATABASE_URL", "")

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ["DATABASE_URL"] = urlunsplit(urlsplit(SERVER)._replace(path=f"/{SCRATCH}"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plateward.config.settings")
os.environ.setdefault("PLATEWARD_SECRET_KEY", "only-for-the-bench-" * 3)
django.setup()

# ruff: noqa: E402 - models can be imported only after setup
from django.core.management import call_command
from django.db import connection

from plateward.accounts.models import Agency
from plateward.devices.models import Device
from plateward.devices.rules import DeviceKind
from plateward.plates.text import LOOK_ALIKES
from plateward.reads import directory, partitions
from plateward.reads.rules import grain_for
from plateward.walls import rights, scope

AGENCY = "barstow-pd"
SOUTH_WEST, BLOCK = (34.85, -117.10), 0.007
"""The city's corner, and how far from each other its cameras stand, in degrees."""
START = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday, so that partitions begin with the city."""

LETTERS = np.frombuffer(b"ABCDEFGHJKLMNPRSTUVWXYZ", "u1")
DIGITS = np.frombuffer(b"0123456789", "u1")
SERIALS = (("DLLLDDD", 0.86), ("LLLDDDD", 0.08), ("LLLDLDL", 0.04), ("DDDLLLD", 0.02))
"""Shapes of plates and their shares: D a digit, L a letter."""
COLORS = ("white", "black", "gray", "silver", "blue", "red", "green", "brown")
MAKES = ("Toyota", "Honda", "Ford", "Chevrolet", "Nissan", "Hyundai", "Kia", "Tesla")
RUSH = np.array([1, 1, 1, 1, 2, 4, 8, 11, 9, 7, 7, 7, 8, 8, 9, 10, 11, 12, 10, 7, 5, 4, 3, 2], float)
"""Traffic of each hour of a day."""
VISITORS = 0.06
"""The share of reads whose plate is a visitor's."""
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

_COPIED = {
    "plate_key": "S7",
    "captured_at": ">i8",
    "id": "V16",
    "agency_id": f"S{len(AGENCY)}",
    "device_id": "V16",
    "received_at": ">i8",
    "stored_at": ">i8",
    "clock_skew_s": ">f8",
    "plate_raw": "S7",
    "plate": "S7",
    "confidence": ">f8",
    "region": "S5",
    "direction": "S8",
    "vehicle": "S50",
    "source_event_id": "S16",
    "model": "S5",
    "payload": "S3",
}
"""The columns that are filled and the bytes of each: every row has the same length."""
_ROW = np.dtype(
    [("fields", ">i2")]
    + [pair for name, kind in _COPIED.items() for pair in ((f"{name}_size", ">i4"), (name, kind))]
)
_FOLD = np.arange(256, dtype="u1")
for _char, _folded in LOOK_ALIKES.items():
    _FOLD[ord(_char)] = ord(_folded)

FOREIGN_KEYS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = 'reads_read'::regclass AND contype = 'f'
"""
INDEXES = ("read_device_time", "read_time")


@dataclass(frozen=True, slots=True)
class City:
    """Its cameras with their shares of the traffic, and its residents' plates from the most seen on."""

    devices: NDArray[Any]
    traffic: NDArray[Any]
    residents: NDArray[Any]
    often: NDArray[Any]


@contextmanager
def scratch_database(*, keep: bool = False, called: str = SCRATCH) -> Iterator[None]:
    """A new, migrated database on the given server; gone afterwards unless it is to be kept."""
    name = sql.Identifier(called)
    connection.settings_dict["NAME"] = called
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            call_command("migrate", verbosity=0)
            raise_walls()
            yield
        finally:
            connection.close()
            if not keep:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def raise_walls() -> None:
    """Give the application the rights that it has in production; the owner alone migrated."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        ((owner,),) = cursor.fetchall()
        rights.apply(cursor, rights.Roles(owner, rights.APPLICATION, rights.INGEST))


@contextmanager
def acting_as(role: str | None) -> Iterator[None]:
    """Have this role's rights; None is the owner."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)) if role else "RESET ROLE")
        cursor.execute("DISCARD TEMP")  # the intake's staging table is its maker's
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


def setup(days: int, cameras: int) -> list[UUID]:
    """An agency, its cameras and the partitions; returns the cameras' ids."""
    agency = Agency.objects.create(id=AGENCY, name="Barstow Police Department", short_name="Barstow PD")
    devices = [
        Device.objects.create(
            agency=agency,
            name=f"Camera {number}",
            kind=DeviceKind.FIXED,
            location=f"Intersection {number}",
            latitude=SOUTH_WEST[0] + number // 20 * BLOCK,
            longitude=SOUTH_WEST[1] + number % 20 * BLOCK,
            owner=agency.name,
            key_sha256=f"{number:064d}",
            key_issued_at=START,
            registered_at=START,
        ).pk
        for number in range(cameras)
    ]
    partitions.ensure(
        (START + timedelta(days=day) for day in range(days)), START, grain_for(timedelta(days=365))
    )
    return devices


def serials(count: int, chance: np.random.Generator) -> NDArray[Any]:
    """Plates as they are issued, `count` rows of seven bytes."""
    shapes = chance.choice(len(SERIALS), count, p=[share for _, share in SERIALS])
    plates = np.empty((count, 7), "u1")
    for number, (shape, _) in enumerate(SERIALS):
        rows = np.flatnonzero(shapes == number)
        for place, kind in enumerate(shape):
            plates[rows, place] = chance.choice(LETTERS if kind == "L" else DIGITS, len(rows))
    return plates


def found_city(devices: list[UUID], reads: int, chance: np.random.Generator) -> City:
    """A city whose residents suffice for so many reads."""
    residents = serials(max(20_000, min(4_000_000, reads // 30)), chance)
    weights = 1 / (np.arange(len(residents)) + 100.0) ** 0.8
    traffic = chance.gamma(1.5, size=len(devices))
    return City(
        devices=np.array([device.bytes for device in devices], "V16"),
        traffic=np.cumsum(traffic / traffic.sum()),
        residents=residents,
        often=np.cumsum(weights / weights.sum()),
    )


def day_of(city: City, day: datetime, count: int, chance: np.random.Generator) -> NDArray[Any]:
    """A day's reads in the order of their time, as rows of a binary COPY."""
    hours = chance.choice(24, count, p=RUSH / RUSH.sum())
    at = np.sort(hours * 3_600_000 + chance.integers(0, 3_600_000, count))
    milliseconds = int(day.timestamp() * 1000) + at
    moments = (milliseconds - int(EPOCH.timestamp() * 1000)) * 1000
    plates = city.residents[np.searchsorted(city.often, chance.random(count))]
    visiting = np.flatnonzero(chance.random(count) < VISITORS)
    plates[visiting] = serials(len(visiting), chance)
    values = {
        "plate_key": _FOLD[plates].view("S7").ravel(),
        "captured_at": moments,
        "id": _ids(milliseconds, chance),
        "agency_id": AGENCY.encode(),
        "device_id": city.devices[np.searchsorted(city.traffic, chance.random(count))],
        "received_at": moments + 900_000,
        "stored_at": moments + 1_200_000,
        "clock_skew_s": -0.9,
        "plate_raw": plates.view("S7").ravel(),
        "plate": plates.view("S7").ravel(),
        "confidence": chance.uniform(0.7, 1, count).round(3),
        "region": b"US-CA",
        "direction": b"RECEDING",
        "vehicle": _vehicles()[chance.integers(0, len(COLORS) * len(MAKES), count)],
        "source_event_id": np.char.mod("%016d", milliseconds * 8 % 10**15 + np.arange(count)).astype("S16"),
        "model": b"bench",
        "payload": b"\x01{}",
    }
    rows = np.zeros(count, _ROW)
    rows["fields"] = len(_COPIED)
    for name, kind in _COPIED.items():
        rows[f"{name}_size"] = np.dtype(kind).itemsize
        rows[name] = values[name]
    return rows


def _ids(milliseconds: NDArray[Any], chance: np.random.Generator) -> NDArray[Any]:
    """UUIDv8s as `reads.rules.read_id` makes them, of chance instead of a hash."""
    made = chance.integers(0, 256, (len(milliseconds), 16), "u1")
    made[:, :6] = milliseconds.astype(">u8").view("u1").reshape(-1, 8)[:, 2:]
    made[:, 6] = 0x80 | made[:, 6] & 0x0F
    made[:, 8] = 0x80 | made[:, 8] & 0x3F
    return made.view("V16").ravel()


def _vehicles() -> NDArray[Any]:
    """The vehicle column in jsonb's binary form, each padded to the same length."""
    texts = [json.dumps({"color": color, "make": make}) for color in COLORS for make in MAKES]
    return np.array([b"\x01" + text.encode().ljust(49) for text in texts], "S50")


def fill(city: City, days: int, reads_a_day: int, chance: np.random.Generator) -> float:
    """Load the reads without indexes, then make these; returns rows a second while loading."""
    copy = f"COPY reads_read ({', '.join(_COPIED)}) FROM STDIN (FORMAT BINARY)"
    took = 0.0
    with connection.cursor() as cursor:
        cursor.execute(FOREIGN_KEYS)
        foreign_keys = cursor.fetchall()
        for name, _ in [("reads_read_pkey", ""), *foreign_keys]:
            cursor.execute(f"ALTER TABLE reads_read DROP CONSTRAINT {name}")
        for index in INDEXES:
            cursor.execute(f"DROP INDEX {index}")
        for day in range(days):
            rows = day_of(city, START + timedelta(days=day), reads_a_day, chance)
            began = time.perf_counter()
            with cursor.cursor.copy(copy) as out:
                out.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
                out.write(rows.tobytes())
                out.write(b"\xff\xff")
            took += time.perf_counter() - began
            told(f"day {day + 1} of {days}, {(day + 1) * reads_a_day:,} reads")
        index_reads(cursor)
        for name, definition in foreign_keys:
            cursor.execute(f"ALTER TABLE reads_read ADD CONSTRAINT {name} {definition}")
    return days * reads_a_day / took


def index_reads(cursor: Any) -> None:
    """Make the indexes partition by partition, so that progress shows, and then the directory of plates."""
    cursor.execute("SET maintenance_work_mem = '512MB'")
    cursor.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'reads_read'::regclass"
    )
    parts = sorted(name for (name,) in cursor.fetchall())
    for number, part in enumerate(parts, start=1):
        cursor.execute(f"ALTER TABLE {part} ADD PRIMARY KEY (plate_key, captured_at, id)")
        cursor.execute(f"CREATE INDEX ON {part} (device_id, captured_at)")
        cursor.execute(f"CREATE INDEX ON {part} (captured_at)")
        told(f"indexes of partition {number} of {len(parts)}")
    # The whole table takes over what its partitions have.
    cursor.execute("ALTER TABLE reads_read ADD PRIMARY KEY (plate_key, captured_at, id)")
    cursor.execute("CREATE INDEX read_device_time ON reads_read (device_id, captured_at)")
    cursor.execute("CREATE INDEX read_time ON reads_read (captured_at)")
    told("directory of plates")
    cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname IN ('plate_grams', 'plate_ending')")
    definitions = [definition for (definition,) in cursor.fetchall()]
    cursor.execute("DROP INDEX plate_grams, plate_ending; SET work_mem = '512MB'")
    directory.rebuild()
    for definition in definitions:
        cursor.execute(definition)
    cursor.execute("RESET work_mem; RESET maintenance_work_mem")
    told("vacuum and statistics")
    cursor.execute("VACUUM ANALYZE reads_read")
    cursor.execute("VACUUM ANALYZE reads_plate")
    told("")


TELL_S = 10.0
_told = {"at": 0.0}


def told(progress: str) -> None:
    """Show what is being done, on one line of a terminal; elsewhere a line every ten seconds."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{progress}", end="", file=sys.stderr, flush=True)
    elif progress and time.monotonic() - _told["at"] > TELL_S:
        _told["at"] = time.monotonic()
        print(progress, file=sys.stderr, flush=True)


def sizes(reads: int) -> None:
    """Print the bytes a read takes, in the table, in each index and in the directory of plates."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT regexp_replace(part.relname, '^reads_read_[0-9]+_?', ''), sum(pg_relation_size(part.oid)),
                   count(*)
            FROM pg_class AS part
            WHERE part.relname ~ '^reads_read_[0-9]' AND part.relkind IN ('r', 'i')
            GROUP BY 1 ORDER BY 2 DESC
            """
        )
        rows = [
            (f"reads {name or 'table'} ({parts})", float(size)) for name, size, parts in cursor.fetchall()
        ]
        for relation in ("reads_plate", "reads_plate_pkey", "plate_grams", "plate_ending"):
            cursor.execute("SELECT pg_relation_size(%s), count(*) FROM reads_plate", [relation])
            size, plates = cursor.fetchone()
            rows.append((f"directory {relation} ({plates:,} plates)", float(size)))
    print(f"\n{'':50}{'MB':>9}{'bytes a read':>14}")
    for label, size in [*rows, ("in all", sum(size for _, size in rows))]:
        print(f"{label:50}{size / 1e6:9.1f}{size / reads:14.1f}")


def build(given: argparse.Namespace) -> int:
    """Make and load the city; returns how many reads it has."""
    chance = np.random.default_rng(given.seed)
    reads = given.days * given.reads_a_day
    city = found_city(setup(given.days, given.cameras), reads, chance)
    began = time.perf_counter()
    rate = fill(city, given.days, given.reads_a_day, chance)
    print(
        f"{reads:,} reads of {given.cameras} cameras over {given.days} days: COPY {rate:,.0f} rows/s, "
        f"all with indexes {time.perf_counter() - began:,.0f} s"
    )
    sizes(reads)
    return reads


def parser(description: str | None) -> argparse.ArgumentParser:
    """The options that say which city."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--days", type=int, default=40)
    made.add_argument("--reads-a-day", type=int, default=250_000)
    made.add_argument("--cameras", type=int, default=200)
    made.add_argument("--seed", type=int, default=1)
    return made


def main() -> None:
    """Make the city, print what it takes."""
    options = parser(__doc__)
    options.add_argument("--keep", action="store_true")
    given = options.parse_args()
    scope.become_system("The bench makes its agency and its reads.")
    with scratch_database(keep=given.keep):
        build(given)


if __name__ == "__main__":
    main()
