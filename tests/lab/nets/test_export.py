"""What leaves the laboratory: weights to go on from, a model that computes the same, and its card."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from platelab.camera import HEIGHT, WIDTH
from platelab.evaluate_reader import OnnxReader, main
from platelab.export_reader import _compare, exported
from platelab.export_reader import main as export
from platelab.exporting import ExportProblem
from platelab.faces import load_faces
from platelab.issuers import REGIONS
from platelab.network import ReaderNet, Size
from platelab.pieces import begin
from platelab.samples import sample
from platelab.scoring import decoded
from platelab.training import Plan, Trainee, keep, new_trainee, rate_of
from platelab.weights import load_weights, save_weights

CPU = torch.device("cpu")
SIZE = Size((16, 16, 32), 32, 1, 2)
SMALL = Plan(seed=5, batch=4, warming=100, size=SIZE)


@pytest.fixture
def trainee() -> Trainee:
    """Before its first crop, but with lively outputs."""
    fresh = new_trainee(SMALL, CPU)
    with torch.no_grad():
        fresh.averaged.characters.weight.mul_(8)
    fresh.crops = 4000
    return fresh


def test_the_model_reads_what_the_network_reads(trainee: Trainee, tmp_path: Path) -> None:
    (tmp_path / "reader.onnx").write_bytes(exported(trainee, ("strokes-00",)))
    reader = OnnxReader(tmp_path / "reader.onnx")
    faces = load_faces(())
    for number in range(4):
        picture = sample(9, number, faces).picture
        with torch.no_grad():
            columns, regions = trainee.averaged(torch.from_numpy(picture)[None, None].float())
        found, region = reader.read(picture)
        assert decoded(found).text == decoded(columns[0].numpy()).text
        assert region == REGIONS[int(regions[0].argmax())]


def test_a_model_of_another_network_is_refused(trainee: Trainee) -> None:
    other = ReaderNet(SIZE).eval()
    with pytest.raises(ExportProblem, match="Nothing was written"):
        _compare(other, exported(trainee, ()))


def test_training_goes_on_from_weights_of_half_precision(trainee: Trainee, tmp_path: Path) -> None:
    save_weights(trainee, ("strokes-00",), tmp_path / "reader.npz")
    again, made = load_weights(tmp_path / "reader.npz", CPU)
    assert (made.crops, made.faces, again.plan) == (4000, ("strokes-00",), SMALL)
    for mine, theirs in zip(again.net.parameters(), trainee.averaged.parameters(), strict=True):
        assert torch.allclose(mine, theirs, atol=2e-2, rtol=2e-3)
    assert rate_of(again) < SMALL.rate / 10, "the optimizer is new, so the rate warms up again"


def test_another_computer_may_go_on_with_larger_batches(trainee: Trainee, tmp_path: Path) -> None:
    save_weights(trainee, ("strokes-00",), tmp_path / "reader.npz")
    again, _ = load_weights(tmp_path / "reader.npz", CPU, Plan(seed=6, batch=16, rate=0.004))
    assert (again.plan.batch, again.plan.rate) == (16, 0.004)
    assert (again.plan.seed, again.plan.size, again.batches) == (5, SMALL.size, 250)


def test_weights_are_taken_up_only_where_no_state_is_kept(trainee: Trainee, tmp_path: Path) -> None:
    faces = load_faces(())
    save_weights(trainee, faces.names, tmp_path / "reader.npz")
    assert begin(tmp_path, SMALL, faces.names, tmp_path / "reader.npz").crops == 4000
    trainee.crops = 8000
    keep(trainee, tmp_path, faces.names)
    assert begin(tmp_path, SMALL, faces.names, tmp_path / "reader.npz").crops == 8000


def test_the_card_says_what_was_measured(trainee: Trainee, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "car.png"), np.full((HEIGHT, WIDTH), 90, np.uint8))
    (tmp_path / "labels.csv").write_text("file,state,plate\ncar.png,wy,8ABC123\n", encoding="utf-8")
    keep(trainee, tmp_path, load_faces(()).names)
    export(["--from", str(tmp_path / "state.pt"), "--out", str(tmp_path / "reader.onnx")])
    arguments = ["--model", str(tmp_path / "reader.onnx"), "--photographs", str(tmp_path)]
    main([*arguments, "--card", str(tmp_path / "card.md"), "--misread", str(tmp_path / "misread.png")])
    card = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert "4,000 drawn crops (seed 5, 4 in a step: 1,000 steps)" in card
    assert f"| {tmp_path.name} | 1 | this reader | 0.000 (0.00–0.79) | 0.000 (0.00–0.79) |" in card
    assert f"| {tmp_path.name} | 1 | present reader | 0.000 (0.00–0.79) |" in card
    assert (tmp_path / "misread.png").exists()
