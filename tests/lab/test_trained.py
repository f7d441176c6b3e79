"""The weights kept in the repository: small, without code, and described by their own cards."""

import json
from typing import Final

import numpy as np
import pytest

from platelab import card, detector_card
from tests.structure.sources import ROOT

TRAINED: Final = ROOT / "platelab" / "trained"
MOST_BYTES: Final = {"reader": 5_000_000, "detector": 1_500_000}
PURPOSES: Final = {"reader": card.PURPOSE, "detector": detector_card.PURPOSE}
MEASURED: Final = {
    "reader": ("us-dev", "us-plates", "eu-cars", "br-cars"),
    "detector": ("us-dev", "eu-cars", "br-cars", "train-romania (held out)", "train-openimages (held out)"),
}


@pytest.mark.parametrize("network", MOST_BYTES)
def test_the_kept_weights_are_small_and_hold_arrays_alone(network: str) -> None:
    path = TRAINED / f"{network}.npz"
    assert path.stat().st_size < MOST_BYTES[network]
    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files if name != "made"}
    assert all(np.isfinite(array).all() for array in arrays.values())


@pytest.mark.parametrize("network", MOST_BYTES)
def test_the_card_speaks_of_these_weights(network: str) -> None:
    told = (TRAINED / f"{network}.md").read_text(encoding="utf-8")
    with np.load(TRAINED / f"{network}.npz", allow_pickle=False) as archive:
        made = json.loads(str(archive["made"]))
    assert told.startswith(PURPOSES[network])
    assert f"{made['crops']:,} drawn {'crops' if network == 'reader' else 'scenes'}" in told
    assert all(name in told for name in MEASURED[network])
