"""The weights kept in the repository read plates."""

import numpy as np
import torch

from platelab.faces import load_faces
from platelab.samples import sample
from platelab.scoring import decoded
from platelab.weights import load_weights
from tests.structure.sources import ROOT


def test_the_kept_weights_read_most_easy_crops() -> None:
    faces = load_faces(())
    drawn = [sample(77, number, faces) for number in range(40)]
    trainee, made = load_weights(ROOT / "platelab" / "trained" / "reader.npz", torch.device("cpu"))
    pictures = torch.from_numpy(np.stack([one.picture for one in drawn])[:, np.newaxis]).float()
    with torch.no_grad():
        columns = trainee.averaged(pictures)[0].numpy()
    right = sum(decoded(one).text == each.text for one, each in zip(columns, drawn, strict=True))
    assert right >= 24
    assert made.crops == trainee.crops
