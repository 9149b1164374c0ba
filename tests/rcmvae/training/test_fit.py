"""The loop over epochs: determinism, resuming, early stopping, stops, data that stays on the host, broken numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from parallel.mesh import copied
from rcmvae.training.arrays import RunData
from rcmvae.training.checkpoint import flatten
from rcmvae.training.engine import Engine
from rcmvae.training.errors import NonFiniteError
from rcmvae.training.fit import Fit, MixtureEpochReport
from rcmvae.training.kept_programs import KeptProgram
from rcmvae.training.record import RunRecord
from rcmvae.training.state import TrainState, begin_run, empty_sums
from tests.support.small_rcmvae import equal_states, small_data, started

NOISY: dict[str, Any] = {
    "dropout_rate": 0.2, "augment_shift": 1, "augment_rotation": 5.0, "consistency_weight": 1.0, "consistency_warmup_epochs": 0,
    "decoder_conditioning": "film", "latent_layout": "decentralized",
}  # fmt: skip
"""Everything that draws random numbers."""


def fitted(engine: Engine, state: TrainState, **options: Any) -> tuple[Fit, list[MixtureEpochReport]]:
    fit = Fit(engine, copied(state), options.pop("record", RunRecord()), **options)
    return fit, list(fit.epochs())


def test_the_same_seed_gives_the_same_state_and_another_seed_another() -> None:
    engine, state = started(**NOISY)
    first, _ = fitted(engine, state)
    again, _ = fitted(engine, state)
    other, _ = fitted(engine, begin_run(state, engine.recipe, random_seed=7, metrics=len(engine.metrics), reset_optimizer=False))
    assert equal_states(first.state, again.state)
    assert not equal_states(first.state, other.state)


def test_nothing_is_compiled_twice() -> None:
    engine, state = started(**NOISY, random_seed=123)
    fitted(engine, state)
    assert compilations(engine) == [1, 1, 1]


def compilations(engine: Engine) -> list[int]:
    functions = engine.functions
    found: list[Any] = [f.func for f in (functions.chunk, functions.close, functions.order)]
    return [f.programs if isinstance(f, KeptProgram) else f._cache_size() for f in found]


def test_an_edit_of_numbers_compiles_nothing_and_takes_effect() -> None:
    data = small_data()
    engine, state = started(data, **NOISY, random_seed=321)
    first, _ = fitted(engine, state)
    edited, state = started(
        data, **{**NOISY, "augment_rotation": 9.0, "consistency_weight": 2.0}, random_seed=321, learning_rate=0.02, kl_weight=0.3,
        kl_z_anneal_epochs=0, grad_clip_norm=None, patience=7, checkpoint_every_epochs=3,
    )  # fmt: skip
    second, _ = fitted(edited, state)
    assert compilations(edited) == [1, 1, 1]
    assert edited.functions.chunk.func is engine.functions.chunk.func  # pyright: ignore[reportFunctionMemberAccess]
    assert not equal_states(first.state, second.state)


def test_two_runs_of_two_epochs_equal_one_of_four_under_a_constant_rate() -> None:
    changes = {**NOISY, "learning_rate_schedule": "constant"}
    data = small_data(validation=0)
    long, state = started(data, **changes, max_epochs=4)
    whole, _ = fitted(long, state)
    short, state = started(data, **changes, max_epochs=2)
    first, _ = fitted(short, state)
    assert first.best is first.completed
    kept = begin_run(first.state, short.recipe, random_seed=42, metrics=len(short.metrics), reset_optimizer=False)
    second, _ = fitted(short, short.begin(kept))
    assert int(second.state.life_epoch) == 4
    assert int(second.state.run_epoch) == 2
    assert equal_states(replace(second.state, run_epoch=jnp.int32(4)), whole.state)


def test_a_run_stopped_between_chunks_and_continued_equals_one_that_was_not(monkeypatch: pytest.MonkeyPatch) -> None:
    # two steps a chunk, so that an epoch of three steps has two
    monkeypatch.setattr("rcmvae.training.recipe.CHUNK_OPERATIONS", 1.0)
    engine, state = started(**NOISY, random_seed=5)
    whole, reports = fitted(engine, state)
    assert engine.recipe.chunk_steps == 1
    chunks = 0

    def stop() -> bool:
        nonlocal chunks
        chunks += 1
        return chunks == 4

    progress: list[tuple[int, float]] = []
    part, seen = fitted(engine, state, should_stop=stop, on_progress=lambda epoch, fraction: progress.append((epoch, round(fraction, 2))))
    assert part.outcome == "stopped"
    assert len(seen) == 1
    assert int(part.state.position) == 1
    assert progress == [(1, 0.33), (1, 0.67), (2, 0.33)]
    rest, more = fitted(engine, part.state, record=part.record)
    assert equal_states(rest.state, whole.state)
    assert [r.metrics["train/loss"] for r in (*seen, *more)] == [r.metrics["train/loss"] for r in reports]


def test_data_on_the_host_gives_the_same_result_as_on_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rcmvae.training.recipe.CHUNK_OPERATIONS", 1.0)
    engine, state = started(**NOISY, random_seed=5)
    streaming = Engine(engine.recipe, engine.data, resident=False)
    assert engine.resident
    assert not streaming.resident
    resident, streamed = (flatten(fitted(chosen, state)[0].state) for chosen in (engine, streaming))
    # two programs, compiled for arrays of different sizes, may round the last bit differently
    for name, array in resident.items():
        np.testing.assert_allclose(array, streamed[name], rtol=1e-5, atol=1e-7, err_msg=name)


def test_the_best_epoch_is_kept_and_patience_ends_the_run() -> None:
    data = small_data(count=24, labelled=24)
    engine, state = started(data, max_epochs=60, patience=4, monitor_metric="loss", learning_rate=0.05)
    fit, reports = fitted(engine, state)
    losses = [float(r.metrics["validation/loss"] or 0) for r in reports]
    best = int(np.argmin(losses)) + 1
    assert fit.record.best_epoch == best
    assert fit.best is not None
    assert int(fit.best.run_epoch) == best
    assert len(reports) == best + 4 < 60
    assert reports[-1].last
    assert not any(r.last for r in reports[:-1])


def test_a_handful_of_labelled_validation_images_chooses_no_epoch() -> None:
    data = small_data(count=24, labelled=24)
    few = replace(data, validation_labels=np.where(np.arange(len(data.validation_labels)) < 2, data.validation_labels, -1))
    assert 0 < (few.validation_labels >= 0).sum() <= 2
    engine, state = started(few, max_epochs=12, patience=0, learning_rate=0.05)
    fit, reports = fitted(engine, state)
    assert fit.monitor == "loss_without_labels"
    assert "2 of them are labelled" in fit.chosen_by
    told = [r.metrics for r in reports]
    without = [float(m["validation/loss_without_labels"] or 0) for m in told]
    weight = engine.recipe.settings.label_weight
    expected = [float(m["validation/loss"] or 0) - weight * float(m["validation/classification_loss"] or 0) for m in told]
    np.testing.assert_allclose(without, expected, rtol=1e-3, atol=1e-3)
    assert fit.record.best_epoch == int(np.argmin(without)) + 1


def test_patience_zero_never_stops_early() -> None:
    engine, state = started(small_data(count=24), max_epochs=12, patience=0, min_delta=1e9)
    fit, reports = fitted(engine, state)
    assert len(reports) == 12
    assert fit.record.best_epoch == 1


def test_without_validation_the_last_epoch_is_the_best() -> None:
    engine, state = started(small_data(validation=0))
    fit, reports = fitted(engine, state)
    assert fit.record.best_epoch == len(reports) == 3
    assert fit.best is not None
    assert equal_states(fit.best, fit.state)
    assert not any(name.startswith("validation/") for name in reports[-1].metrics)


def test_counts_are_the_encoder_s_own_after_every_epoch() -> None:
    engine, state = started()
    fit, _ = fitted(engine, state)
    # two programs, which may round the last bit differently
    np.testing.assert_allclose(engine.recount(fit.state).counts, fit.state.counts, rtol=1e-6)
    assert float(np.asarray(fit.state.counts).sum()) == pytest.approx(12, rel=1e-5)


def test_many_labels_are_recounted_over_a_part_between_checkpoints_and_exactly_at_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rcmvae.training.engine.RECOUNT_LIMIT", 6)
    engine, state = started(small_data(labelled=30))
    fit = Fit(engine, state, RunRecord(), exact_epochs=2)
    exact = []
    for _ in fit.epochs():
        counts = np.asarray(fit.state.counts)
        exact.append(bool(np.allclose(counts, np.asarray(engine.recount(fit.state).counts), rtol=1e-4)))
        assert counts.sum() == pytest.approx(30, rel=1e-4)
    assert exact == [False, True, True]


def test_a_changed_label_leaves_no_trace_after_the_next_recount() -> None:
    data = small_data()
    engine, state = started(data)
    fit, _ = fitted(engine, state)
    labels = data.labels.copy()
    labels[0] = -1
    labels[1] = 2
    changed, _ = started(replace(data, labels=labels))
    exact = np.zeros((4, 3))
    from rcmvae.model.network import bind

    r = np.exp(np.asarray(bind(engine.recipe.plan, fit.state.parameters).encode(jnp.asarray(data.images)).log_responsibilities))
    for row, label in zip(r, labels, strict=True):
        if label >= 0:
            exact[:, label] += row
    np.testing.assert_allclose(changed.recount(fit.state).counts, exact, rtol=1e-4, atol=1e-5)


def test_a_broken_number_ends_the_run_naming_epoch_step_and_term_and_keeps_the_last_good_state() -> None:
    data = small_data()
    engine, state = started(data)
    fit = Fit(engine, copied(state), RunRecord())
    epochs = fit.epochs()
    next(epochs)
    good = fit.completed
    fit.state = replace(fit.state, parameters={**fit.state.parameters, "encoder.mean.bias": jnp.full((2,), jnp.nan)})
    with pytest.raises(NonFiniteError, match="reconstruction_loss became NaN or infinite in epoch 2, step 1") as caught:
        next(epochs)
    assert (caught.value.epoch, caught.value.term) == (2, "reconstruction_loss")
    assert fit.completed is good
    assert all(np.isfinite(np.asarray(value)).all() for value in good.parameters.values())


def test_validation_metrics_are_exact_over_all_images_whatever_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, state = started()
    fit, _ = fitted(engine, state)
    trained = replace(fit.state, sums=empty_sums(engine.recipe, len(engine.metrics)))
    _, whole = engine.close_epoch(copied(trained), exact=True)
    monkeypatch.setattr("rcmvae.training.recipe.EVALUATION_ROWS", 4)
    small, _ = started(random_seed=99)
    _, parts = small.close_epoch(copied(trained), exact=True)
    assert whole.validation.keys() == parts.validation.keys()
    for name, value in whole.validation.items():
        assert value == pytest.approx(parts.validation[name], rel=1e-4, abs=1e-6), name


def test_the_validation_loss_has_its_final_weights_from_the_first_epoch_on() -> None:
    slow, state = started(kl_z_anneal_epochs=1000, learning_rate=1e-9, dropout_rate=0.0)
    _, reports = fitted(slow, state)
    m = {n.removeprefix("validation/"): float(v or 0) for n, v in reports[0].metrics.items() if n.startswith("validation/")}
    total = m["reconstruction_loss"] + m["kl_z"] + m["kl_c"] + 10 * m["classification_loss"] + m["component_diversity"]
    assert m["loss"] == pytest.approx(total, rel=1e-4)
    assert m["elbo"] == pytest.approx(-(m["reconstruction_loss"] + m["kl_z"] + m["kl_c"]), rel=1e-4)


def test_every_image_counts_once_in_an_epoch() -> None:
    engine, state = started(small_data(count=37))
    order = np.asarray(engine.functions.order(state.key, state.life_epoch))
    assert sorted(order[order >= 0].tolist()) == list(range(37))
    assert (order < 0).sum() == 3 * 16 - 37
    other = np.asarray(engine.functions.order(state.key, state.life_epoch + 1))
    assert not np.array_equal(order, other)


def test_components_that_stay_idle_are_counted() -> None:
    from rcmvae.training.mixture_report import warnings

    engine, state = started(max_epochs=1)
    fit, reports = fitted(engine, state)
    report = reports[0].mixture
    assert report is not None
    idle = replace(report, usage=[0.5, 0.5, 0.0, 0.0], k_eff=2.0)
    counts: list[int] = []
    lines = []
    for _ in range(7):
        counts = idle.idle_epochs(counts)
        lines.append(warnings(idle, counts))
    assert counts == [0, 0, 7, 7]
    assert lines[3] == []
    assert lines[4] == ["2 of 4 components unused for 5 epochs"]
    assert fit.record.idle == report.idle_epochs([])


def test_components_that_are_closed_are_no_warning() -> None:
    from rcmvae.training.mixture_report import warnings

    engine, state = started(max_epochs=1, decoder_conditioning="film", num_components=20, curriculum_enabled=True)
    _, reports = fitted(engine, state)
    report = reports[0].mixture
    assert report is not None
    assert report.active == [1, 1] + [0] * 18
    assert set(report.free_channels) <= {0, 1}
    counts: list[int] = []
    for _ in range(6):
        counts = report.idle_epochs(counts)
        assert warnings(report, counts) == []
    assert counts == [0] * 20
    # a third opens at the end of an epoch in which it could not be used, and is idle from then on
    opening = replace(report, active=[1, 1, 1] + [0] * 17, usage=[0.99, 0.01] + [0.0] * 18, k_eff=1.06, unlocked=2)
    after = replace(opening, unlocked=None)
    counts = opening.idle_epochs([])
    assert (counts[:3], warnings(opening, counts)) == ([0, 0, 0], [])
    for _ in range(5):
        counts = after.idle_epochs(counts)
    assert counts == [0, 0, 5] + [0] * 17
    assert [line.split(";")[0] for line in warnings(after, counts)] == [
        "1 of 3 open components unused for 5 epochs", "nearly all data goes through one component (K_eff 1.1 of 3)",
    ]  # fmt: skip


def test_the_reports_of_a_mixture_hold_plain_shares() -> None:
    engine, state = started(max_epochs=1)
    _, reports = fitted(engine, state)
    mixture = reports[0].mixture
    assert mixture is not None
    assert sum(mixture.pi) == pytest.approx(1, rel=1e-5)
    assert sum(mixture.usage) == pytest.approx(1, rel=1e-5)
    assert sum(mixture.responsibility_histogram) == pytest.approx(1, rel=1e-5)
    assert np.asarray(mixture.tau).sum(axis=1) == pytest.approx(1, rel=1e-5)
    assert 1 <= mixture.k_eff <= 4.0001


def test_data_without_labels_trains_and_predicts_evenly() -> None:
    data: RunData = small_data(labelled=0, validation_labelled=False)
    engine, state = started(data, max_epochs=1)
    fit, reports = fitted(engine, state)
    assert "train/classification_loss" not in reports[0].metrics
    assert (np.asarray(fit.state.claims) == -1).all()
    assert not np.asarray(fit.state.counts).any()


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (17, 23, 1)], ids=str)
def test_an_epoch_on_images_of_any_size_ends_in_finite_numbers(shape: tuple[int, int, int]) -> None:
    networks: dict[str, Any] = {"encoder_type": "conv", "decoder_type": "conv" if shape[0] != 32 else "dense"}
    engine, state = started(small_data(count=20, validation=6, shape=shape), **networks, max_epochs=1)
    _, reports = fitted(engine, state)
    assert all(np.isfinite(float(value or 0)) for value in reports[0].metrics.values())
