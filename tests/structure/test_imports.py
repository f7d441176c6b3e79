from importlinter.cli import lint_imports

from tests.structure.sources import ROOT


def test_folders_import_in_the_declared_direction_only() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_logo=True, no_cache=True) == 0
