from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recsys.model.config import Architecture, Training
from recsys.training import checkpoints
from recsys.training.checkpoints import MODEL_TYPE, Place
from workbench.artefacts import ArtefactError
from workbench.fields import fingerprint, flat_values

PLACE = Place("fingerprint", "data", epoch=3, batch=7, life=13)


def state() -> dict[str, np.ndarray]:
    return {
        "model/0000": np.arange(6, dtype=np.float32).reshape(2, 3),
        "model/0001": np.array(2**40, np.int64),
        "stopping/best": np.array(0.1),
        "optimizer/0000": np.zeros((0, 4), np.float32),
    }


def test_arrays_and_place_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "last-3-7.npz"
    checkpoints.write(path, state(), PLACE)
    found, place = checkpoints.read(path)
    assert place == PLACE
    assert found.keys() == state().keys()
    for name, array in state().items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def test_a_checkpoint_from_before_devices_were_told_is_one_device_s(tmp_path: Path) -> None:
    path = tmp_path / "last-3-7.npz"
    checkpoints.write(path, state(), replace(PLACE, devices=4))
    assert checkpoints.read(path)[1].devices == 4
    arrays = dict(np.load(path))
    told = json.loads(arrays.pop("about.json").tobytes())
    del told["devices"]
    np.savez(path, **{**arrays, "about.json": np.frombuffer(json.dumps(told).encode(), np.uint8)})  # pyright: ignore[reportArgumentType]
    assert checkpoints.read(path)[1] == PLACE


def test_what_cannot_be_read_is_refused_with_the_file_s_name(tmp_path: Path) -> None:
    path = tmp_path / "last-1.npz"
    with pytest.raises(ArtefactError, match=r"last-1\.npz cannot be read"):
        checkpoints.read(path)
    checkpoints.write(path, state(), PLACE)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ArtefactError, match=r"last-1\.npz"):
        checkpoints.read(path)
    np.savez(path, **{"model/0000": np.zeros(3)})  # pyright: ignore[reportArgumentType]
    with pytest.raises(ArtefactError, match="does not say where it stands"):
        checkpoints.read(path)


def test_a_checkpoint_fits_the_architecture_that_made_it_whatever_its_training(tmp_path: Path) -> None:
    path = tmp_path / "last.npz"
    configs = {"architecture": Architecture(), "training": Training()}
    resolved = flat_values(configs["architecture"]) | flat_values(configs["training"])
    own = fingerprint(MODEL_TYPE, configs.values(), resolved)
    checkpoints.write(path, state(), Place(own, "data", 1, 0, 1))
    assert checkpoints.audit(path, configs, resolved) == []
    tuned = configs | {"training": Training(optimizer="adam", learning_rate=0.01)}
    assert checkpoints.audit(path, tuned, resolved) == []
    wider = configs | {"architecture": Architecture(output_embedding_dim=64)}
    (reason,) = checkpoints.audit(path, wider, resolved | {"output_embedding_dim": 64})
    assert own in reason
    (reason,) = checkpoints.audit(tmp_path / "none.npz", configs, resolved)
    assert "none.npz" in reason
