"""The repository's files, for the tests in this folder."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def tracked() -> tuple[Path, ...]:
    """Every file under version control, as absolute paths."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607  git is on the path where the repository is
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    paths = (ROOT / name for name in listed.decode().split("\0") if name)
    return tuple(path for path in paths if path.is_file())


@cache
def python(*folders: str) -> tuple[Path, ...]:
    """Python files below the folders, migrations (which are generated) left out."""
    roots = [ROOT / folder for folder in folders]
    return tuple(
        path
        for path in tracked()
        if path.suffix == ".py"
        and "migrations" not in path.parts
        and any(root in path.parents for root in roots)
    )


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))
