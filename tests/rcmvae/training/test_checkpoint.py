"""Saving and restoring the whole state, and the audit of a file."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from rcmvae.config import Architecture, resolve
from rcmvae.training.checkpoint import Identity, load, save
from rcmvae.training.checkpoint_audit import audit
from rcmvae.training.errors import CheckpointError
from rcmvae.training.recipe import recipe_of
from rcmvae.training.state import TrainState
from tests.support.small_rcmvae import SMALL, equal_states, settings_of, started
from workbench.fields import fingerprint


def identity_of(**changes: Any) -> Identity:
    given = {**SMALL, **changes}
    architecture = Architecture.model_validate({name: given[name] for name in Architecture.model_fields if name in given})
    resolved = resolve(given)
    return Identity(architecture, settings_of(resolved), resolved, fingerprint("rcmvae", architecture, resolved), "d" * 64, ("a", "b", "c"))


@pytest.fixture(scope="module")
def state() -> TrainState:
    engine, fresh = started(**SMALL)
    trained, _ = engine.train_epoch(fresh, lambda steps: False)
    return trained


def plan_for(identity: Identity):
    return recipe_of(
        identity.resolved,
        settings_of(dict(identity.resolved)),
        classes=3,
        n_train=1,
        n_validation=0,
        labelled=True,
        validation_labelled=False,
    ).plan


def test_the_whole_state_comes_back_bit_for_bit(tmp_path: Path, state: TrainState) -> None:
    identity = identity_of()
    path = tmp_path / "checkpoints" / "last-1.msgpack"
    save(path, state, identity, {"best_value": 0.1 + 0.2, "metrics": [{"train/loss": 1.5}]}, labelled=True)
    restored = load(path, plan_for(identity), identity)
    assert equal_states(restored.state, state)
    assert restored.record == {"best_value": 0.1 + 0.2, "metrics": [{"train/loss": 1.5}]}
    assert restored.header["architecture"]["num_components"] == 4
    assert restored.header["training"]["batch_size"] == 16
    assert restored.header["versions"]["jax"]
    assert [p.name for p in path.parent.iterdir()] == ["last-1.msgpack"]


@pytest.mark.parametrize("labelled", [True, False])
def test_it_says_whether_labels_trained_it_and_of_older_files_the_counts_tell(tmp_path: Path, state: TrainState, labelled: bool) -> None:
    from rcmvae.training.codec import encode, read

    identity, path = identity_of(), tmp_path / "it.msgpack"
    save(path, state, identity, {}, labelled=labelled)
    assert load(path, plan_for(identity), identity).labelled is labelled
    content = read(path)
    older = {name: value for name, value in content.header.items() if name != "labelled"}
    counted = {**content.arrays, "counts": np.full_like(content.arrays["counts"], float(labelled))}
    path.write_bytes(encode(older, counted))
    assert load(path, plan_for(identity), identity).labelled is labelled
    path.write_bytes(encode({**older, "record": {"labelled": True}}, {**counted, "counts": np.zeros_like(counted["counts"])}))
    assert load(path, plan_for(identity), identity).labelled, "files of the Python API have always said it"


def test_another_architecture_is_refused_with_the_fields_that_differ(tmp_path: Path, state: TrainState) -> None:
    path = tmp_path / "it.msgpack"
    save(path, state, identity_of(), {}, labelled=True)
    other = identity_of(latent_dim=3, prior_type="mixture", decoder_conditioning="film")
    with pytest.raises(CheckpointError, match="another architecture") as caught:
        load(path, plan_for(other), other)
    assert "latent_dim is 2 in the checkpoint and 3 in the model" in str(caught.value)
    assert "decoder_conditioning" in str(caught.value)
    assert "num_components" not in str(caught.value)


def test_other_data_is_refused(tmp_path: Path, state: TrainState) -> None:
    path = tmp_path / "it.msgpack"
    save(path, state, identity_of(), {}, labelled=True)
    other = replace(identity_of(), dataset_sha256="e" * 64)
    with pytest.raises(CheckpointError, match="other data"):
        load(path, plan_for(other), other)


def test_a_full_disk_leaves_the_previous_checkpoint_whole(tmp_path: Path, state: TrainState, monkeypatch: pytest.MonkeyPatch) -> None:
    identity, path = identity_of(), tmp_path / "last-1.msgpack"
    save(path, state, identity, {"kept": 1}, labelled=True)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(CheckpointError, match="disk is full"):
        save(path, state, identity, {"kept": 2}, labelled=True)
    monkeypatch.undo()
    assert load(path, plan_for(identity), identity).record == {"kept": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["last-1.msgpack"]


def test_a_checkpoint_without_a_part_of_the_state_is_refused(tmp_path: Path, state: TrainState) -> None:
    from rcmvae.training.codec import encode, read

    identity, path = identity_of(), tmp_path / "it.msgpack"
    save(path, state, identity, {}, labelled=True)
    content = read(path)
    path.write_bytes(encode(content.header, {n: a for n, a in content.arrays.items() if n != "usage"}))
    with pytest.raises(CheckpointError, match="lacks a part"):
        load(path, plan_for(identity), identity)


def test_the_audit_passes_a_fitting_checkpoint_and_names_what_differs(tmp_path: Path, state: TrainState) -> None:
    path = tmp_path / "it.msgpack"
    own, other = identity_of(), identity_of(hidden_dims=(12, 9))
    save(path, state, own, {}, labelled=True)
    assert audit(path, {"architecture": own.architecture}, own.resolved) == []
    found = audit(path, {"architecture": other.architecture}, other.resolved)
    assert any("hidden_dims" in line for line in found)
    assert any("has shape 8, the model needs 9" in line for line in found)
    assert found[-1].endswith("more parameters differ")


def test_the_audit_finds_parameters_of_another_shape_behind_a_forged_fingerprint(tmp_path: Path, state: TrainState) -> None:
    own, path = identity_of(), tmp_path / "it.msgpack"
    wrong = replace(state, parameters={**state.parameters, "decoder.embeddings": jnp.zeros((4, 9)), "extra": jnp.zeros(1)})
    del wrong.parameters["head.output.bias"]
    save(path, wrong, own, {}, labelled=True)
    found = audit(path, {"architecture": own.architecture}, own.resolved)
    assert sorted(line.split()[0] for line in found) == ["decoder.embeddings", "extra", "head.output.bias"]


def test_the_audit_says_when_a_file_is_missing_or_damaged(tmp_path: Path, state: TrainState) -> None:
    own, path = identity_of(), tmp_path / "it.msgpack"
    assert "missing" in audit(path, {"architecture": own.architecture}, own.resolved)[0]
    save(path, state, own, {}, labelled=True)
    path.write_bytes(path.read_bytes()[:-5])
    assert "damaged" in audit(path, {"architecture": own.architecture}, own.resolved)[0]
