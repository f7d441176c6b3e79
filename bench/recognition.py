"""Measure recognition on folders of labelled photographs: Plateward and its peers in one table.

    python bench/recognition.py FOLDER… [--systems plateward frames own v6 v4] [--v4-python PYTHON]
        [--cache FOLDER] [--limit N] [--misses] [--write docs/recognition.md]

Each folder holds `labels.csv` with columns `file`, `plate` and, unless the whole photograph is the plate,
its box `x,y,w,h`. Answers are kept in the cache by system, version and photograph: a long run may be
broken off and goes on. Delete the cache to measure anew. Times are meant for a quiet machine. `v4` needs the
interpreter of an environment with `rapidocr-onnxruntime==1.4.4`. With `--write` the tables replace what
stands between the marks in that file.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from recognition_scores import Case, Outcome, judged
from recognition_tables import tables

from plateward.recognition import models

ROOT = Path(__file__).resolve().parents[1]

SYSTEMS = ("plateward", "frames", "own", "v6", "v4")
BEGIN, END = "<!-- figures: python bench/recognition.py -->", "<!-- end of figures -->"


def labelled(folder: Path, limit: int | None) -> list[Case]:
    """The photographs of a folder with what is known of them; ends the program where it has no labels."""
    labels = folder / "labels.csv"
    if not labels.is_file():
        sys.exit(
            f"{labels} is absent. The photographs are not part of this repository: "
            "give a folder of your own with pictures and a labels.csv (columns file, plate, and x, y, w, h)."
        )
    with labels.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[:limit]
    if not rows:
        sys.exit(f"{labels} lists no photographs.")
    missing = [row["file"] for row in rows if not (folder / row["file"]).is_file()]
    if missing:
        sys.exit(f"{labels} names {missing[0]} and {len(missing) - 1} more that are not there.")
    return [Case.of(folder, row) for row in rows]


def answers(system: str, python: str, cache: Path, cases: Sequence[Case]) -> Iterator[Outcome]:
    """What a system says to each photograph, from the cache or from a process of its own."""
    kept = cache / f"{system}-{_version(system)}.jsonl"
    known = {one["file"]: one for one in _lines(kept)}
    missing = [case for case in cases if str(case.path) not in known]
    if missing:
        for one in _asked(system, python, kept, missing):
            known[one["file"]] = one
            print(f"\r{system}: {len(known)} of {len(cases)}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
    return (judged(case, known[str(case.path)]) for case in cases)


def _asked(system: str, python: str, kept: Path, cases: Sequence[Case]) -> Iterator[dict[str, object]]:
    worker = [python, str(ROOT / "bench" / "recognition_worker.py"), system]
    # The paths go through a file: a pipe of two directions could fill up on both sides.
    asked = kept.with_suffix(".paths")
    asked.write_text("".join(f"{case.path}\n" for case in cases), encoding="utf-8")
    with asked.open() as paths, kept.open("a", encoding="utf-8") as file:
        running = subprocess.Popen(worker, stdin=paths, stdout=subprocess.PIPE, text=True, cwd=ROOT)  # noqa: S603  ours
        for line in running.stdout or ():
            file.write(line)
            file.flush()
            yield json.loads(line)
    if running.wait():
        sys.exit(f"The worker of {system} ended with status {running.returncode}; see above.")


def _lines(path: Path) -> Iterator[dict[str, object]]:
    if path.is_file():
        with path.open(encoding="utf-8") as file:
            # A killed run leaves half a line behind.
            yield from (json.loads(line) for line in file if line.endswith("}\n"))


def _version(system: str) -> str:
    """Whatever changes answers changes this."""
    if system == "v4":
        return "rapidocr-onnxruntime"
    if system == "v6":
        return f"rapidocr-{version('rapidocr')}"
    parts = [model.sha256 for model in models.MODELS]
    folder = ROOT / "plateward" / "recognition"
    parts += [path.read_text("utf-8") for path in sorted(folder.glob("*.py"))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def write(path: Path, text: str) -> None:
    """Put the tables between the marks of a document."""
    document = path.read_text("utf-8")
    if BEGIN not in document or END not in document:
        sys.exit(f"{path} has no marks {BEGIN} and {END}.")
    before, after = document.partition(BEGIN)[0], document.partition(END)[2]
    path.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", "utf-8")


def main() -> None:
    """Read the arguments, measure, report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=["plateward", "frames", "own", "v6"])
    parser.add_argument("--v4-python", help="interpreter that has rapidocr-onnxruntime 1.4.4")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "plateward-bench")
    parser.add_argument("--limit", type=int, help="only the first N photographs of each folder")
    parser.add_argument(
        "--misses", action="store_true", help="list what Plateward read wrongly, surest first"
    )
    parser.add_argument("--write", type=Path, help="document whose tables are replaced")
    chosen = parser.parse_args()
    if "v4" in chosen.systems and not chosen.v4_python:
        parser.error("v4 needs --v4-python: an interpreter that has rapidocr-onnxruntime 1.4.4")
    chosen.cache.mkdir(parents=True, exist_ok=True)
    folders = {folder.name: labelled(folder.resolve(), chosen.limit) for folder in chosen.folders}
    every = [case for cases in folders.values() for case in cases]
    outcomes = {
        system: list(
            answers(system, chosen.v4_python if system == "v4" else sys.executable, chosen.cache, every)
        )
        for system in chosen.systems
    }
    text = tables(folders, outcomes)
    print(text)
    if chosen.write:
        write(chosen.write, text)
    if chosen.misses:
        _list_misses(outcomes[chosen.systems[0]])


def _list_misses(outcomes: Sequence[Outcome]) -> None:
    for one in sorted(outcomes, key=lambda each: -each.confidence):
        if not one.folded:
            said = f"{one.text} {one.confidence:.0%}" if one.text else "nothing"
            print(f"  {one.case.path.parent.name}/{one.case.path.name}: {one.case.plate} read as {said}")


if __name__ == "__main__":
    main()
