"""The detector's network: what it is taught it says, and its model says the same at any size."""

from pathlib import Path

import numpy as np
import pytest
import torch

from platelab.cells import Target, middles
from platelab.detector_network import DetectorNet, DetectorSize
from platelab.evaluate_detector import OnnxDetector
from platelab.export_detector import Shipped, _compare, exported
from platelab.exporting import ExportProblem
from platelab.faces import load_faces
from platelab.finding import matched, plates_in
from platelab.grounds import Ground, quad_of
from platelab.mounting import lay_on
from platelab.pieces import Piece, begin, train
from platelab.scene_batches import SceneBatch, SceneBatches, shape_of, together
from platelab.scenery import Scene, Stock
from platelab.train_detector import looking
from platelab.training import Plan, Trainee, keep, new_trainee, resume, step

CPU = torch.device("cpu")
SIZE = DetectorSize((8, 8, 16, 16, 16, 16), 16)
SMALL = Plan(seed=5, batch=2, rate=5e-3, warming=0, size=SIZE)
NOWHERE = np.zeros((0, 4, 2), np.float32)


def scene_with(x: float, y: float) -> Scene:
    picture = np.full((128, 128), 0.2, np.float32)
    corners = quad_of(x, y, 48, 24)
    lay_on(picture, np.ones((8, 16), np.float32), corners)
    return Scene((picture * 255).astype(np.uint8), (Target(corners),))


@pytest.fixture(scope="module")
def batch() -> SceneBatch:
    return together([scene_with(20, 30), scene_with(60, 80)])


@pytest.fixture
def trainee() -> Trainee:
    """Before its first scene, but with lively outputs."""
    fresh = new_trainee(SMALL, CPU)
    with torch.no_grad():
        fresh.averaged.said.weight.normal_(std=0.5)
        fresh.averaged.said.bias.zero_()
    return fresh


def test_the_full_network_has_a_third_of_a_million_weights() -> None:
    assert 0.15e6 < sum(weight.numel() for weight in DetectorNet(DetectorSize()).parameters()) < 0.4e6


def test_a_silent_network_puts_corners_into_the_middles_of_its_cells() -> None:
    net = DetectorNet(SIZE).eval()
    with torch.no_grad():
        net.said.weight.zero_()
        scores, corners = net(torch.rand(1, 1, 128, 192) * 255)
    places, _ = middles(128, 192)
    assert scores.shape == (1, len(places))
    assert torch.allclose(corners[0], torch.from_numpy(places)[:, None].expand(-1, 4, -1))


def test_plates_learned_again_and_again_are_found_with_their_corners(batch: SceneBatch) -> None:
    trainee = new_trainee(SMALL, CPU)
    for _ in range(80):
        step(trainee, batch)
    for shown in (scene_with(20, 30), scene_with(60, 80)):
        known = [target.corners for target in shown.targets]
        surest, *_ = plates_in(shown.picture, looking(trainee.averaged), 128)
        (seen,), _ = matched([surest], known, exact=True)
        assert seen.found


def test_known_boxes_teach_edges_alone(batch: SceneBatch) -> None:
    net = DetectorNet(SIZE)
    loose = SceneBatch(batch.pictures, batch.said, batch.cells, batch.corners, torch.zeros_like(batch.exact))
    assert net.losses(loose, CPU).parts["corners"] < net.losses(batch, CPU).parts["corners"]


def test_every_batch_has_about_as_many_pixels() -> None:
    pixels = [
        height * width * count for (height, width), count in (shape_of(number, 16) for number in range(8))
    ]
    assert min(pixels) > 0.8 * max(pixels)


def test_two_pieces_end_where_one_long_piece_does(tmp_path: Path) -> None:
    picture = np.random.default_rng(1).integers(0, 255, (200, 300)).astype(np.uint8)
    stock = Stock((Ground("noise", picture, NOWHERE, NOWHERE, NOWHERE),), load_faces(()))

    def piece(folder: str, scenes: int) -> None:
        trainee = begin(tmp_path / folder, SMALL, stock.names)
        batches = SceneBatches(SMALL.seed, SMALL.batch, trainee.batches, stock)
        train(trainee, tmp_path / folder, stock.names, Piece(9, scenes, 9), batches)

    piece("long", 8)
    piece("short", 4)
    piece("short", 4)
    long, short = (resume(tmp_path / name, CPU, stock.names) for name in ("long", "short"))
    assert long.crops == short.crops == 8
    mine, theirs = long.net.state_dict().values(), short.net.state_dict().values()
    assert all(torch.equal(one, other) for one, other in zip(mine, theirs, strict=True))


def test_the_model_says_what_the_network_says_at_any_size(trainee: Trainee, tmp_path: Path) -> None:
    (tmp_path / "detector.onnx").write_bytes(exported(trainee, ("strokes-00",)))
    detector = OnnxDetector(tmp_path / "detector.onnx")
    for height, width in ((64, 64), (192, 320)):
        picture = np.random.default_rng(2).integers(0, 255, (height, width)).astype(np.uint8)
        scores, corners = detector(picture)
        expected, places = looking(trainee.averaged)(picture)
        assert np.allclose(scores, expected, atol=0.02)
        assert np.allclose(corners, places, atol=0.5)


def test_a_model_of_another_network_is_refused(trainee: Trainee) -> None:
    other = Shipped(DetectorNet(SIZE)).eval()
    with pytest.raises(ExportProblem, match="Nothing was written"):
        _compare(other, exported(trainee, ()))


def test_a_kept_detector_comes_back_as_a_detector(trainee: Trainee, tmp_path: Path) -> None:
    keep(trainee, tmp_path, ("strokes-00",))
    again = resume(tmp_path, CPU, None)
    assert isinstance(again.net, DetectorNet)
    assert again.plan == SMALL
