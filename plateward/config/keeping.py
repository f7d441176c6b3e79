"""Keys in files of their owner's alone."""

import os
from pathlib import Path


def written_beside(path: Path, text: str) -> Path:
    """The new key beside its place; it moves there once it was announced."""
    made = path.with_name(f".{path.name}.next")
    made.unlink(missing_ok=True)
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    return made
