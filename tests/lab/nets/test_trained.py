"""The weights kept in the repository read and find plates."""

import numpy as np
import torch

from platelab.drawing import Mask
from platelab.faces import load_faces
from platelab.finding import matched, plates_in
from platelab.grounds import Ground, quad_of
from platelab.samples import sample
from platelab.scenery import Stock, scene
from platelab.scoring import decoded
from platelab.train_detector import looking
from platelab.weights import load_weights
from tests.structure.sources import ROOT

TRAINED = ROOT / "platelab" / "trained"
CPU = torch.device("cpu")
NOWHERE: Mask = np.zeros((0, 4, 2), np.float32)


def test_the_kept_weights_read_most_easy_crops() -> None:
    faces = load_faces(())
    drawn = [sample(77, number, faces) for number in range(40)]
    trainee, made = load_weights(TRAINED / "reader.npz", CPU)
    pictures = torch.from_numpy(np.stack([one.picture for one in drawn])[:, np.newaxis]).float()
    with torch.no_grad():
        columns = trainee.averaged(pictures)[0].numpy()
    right = sum(decoded(one).text == each.text for one, each in zip(columns, drawn, strict=True))
    assert right >= 24
    assert made.crops == trainee.crops


def test_the_kept_weights_find_most_drawn_plates() -> None:
    trainee, _ = load_weights(TRAINED / "detector.npz", CPU)
    gray = np.tile(np.linspace(40, 160, 480, dtype=np.float32), (320, 1)).astype(np.uint8)
    places = np.stack([quad_of(200, 150, 60, 30), quad_of(80, 60, 40, 20)])
    stock = Stock((Ground("plain", gray, NOWHERE, NOWHERE, places),), load_faces(()))
    seen = []
    for number in range(30):
        shown = scene(78, number, (256, 320), stock)
        known = [target.corners for target in shown.targets if target.asked]
        seen += matched(plates_in(shown.picture, looking(trainee.averaged), 320), known, exact=True)[0]
    assert len(seen) > 30
    assert np.mean([one.found for one in seen]) > 0.7
