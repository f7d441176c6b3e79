"""The state diagrams in docs/reference say what the transition tables say."""

import importlib.util
import sys
from types import ModuleType

import pytest

from tests.structure.sources import ROOT


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("state_diagrams", ROOT / "tools" / "state_diagrams.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_state_diagrams_are_up_to_date(tool: ModuleType) -> None:
    stale = [d.file for d in tool.diagrams() if d.path.read_text(encoding="utf-8") != d.page()]
    assert stale == [], "run python tools/state_diagrams.py"


def test_a_changed_table_is_noticed(tool: ModuleType) -> None:
    entry, *_ = tool.diagrams()
    changed = tool.Diagram(entry.file, entry.title, entry.text, entry.table, entry.arrows[:-1])
    assert changed.page() != entry.page()
    assert "EXPIRED --> [*]" in entry.page()
