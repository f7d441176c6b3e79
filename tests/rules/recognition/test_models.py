from pathlib import Path

import pytest

from plateward.recognition import ModelProblem, models
from plateward.recognition.models import Model, checked_bytes, default_threads


def test_a_missing_model_is_a_clear_failure_and_never_a_download() -> None:
    with pytest.raises(ModelProblem, match=r"cannot be read .* Nothing is downloaded"):
        checked_bytes(Model("no-such-model.onnx", "0" * 64))


def test_another_model_than_the_measured_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "changed.onnx").write_bytes(b"another network")
    monkeypatch.setattr(Model, "path", property(lambda model: tmp_path / model.name))
    with pytest.raises(ModelProblem, match=f"expects {'0' * 64}"):
        checked_bytes(Model("changed.onnx", "0" * 64))


def test_without_the_package_that_carries_them_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(models.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ModelProblem, match="pip install -r requirements"):
        checked_bytes(models.TEXT_READING)


def test_threads_come_from_the_environment_and_are_one_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(models.THREADS_VARIABLE, raising=False)
    assert default_threads() == 1
    monkeypatch.setenv(models.THREADS_VARIABLE, "3")
    assert default_threads() == 3


@pytest.mark.parametrize("value", ["0", "-1", "many", "", "1.5"])
def test_a_senseless_number_of_threads_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(models.THREADS_VARIABLE, value)
    with pytest.raises(ModelProblem, match="whole number from 1"):
        default_threads()


def test_the_names_of_all_networks_fit_what_a_read_keeps() -> None:
    assert len("+".join(model.short for model in models.MODELS)) <= 100
