"""Migrations say what was, so they hold words of their own and take none from the product."""

import ast
from pathlib import Path

import pytest

from tests.structure.sources import ROOT

MIGRATIONS = sorted((ROOT / "plateward").glob("*/migrations/[0-9]*.py"))


def imported(path: Path) -> set[str]:
    """The modules that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add("." * node.level + (node.module or ""))
    return names


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: "/".join(path.parts[-3:]))
def test_a_migration_takes_nothing_from_the_code_of_today(path: Path) -> None:
    assert not {name for name in imported(path) if name.startswith((".", "plateward"))}
