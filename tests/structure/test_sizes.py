"""Small files and small functions, measured on every change (the budget is in CONTRIBUTING.md)."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

from tests.structure.sources import python, shown

PRODUCT = python("plateward", "platelab", "tools", "bench")
TESTS = python("tests")


def lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{shown(path)}:{node.lineno} {node.name}", _length(node)


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, without the docstring."""
    first = node.body[0]
    told = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if told else 0
    return (node.end_lineno or 0) - node.lineno + 1 - docstring


def test_no_file_of_the_product_is_longer_than_600_lines() -> None:
    assert [shown(path) for path in PRODUCT if lines(path) > 600] == []


def test_no_test_file_is_longer_than_800_lines() -> None:
    assert [shown(path) for path in TESTS if lines(path) > 800] == []


def test_nine_files_in_ten_have_at_most_350_lines() -> None:
    assert quantiles(map(lines, PRODUCT), n=10)[-1] <= 350


def test_the_median_function_has_at_most_nine_lines() -> None:
    assert median(length for path in PRODUCT for _, length in functions(path)) <= 9


def test_nineteen_functions_in_twenty_have_at_most_fifty_lines() -> None:
    measured = sorted(((length, name) for path in PRODUCT for name, length in functions(path)), reverse=True)
    assert quantiles((length for length, _ in measured), n=20)[-1] <= 50, measured[:10]
