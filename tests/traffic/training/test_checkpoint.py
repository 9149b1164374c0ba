"""Checkpoints: whole state in one file, refused when torn, foreign or of something else; a resumed run has the bits of one left alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest

from tests.traffic.training.standin import engine_of, prepared_of, settings, wavy
from traffic.config_lstm import LSTMArchitecture
from traffic.training.checkpoint import Saved, load, load_weights, save
from traffic.training.checkpoint_content import FORMAT, Identity, read, scaler_of
from traffic.training.errors import CheckpointError
from traffic.training.fit import Fit
from traffic.training.record import RunRecord
from workbench.fields import fingerprint, flat_values

OPTIMIZERS = ({"name": "adam"}, {"name": "adamw", "weight_decay": 0.01}, {"name": "sgd", "learning_rate": 0.3})
SCHEDULES = (
    {"name": "plateau", "patience": 1}, {"name": "constant", "warmup_steps": 20}, {"name": "cosine"}, {"name": "step", "patience": 2},
)  # fmt: skip


@pytest.fixture(scope="module")
def prepared():
    return prepared_of(wavy())


def saved_of(prepared, training, **others) -> Saved:
    architecture = LSTMArchitecture(hidden_size=8)
    resolved = {**flat_values(architecture), **flat_values(training)}
    identity = Identity(
        model_type="lstm", architecture=architecture, training=training, resolved=resolved, dataset_sha256="d" * 64, use={"protocol": "strict"},
        fingerprint=fingerprint("lstm", architecture, resolved), sensor_ids=prepared.sensor_ids, target_names=prepared.target_names,
    )  # fmt: skip
    neighbours = {"index": np.zeros((3, 2), np.int32), "distance": np.ones((3, 2)), "mask": np.ones((3, 2), bool)}
    return Saved(replace(identity, **others), prepared, neighbours)


def same(mine, theirs) -> bool:
    pairs = zip(*map(jax.tree.leaves, (mine, theirs)), strict=True)
    return all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in pairs)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda each: each["name"])
@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda each: each["name"])
def test_a_run_that_is_stopped_within_an_epoch_and_resumed_has_the_bits_of_one_left_alone(
    prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, optimizer, schedule
) -> None:
    training = settings(epochs=5, optimizer=optimizer, schedule=schedule, early_stopping={"patience": 3})
    whole = Fit(*engine_of(prepared, training), RunRecord())
    list(whole.epochs())

    monkeypatch.setattr("traffic.training.engine.SEGMENT_SECONDS", 1e-9)
    steps = whole.engine.recipe.steps
    asked = iter([False] * (3 * steps - steps // 2) + [True])
    first = Fit(*engine_of(prepared, training), RunRecord(), should_stop=lambda: next(asked))
    list(first.epochs())
    assert first.outcome == "stopped"
    assert int(first.state.position) > 0
    saved = saved_of(prepared, training)
    save(tmp_path / "last.msgpack", first.state, saved, first.record.plain())

    engine, _ = engine_of(prepared, training)
    restored = load(tmp_path / "last.msgpack", engine.recipe, saved.identity)
    second = Fit(engine, restored.state, RunRecord.of(restored.record))
    list(second.epochs())
    assert same(second.state, whole.state)
    assert second.record.best_value == whole.record.best_value
    assert second.record.best_epoch == whole.record.best_epoch
    assert second.record.shrunk == whole.record.shrunk
    timed = ("epoch_seconds", "train/windows_per_second")
    plain = [[{k: v for k, v in each.items() if k not in timed} for each in fit.record.metrics] for fit in (second, whole)]
    assert plain[0] == plain[1]


def kept(prepared, tmp_path: Path, training=None):
    training = training or settings(epochs=1)
    fit = Fit(*engine_of(prepared, training), RunRecord())
    list(fit.epochs())
    saved, path = saved_of(prepared, training), tmp_path / "last.msgpack"
    save(path, fit.state, saved, fit.record.plain())
    return fit, saved, path


def test_a_checkpoint_holds_what_a_forecast_needs_besides_weights(prepared, tmp_path: Path) -> None:
    _, saved, path = kept(prepared, tmp_path)
    content = read(path)
    scaler, profile = scaler_of(content)
    assert np.array_equal(scaler.offset, prepared.scaler.offset)
    assert np.array_equal(scaler.scale, prepared.scaler.scale)
    assert scaler.method == "zscore"
    for name in ("weekly", "daily", "mean"):
        assert np.array_equal(getattr(profile, name), getattr(prepared.profile, name))
    assert tuple(content.header["sensor_ids"]) == prepared.sensor_ids
    assert content.header["resolved"]["hidden_size"] == 8
    assert content.header["use"] == {"protocol": "strict"}
    for name, array in saved.neighbours.items():
        assert np.array_equal(content.arrays[f"neighbours.{name}"], array)


def test_torn_and_foreign_files_are_refused(prepared, tmp_path: Path) -> None:
    fit, saved, path = kept(prepared, tmp_path)
    data = path.read_bytes()
    torn, foreign = tmp_path / "torn", tmp_path / "foreign"
    torn.write_bytes(data[: len(data) // 2])
    foreign.write_bytes(b"trellis rcmvae checkpoint\n" + data[len(FORMAT.magic) :])
    lacking = tmp_path / "lacking"
    lacking.write_bytes(FORMAT.encode({"fingerprint": ""}, {}))
    for file, words in (
        (torn, "damaged"),
        (foreign, "not a checkpoint of a forecasting model"),
        (lacking, "lacks"),
        (tmp_path / "no", "missing"),
    ):
        with pytest.raises(CheckpointError, match=words):
            load(file, fit.engine.recipe, saved.identity)


def test_another_architecture_is_refused_with_the_fields_that_differ(prepared, tmp_path: Path) -> None:
    fit, saved, path = kept(prepared, tmp_path)
    other = LSTMArchitecture(hidden_size=16)
    resolved = {**saved.identity.resolved, **flat_values(other)}
    identity = replace(saved.identity, architecture=other, resolved=resolved, fingerprint=fingerprint("lstm", other, resolved))
    with pytest.raises(CheckpointError, match=r"hidden_size is 8 in the checkpoint and 16 in the model") as caught:
        load(path, fit.engine.recipe, identity)
    assert caught.value.code == "MODEL_SHAPE"


def test_parameters_of_other_shapes_are_refused(prepared, tmp_path: Path) -> None:
    fit, saved, path = kept(prepared, tmp_path)
    shapes = {**fit.engine.recipe.shapes, "last.kernel": (9, 3), "more": (1,)}
    with pytest.raises(CheckpointError, match=r"last.kernel has shape 8 x 3, the model needs 9 x 3") as caught:
        load(path, replace(fit.engine.recipe, shapes=shapes), saved.identity)
    assert "more is missing" in str(caught.value)


@pytest.mark.parametrize(
    ("others", "words", "code"),
    [
        ({"sensor_ids": ("s0", "s2", "s1")}, "detector 2 is s1 there and s2 here", "MODEL_SENSORS"),
        ({"sensor_ids": ("s0", "s1")}, "detector 3 is s2 there and absent here", "MODEL_SENSORS"),
        ({"dataset_sha256": "e" * 64}, "content has changed", None),
    ],
)
def test_other_detectors_and_other_data_are_refused(prepared, tmp_path: Path, others, words: str, code: str | None) -> None:
    fit, saved, path = kept(prepared, tmp_path)
    with pytest.raises(CheckpointError, match=words) as caught:
        load(path, fit.engine.recipe, replace(saved.identity, **others))
    assert caught.value.code == code


@pytest.mark.parametrize("training", [settings(batch_size=32), settings(optimizer={"name": "sgd"})], ids=["batch", "optimiser"])
def test_a_resume_under_other_settings_is_refused(prepared, tmp_path: Path, training) -> None:
    _, saved, path = kept(prepared, tmp_path)
    engine, _ = engine_of(prepared, training)
    with pytest.raises(CheckpointError, match="other settings"):
        load(path, engine.recipe, saved.identity)


def test_a_new_run_may_go_on_from_weights_and_from_the_same_optimiser_alone(prepared, tmp_path: Path) -> None:
    fit, saved, path = kept(prepared, tmp_path)
    parameters, optimiser, life = load_weights(path, fit.engine.recipe, saved.identity)
    assert same(parameters, fit.state.parameters)
    assert same(optimiser, fit.state.optimiser)
    assert life == 1
    engine, _ = engine_of(prepared, settings(optimizer={"name": "sgd"}))
    assert load_weights(path, engine.recipe, saved.identity)[1] is None


def test_a_file_that_cannot_be_written_says_so_and_leaves_what_was_there(prepared, tmp_path: Path) -> None:
    fit, saved, path = kept(prepared, tmp_path)
    before = path.read_bytes()
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match="could not be written"):
        save(tmp_path / "file" / "x.msgpack", fit.state, saved, {})
    assert path.read_bytes() == before
