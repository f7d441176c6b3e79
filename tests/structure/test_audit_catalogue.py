"""Every verb of the journal has its sentence, and the catalogue tells the truth about both."""

import importlib.util
from types import ModuleType

import pytest

from plateward.audit.sentences import SENTENCES
from tests.structure.sources import ROOT


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit_catalogue", ROOT / "tools" / "audit_catalogue.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_verb_has_a_sentence(tool: ModuleType) -> None:
    speechless = {verb: paths for verb, paths in tool.verbs().items() if verb not in SENTENCES}
    assert speechless == {}, "give each a sentence in plateward/audit/sentences.py"


def test_every_sentence_has_a_verb_that_is_written(tool: ModuleType) -> None:
    assert set(SENTENCES) - set(tool.verbs()) == set()


def test_no_verb_is_put_together_where_the_scan_cannot_see_it(tool: ModuleType) -> None:
    assert tool.assembled() == []


def test_catalogue_is_up_to_date(tool: ModuleType) -> None:
    assert tool.CATALOGUE.read_text(encoding="utf-8") == tool.catalogue(), (
        "run python tools/audit_catalogue.py"
    )
