"""The repository's files, for the tests in this folder."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


# Built, installed or downloaded; what else lies here is ours.
FOREIGN = {
    ".git",
    ".venv",
    "node_modules",
    "dist",
    "build",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
}


@cache
def tracked() -> tuple[Path, ...]:
    """Every file under version control, as absolute paths; without git, every file that is not foreign."""
    try:
        listed = subprocess.run(
            ["git", "-c", "safe.directory=*", "ls-files", "-z"],  # noqa: S607  git is on the path or absent
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        paths = (path for path in ROOT.rglob("*") if not FOREIGN & set(path.parts))
    else:
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
