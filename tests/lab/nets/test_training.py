"""The reader's training: the same crops whoever draws them, and a piece goes on where the last stopped."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from platelab.batches import Batch, Batches, drawn_by, together
from platelab.camera import HEIGHT, WIDTH
from platelab.faces import Faces, load_faces
from platelab.issuers import REGIONS
from platelab.network import CLASSES, STEPS, ReaderNet, Size
from platelab.pieces import Piece, begin, train
from platelab.samples import sample
from platelab.training import Plan, StateProblem, keep, new_trainee, resume, step

CPU = torch.device("cpu")
SIZE = Size((8, 8, 16), 16, 1, 2)
SMALL = Plan(seed=5, batch=4, warming=0, size=SIZE)


@pytest.fixture(scope="module")
def faces() -> Faces:
    return load_faces(())


@pytest.fixture(scope="module")
def batch(faces: Faces) -> Batch:
    return together([sample(1, number, faces) for number in range(4)])


def same(one: ReaderNet, other: ReaderNet) -> bool:
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(mine, theirs) for mine, theirs in pairs)


def test_the_network_gives_probabilities_for_every_column_and_scores_for_every_region() -> None:
    net = ReaderNet(SIZE).eval()
    columns, regions = net(torch.rand(2, 1, HEIGHT, WIDTH) * 255)
    assert columns.shape == (2, STEPS, CLASSES)
    assert torch.allclose(columns.exp().sum(dim=-1), torch.ones(2, STEPS), atol=1e-4)
    assert regions.shape == (2, len(REGIONS))


def test_exposure_hardly_matters() -> None:
    net = ReaderNet(SIZE).eval()
    picture = torch.rand(1, 1, HEIGHT, WIDTH) * 200 + 20
    bright, dark = net(picture)[0], net(picture * 0.5)[0]
    assert (bright - dark).abs().max() < 0.1


def test_the_full_network_has_about_a_million_weights() -> None:
    assert 0.8e6 < sum(weight.numel() for weight in ReaderNet(Size()).parameters()) < 1.4e6


def test_worker_processes_draw_the_same_batches_in_the_same_order(faces: Faces) -> None:
    batches = Batches(2, 3, 5, faces)
    alone: Iterator[Batch] = drawn_by(0, batches)
    helped: Iterator[Batch] = drawn_by(2, batches)
    for _ in range(4):
        mine, theirs = next(alone), next(helped)
        assert torch.equal(mine.pictures, theirs.pictures)
        assert torch.equal(mine.characters, theirs.characters)


def test_a_batch_learned_again_and_again_is_learned(batch: Batch) -> None:
    trainee = new_trainee(SMALL, CPU)
    losses = [sum(step(trainee, batch).values()) for _ in range(25)]
    assert losses[-1] < losses[0] * 0.6
    assert trainee.crops == 25 * 4


def test_two_pieces_end_where_one_long_piece_does(faces: Faces, tmp_path: Path) -> None:
    def piece(folder: str, crops: int) -> None:
        trainee = begin(tmp_path / folder, SMALL, faces.names)
        batches = Batches(SMALL.seed, SMALL.batch, trainee.batches, faces)
        train(trainee, tmp_path / folder, faces.names, Piece(9, crops, 9), drawn_by(0, batches))

    piece("long", 16)
    piece("short", 8)
    piece("short", 8)
    long, short = (resume(tmp_path / name, CPU, faces.names) for name in ("long", "short"))
    assert long.crops == short.crops == 16
    assert same(long.net, short.net)
    assert same(long.averaged, short.averaged)


def test_other_faces_refuse_to_go_on(tmp_path: Path) -> None:
    keep(new_trainee(SMALL, CPU), tmp_path, ("strokes-00", "oswald"))
    with pytest.raises(StateProblem, match=r"oswald.*Name the same folders"):
        resume(tmp_path, CPU, ("strokes-00",))


def test_the_average_follows_the_trained_weights(batch: Batch) -> None:
    trainee = new_trainee(SMALL, CPU)
    assert same(trainee.net, trainee.averaged)
    for _ in range(3):
        step(trainee, batch)
    assert not same(trainee.net, trainee.averaged)
