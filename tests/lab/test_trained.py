"""The weights kept in the repository: small, without code, and described by their own card."""

import json

import numpy as np

from platelab.card import PURPOSE
from tests.structure.sources import ROOT

TRAINED = ROOT / "platelab" / "trained"
MOST_BYTES = 5_000_000


def test_the_kept_weights_are_small_and_hold_arrays_alone() -> None:
    path = TRAINED / "reader.npz"
    assert path.stat().st_size < MOST_BYTES
    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files if name != "made"}
    assert all(np.isfinite(array).all() for array in arrays.values())


def test_the_card_speaks_of_these_weights() -> None:
    card = (TRAINED / "reader.md").read_text(encoding="utf-8")
    with np.load(TRAINED / "reader.npz", allow_pickle=False) as archive:
        made = json.loads(str(archive["made"]))
    assert card.startswith(PURPOSE)
    assert f"{made['crops']:,} drawn crops" in card
    assert all(name in card for name in ("us-dev", "us-plates", "eu-cars", "br-cars"))
