"""The scan behind the clause map sees what it must; `make check` says whether the page is current."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("clause_map_tool", ROOT / "tools" / "clause_map.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


SOURCES = {
    "pkg/__init__.py": "",
    "pkg/kernel/__init__.py": "from pkg.kernel.rules import decide\n",
    "pkg/kernel/rules.py": "@enforces('X-1', 'X-2')\ndef decide(): ...\n",
    "pkg/shop/__init__.py": "",
    "pkg/shop/actions.py": "from pkg.kernel import decide as rule\ndef sell(): return rule()\n",
    "pkg/shop/views.py": (
        "from pkg.shop import actions\n"
        "def buy(request): return actions.sell()\n"
        "def about(request): return None\n"
        "class Till:\n    @enforces('X-3')\n    def open(self): ...\n"
    ),
    "pkg/shop/urls.py": (
        "from pkg.shop import views\napp_name = 'shop'\nurlpatterns = [path('buy', views.buy, name='buy'), "
        "path('about', views.about, name='about'), path('till', views.Till.as_view(), name='till')]\n"
    ),
    "pkg/careless.py": "CLAUSES = ('X-1',)\n@enforces(*CLAUSES)\ndef hidden(): ...\n",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for name, text in SOURCES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path / "pkg"


def test_the_scan_finds_markers_on_functions_and_methods(tool: ModuleType, package: Path) -> None:
    found = tool.Source(tool.read_modules(package)).enforcers()
    assert found["X-1"] == ["`pkg.kernel.rules:decide`"]
    assert found["X-3"] == ["`pkg.shop.views:Till.open`"]


def test_a_page_shows_what_its_view_reaches_through_other_modules(tool: ModuleType, package: Path) -> None:
    assert tool.Source(tool.read_modules(package)).pages() == {
        "X-1": ["`shop:buy`"],
        "X-2": ["`shop:buy`"],
        "X-3": ["`shop:till`"],
    }


def test_a_marker_that_is_no_literal_is_reported_and_not_lost(tool: ModuleType, package: Path) -> None:
    assert "*CLAUSES" in tool.Source(tool.read_modules(package)).enforcers()


def test_the_scan_finds_marked_tests(tool: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    text = "@pytest.mark.clause('X-1')\ndef test_it(): ...\n\n\ndef test_other(): ...\n"
    (tmp_path / "rules" / "test_some.py").write_text(text, encoding="utf-8")
    assert tool.tests_by_clause(tmp_path) == {"X-1": ["rules: `test_it`"]}
