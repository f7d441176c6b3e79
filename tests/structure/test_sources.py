"""House rules that no linter knows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.structure.sources import ROOT, python, shown, tracked

SUPPRESSION = re.compile(r"#\s*(noqa: [A-Z]+\d+(?:, ?[A-Z]+\d+)*|type: ignore\[[a-z-]+(?:, ?[a-z-]+)*\])(.*)")
NAKED = re.compile(r"#\s*(?:noqa(?!: [A-Z])|type: ignore(?!\[))")
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
CLOCKS |= {("timezone", "now"), ("time", "time"), ("time", "monotonic"), ("time", "perf_counter")}
# Written apart, so that this file does not contain what it looks for.
UNWANTED = {
    "a package index's address": re.compile(
        "(pypi|files)" + r"\.(org|pythonhosted)|registry\." + "npmjs|/simple" + "/?$"
    ),
    "a path of somebody's machine": re.compile(r"(?<![\w.-])/(?:" + "work|tmp/pw|root/\\.pyenv" + r")(?=/)"),
    "a private key": re.compile("-----BEGIN [A-Z ]*PRIVATE" + " KEY-----"),
}
TEXTS = {
    ".py",
    ".md",
    ".txt",
    ".toml",
    ".yaml",
    ".yml",
    ".json",
    ".html",
    ".ts",
    ".js",
    ".css",
    ".scss",
    ".in",
    ".cfg",
    ".sh",
    "",
}


def texts() -> Iterator[tuple[Path, str]]:
    for path in tracked():
        if path.suffix in TEXTS:
            yield path, path.read_text(encoding="utf-8", errors="ignore")


def places(path: Path, pattern: re.Pattern[str], text: str) -> list[str]:
    return [
        f"{shown(path)}:{number}" for number, line in enumerate(text.splitlines(), 1) if pattern.search(line)
    ]


def test_nothing_in_the_repository_names_a_package_index_or_one_persons_machine() -> None:
    found = [
        f"{place}: {what}"
        for path, text in texts()
        for what, pattern in UNWANTED.items()
        for place in places(path, pattern, text)
    ]
    assert found == []


def test_pages_load_nothing_from_elsewhere_and_hold_no_inline_code() -> None:
    foreign = re.compile(
        r"""(?:src|href|action)=["'](?:https?:)?//|<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|hx-on""",
        re.IGNORECASE,
    )
    pages = [(path, text) for path, text in texts() if path.suffix == ".html"]
    assert [place for path, text in pages for place in places(path, foreign, text)] == []


def test_every_suppressed_warning_gives_its_reason() -> None:
    found = []
    for path in python("plateward", "tests", "tools", "bench", "platelab"):
        reasoned: dict[str, int] = {}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = SUPPRESSION.search(line)
            # One reason is enough for a block of lines with the same suppression.
            if match and (re.search(r"[a-z]{3}", match[2]) or number - reasoned.get(match[1], -9) <= 3):
                reasoned[match[1]] = number
            elif match or NAKED.search(line):
                found.append(f"{shown(path)}:{number}: {line.strip()}")
    assert found == [], "\n".join(found)


def test_rules_never_look_at_the_clock() -> None:
    pure = [path for path in python("plateward") if path.name == "rules.py"]
    pure += python("plateward/plates", "plateward/policy", "plateward/ledger")
    found = [
        f"{shown(path)}:{node.lineno}"
        for path in pure
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in CLOCKS
    ]
    assert found == []


def test_the_day_of_now_is_some_calendars_never_of_the_instant_as_it_comes() -> None:
    """An instant comes in UTC, where tomorrow begins in an agency's afternoon: say whose day is meant."""
    found = [
        f"{shown(path)}:{node.lineno}: {ast.unparse(node)}"
        for path in python("plateward", "tests", "bench")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "date"
        and not node.args
        and _is_now(node.func.value)
    ]
    assert found == []


def _is_now(node: ast.expr) -> bool:
    """Whether this is `now`, `one.now`, `timezone.now()`, or so much before or after it."""
    match node:
        case (
            ast.Name(id="now") | ast.Attribute(attr="now") | ast.Call(func=ast.Attribute(attr="now"), args=[])
        ):
            return True
        case ast.BinOp(left=left):
            return _is_now(left)
    return False


def test_links_between_documents_lead_somewhere() -> None:
    link = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
    found = [
        f"{shown(path)}: {target}"
        for path, text in texts()
        if path.suffix == ".md" and (path.parent == ROOT or ROOT / "docs" in path.parents)
        for target in link.findall(text)
        if not (path.parent / target).exists()
    ]
    assert found == []


def test_commands_in_the_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    commands = {path.stem.replace("_", "-") for path in (ROOT / "plateward/config/commands").glob("[!_]*.py")}
    found = []
    for path, text in texts():
        if path.suffix == ".md" and (path.parent == ROOT or path.parent.name == "howto"):
            found += [
                f"{shown(path)}: make {name}"
                for name in re.findall(r"`make ([a-z-]+)", text)
                if name not in targets
            ]
            found += [
                f"{shown(path)}: plateward {name}"
                for name in re.findall(r"`plateward ([a-z][a-z-]*)", text)
                if name not in commands
            ]
    assert found == []
