"""Write or check docs/reference/clause-map.md from the source text, without importing what it scans.

python tools/clause_map.py --write
python tools/clause_map.py --check
"""

import argparse
import ast
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from plateward.policy import Profile, load_profile
from plateward.policy.clause_map import Evidence, problems_of_index, read_index, render

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "reference" / "clause-map.md"
AGENCIES = ("barstow-pd", "huntington-park-pd")

Names = dict[str, list[str]]
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Module:
    """One source file: what its names stand for, and what its top-level definitions mention and enforce."""

    name: str
    tree: ast.Module
    aliases: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)


def read_modules(folder: Path) -> dict[str, Module]:
    """Parse every file of a package; keys are dotted module names."""
    modules = {}
    for file in sorted(folder.rglob("*.py")):
        parts = file.relative_to(folder.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        modules[name] = _module(name, ast.parse(file.read_text(encoding="utf-8")))
    return modules


def _module(name: str, tree: ast.Module) -> Module:
    module = Module(name, tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            module.aliases |= {item.asname or item.name: f"{node.module}.{item.name}" for item in node.names}
        elif isinstance(node, ast.Import):
            module.aliases |= {item.asname: item.name for item in node.names if item.asname}
    module.definitions = {node.name: node for node in tree.body if isinstance(node, Definition)}
    return module


def literal_arguments(decorators: Iterable[ast.expr], name: str) -> Iterator[str]:
    """Yield the strings given to decorators whose last name is `name`."""
    for decorator in decorators:
        if isinstance(decorator, ast.Call) and dotted(decorator.func).split(".")[-1] == name:
            yield from map(_written, decorator.args)


def _written(argument: ast.expr) -> str:
    """The string itself; anything else as it is written, which is no clause and so gets reported."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    return ast.unparse(argument)


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for a chain of names, "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (front := dotted(node.value)):
        return f"{front}.{node.attr}"
    return ""


class Source:
    """The package's definitions as a graph: who mentions whom, who enforces what."""

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self.modules = modules

    def resolve(self, module: Module, name: str) -> str:
        """Return "module:definition" that a dotted name in `module` stands for, "" when it is not ours."""
        head, _, rest = name.partition(".")
        if head in module.definitions:
            return f"{module.name}:{head}"
        target = module.aliases.get(head)
        return self._find(f"{target}.{rest}" if rest else target) if target else ""

    def _find(self, path: str) -> str:
        parts = path.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            if module := self.modules.get(".".join(parts[:cut])):
                return self.resolve(module, ".".join(parts[cut:]))
        return ""

    def enforcers(self) -> Names:
        """Names of what is marked with `@enforces`, by clause."""
        found: Names = defaultdict(list)
        for module in self.modules.values():
            for name, definition in module.definitions.items():
                for clause, where in _marked(name, definition):
                    found[clause].append(f"`{module.name.removeprefix('plateward.')}:{where}`")
        return found

    def pages(self) -> Names:
        """URL names whose view reaches code that enforces a clause, by clause."""
        found: Names = defaultdict(list)
        for page, view in sorted(self._urls()):
            for clause in sorted({clause for node in self._reach(view) for clause in self._clauses(node)}):
                found[clause].append(f"`{page}`")
        return found

    def _clauses(self, node: str) -> Iterator[str]:
        module, _, name = node.partition(":")
        yield from (clause for clause, _ in _marked(name, self.modules[module].definitions[name]))

    def _urls(self) -> Iterator[tuple[str, str]]:
        for module in self.modules.values():
            if module.name.endswith(".urls"):
                app = next(_constants(module.tree, "app_name"), "")
                for name, view in _routes(module.tree):
                    if target := self.resolve(module, view):
                        yield f"{app}:{name}" if app else name, target

    def _reach(self, start: str) -> set[str]:
        seen: set[str] = set()
        open_nodes = [start]
        while open_nodes:
            node = open_nodes.pop()
            if node not in seen:
                seen.add(node)
                open_nodes += self._mentions(node)
        return seen

    def _mentions(self, node: str) -> set[str]:
        module_name, _, name = node.partition(":")
        module = self.modules[module_name]
        inner = ast.walk(module.definitions[name])
        chains = {dotted(part) for part in inner if isinstance(part, ast.Name | ast.Attribute)}
        return {found for chain in chains if chain and (found := self.resolve(module, chain))}


def _marked(name: str, definition: Definition) -> Iterator[tuple[str, str]]:
    yield from ((clause, name) for clause in literal_arguments(definition.decorator_list, "enforces"))
    if isinstance(definition, ast.ClassDef):
        for part in definition.body:
            if isinstance(part, Function):
                yield from _marked(f"{name}.{part.name}", part)


def _constants(tree: ast.Module, name: str) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            yield from (str(node.value.value) for target in node.targets if dotted(target) == name)


def _routes(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and dotted(node.func) in {"path", "re_path"}:
            named = [key.value for key in node.keywords if key.arg == "name"]
            if named and isinstance(named[0], ast.Constant) and len(node.args) > 1:
                view = node.args[1]
                called = view.func if isinstance(view, ast.Call) else view
                yield str(named[0].value), dotted(called).removesuffix(".as_view")


def tests_by_clause(folder: Path) -> Names:
    """Names of tests marked `@pytest.mark.clause`, and of each agency's example cases, by clause."""
    found: Names = defaultdict(list)
    for file in sorted(folder.rglob("test_*.py")):
        tier = file.relative_to(folder).parts[0]
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, Function) and node.name.startswith("test_"):
                for clause in literal_arguments(node.decorator_list, "clause"):
                    found[clause].append(f"{tier}: `{node.name}`")
    return found


def cases_by_clause(policies: Path) -> Names:
    """How many example cases each clause decides, by clause."""
    found: Names = {}
    for agency in AGENCIES:
        answers: dict[str, list[str]] = defaultdict(list)
        for case in yaml.safe_load((policies / agency / "cases.yaml").read_bytes()):
            answers[case["clause"]].append(case["expect"])
        for clause, given in answers.items():
            if clause:
                cases = "1 case" if len(given) == 1 else f"{len(given)} cases"
                found[clause] = [f"policy: {cases}, {given.count('deny')} refused"]
    return found


def profiles(policies: Path) -> list[Profile]:
    """Load both agencies' profiles."""
    return [
        load_profile(*((policies / agency / name).read_bytes() for name in ("profile.yaml", "clauses.yaml")))
        for agency in AGENCIES
    ]


def build(root: Path = ROOT) -> str:
    """Return the map for the tree at `root`; exits naming what is wrong with the clauses' ids."""
    source = Source(read_modules(root / "plateward"))
    tests, cases = tests_by_clause(root / "tests"), cases_by_clause(root / "policies")
    merged = {
        clause: [*cases.get(clause, []), *tests.get(clause, [])] for clause in cases.keys() | tests.keys()
    }
    evidence = Evidence(source.enforcers(), merged, source.pages())
    index = read_index(yaml.safe_load((root / "policies" / "clause-index.yaml").read_bytes()))
    agencies = profiles(root / "policies")
    if problems := problems_of_index(index, agencies, evidence):
        sys.exit("\n".join(problems))
    return render(index, agencies, evidence)


def main() -> None:
    """Write the map, or say whether it is up to date."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", action="store_true", help="write the map")
    mode.add_argument("--check", action="store_true", help="fail if the map is not up to date")
    wanted = build()
    if parser.parse_args().write:
        TARGET.write_text(wanted, encoding="utf-8")
    elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != wanted:
        sys.exit(f"{TARGET.relative_to(ROOT)} is not up to date. Run: python tools/clause_map.py --write")


if __name__ == "__main__":
    main()
