"""Run everything in bench/ on a PostgreSQL of its own, durable as in production, and remove it afterwards.

Usage: python tools/bench.py [FOLDER], where FOLDER holds photographs with labels.csv, for recognition.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from plateward.config.database import EmbeddedDatabase  # noqa: E402  the repository is on the path only now
from plateward.config.system import own_command  # noqa: E402  the same
from plateward.config.values import ROOT_DATA  # noqa: E402  the same
from plateward.walls.rights import APPLICATION  # noqa: E402  the same

ON_A_DATABASE = (
    "ingest.py",
    "alert_latency.py",
    "search.py",
    "matching.py",
    "walls.py",
    "ledger.py",
    "packages.py",
    "purge.py",
)
SMALLER: Mapping[str, tuple[str, ...]] = {
    "search.py": ("--days", "4", "--runs", "20", "--plain", "2"),
    "matching.py": ("--entries", "100000", "--reads", "50000"),
    "purge.py": ("--days", "4"),
}
"""A city of few days and a short list; `python bench/search.py --days 365` is a year, and takes hours."""


@contextmanager
def database() -> Iterator[Mapping[str, str]]:
    """The environment of a migrated database whose role may make more of them."""
    base = ROOT_DATA if os.geteuid() == 0 else Path(tempfile.gettempdir())
    base.mkdir(mode=0o710, exist_ok=True)
    data = Path(tempfile.mkdtemp(prefix="plateward-bench-", dir=base))
    try:
        with EmbeddedDatabase(data) as running:
            with running.connect() as connection:
                connection.execute("ALTER ROLE plateward CREATEDB")
                connection.execute(f"GRANT {APPLICATION} TO plateward")  # bench/walls.py takes its place
            env = {**os.environ, "DATABASE_URL": running.url, "PLATEWARD_DATA": str(data)}
            migrate = own_command("manage", "migrate", "--no-input", "-v", "0")
            subprocess.run(migrate, env=env, cwd=ROOT, check=True)  # noqa: S603  ours
            yield env
    finally:
        shutil.rmtree(data, ignore_errors=True)


def measure(script: str, env: Mapping[str, str], *arguments: str) -> None:
    """Run one script; its figures go to the terminal."""
    print(f"\n» bench/{script}", flush=True)
    command = [sys.executable, str(ROOT / "bench" / script), *arguments]
    subprocess.run(command, env=dict(env), cwd=ROOT, check=True)  # noqa: S603  ours


def main(arguments: list[str]) -> None:
    """Run them all."""
    with database() as env:
        for script in ON_A_DATABASE:
            measure(script, env, *SMALLER.get(script, ()))
    if arguments:
        measure("recognition.py", os.environ, arguments[0])
    else:
        print("\nRecognition was not measured: make bench PHOTOS=folder-with-labels.csv")


if __name__ == "__main__":
    main(sys.argv[1:])
