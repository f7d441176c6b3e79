"""The files of plain Python that packages and discs carry, so that checking needs nothing of ours."""

import ast
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

from plateward.evidence import package_verifier
from plateward.ledger import verifier as ledger_verifier

_LEFT_OUT = ("main", "_is_proof", "check_proof")
"""What of the journal's verifier serves its command line alone, or has a namesake here."""


@cache
def verify_file() -> bytes:
    """The package's verifier with the journal's in the place where it imports it: one file."""
    own = Path(package_verifier.__file__).read_text(encoding="utf-8")
    lines = own.splitlines(keepends=True)
    imported = next(node for node in ast.parse(own).body if _imports(node, ledger_verifier))
    assert imported.end_lineno is not None  # noqa: S101  a parsed statement has its lines
    before, after = lines[: imported.lineno - 1], lines[imported.end_lineno :]
    return "".join([*before, "\n", _body(ledger_verifier), "\n", *after]).encode()


def _imports(node: ast.stmt, module: ModuleType) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == module.__name__


def _body(module: ModuleType) -> str:
    """A module's text without its docstring, what it imports from the future, and its command line."""
    text = Path(str(module.__file__)).read_text(encoding="utf-8")
    lines: Sequence[str] = text.splitlines(keepends=True)
    kept: list[str] = []
    at = 0
    for node in ast.parse(text).body:
        end = node.end_lineno or node.lineno
        if not _is_left_out(node):
            kept += lines[at:end]
        at = end
    return "".join(kept)


def _is_left_out(node: ast.stmt) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module == "__future__"
    if isinstance(node, ast.FunctionDef):
        return node.name in _LEFT_OUT
    return isinstance(node, (ast.Expr, ast.If))
