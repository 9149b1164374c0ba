"""A whole run: files, reports, resuming, stopping, going on, failing."""

from __future__ import annotations

import errno
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from rcmvae.data import digits
from rcmvae.diagnostics.bundle import load as load_bundle
from rcmvae.simple.words import TITLES
from rcmvae.training import trainer
from rcmvae.training.checkpoint import unflatten
from rcmvae.training.codec import read
from rcmvae.training.diagnosing import diagnose_again
from rcmvae.training.engine import Engine
from rcmvae.training.errors import CheckpointError, NonFiniteError, TrainingError
from rcmvae.training.script import make_job
from rcmvae.training.task import Task
from rcmvae.training.trainer import data_of_job, recipe_of_job, train
from tests.support.small_rcmvae import small_dataset, small_job, started
from workbench.fields import ConfigError
from workbench.runs.job import LeaseLost
from workbench.runs.scripted import QuietReporter

Arrays = dict[str, np.ndarray]


def parameters(path: Path) -> Arrays:
    return {name: array for name, array in read(path).arrays.items() if name.startswith("parameters.")}


def same(first: Path, second: Path) -> bool:
    """Whether two checkpoints hold the same state bit for bit."""
    a, b = read(first).arrays, read(second).arrays
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


class Dying(QuietReporter):
    """Dies after `epochs` epochs, as a killed process does: between two reports."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self.left = epochs

    def epoch(self, *arguments: Any, **named: Any) -> None:
        super().epoch(*arguments, **named)
        self.left -= 1
        if self.left < 0:
            raise LeaseLost


def test_a_run_reports_every_epoch_and_leaves_its_files(tmp_path: Path) -> None:
    job, reporter = small_job(tmp_path), QuietReporter()
    summary = train(job, reporter)
    assert summary.outcome == "completed"
    assert summary.epochs == len(reporter.epochs) == len(reporter.telling["mixture"]) == 3
    assert summary.kept == tmp_path / "checkpoints" / f"best-{summary.best_epoch}.msgpack"
    assert summary.kept.is_file()
    assert summary.bundle is not None
    assert load_bundle(summary.bundle).facts.epochs == 3
    assert set(reporter.epochs[0]) >= {
        "train/loss", "train/reconstruction_loss", "train/kl_z", "train/kl_c", "train/classification_loss", "train/component_diversity",
        "train/learning_rate", "train/grad_norm", "train/examples_per_second", "train/accuracy", "validation/loss", "validation/elbo", "epoch_seconds",
    }  # fmt: skip
    assert next(iter(summary.headline)) == "accuracy"
    assert summary.metrics["classification"]["accuracy"]["split"] == "test"
    assert set(reporter.telling["mixture"][0]) >= {
        "pi", "usage", "k_eff", "tau", "claims", "responsibility_histogram", "component_kl", "temperature", "free_channels", "class_names",
    }  # fmt: skip


def test_diagnostics_that_fail_take_nothing_from_what_was_trained_and_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(trainer, "diagnose", broken)
    summary = train(small_job(tmp_path), QuietReporter())
    assert summary.outcome == "completed"
    assert summary.kept.is_file()
    assert summary.bundle is None
    assert "could not be computed" in summary.shortfall
    assert "trellis runs diagnose" in summary.shortfall


def test_diagnostics_computed_later_are_those_of_the_end_of_training(tmp_path: Path) -> None:
    job, reporter = small_job(tmp_path), QuietReporter()
    at_its_end = train(job, reporter)
    assert at_its_end.bundle is not None
    with np.load(at_its_end.bundle) as file:
        kept = dict(file)
    later = diagnose_again(job, at_its_end.kept, reporter.checkpoints[-1][0], True)
    assert later.bundle is not None
    with np.load(later.bundle) as file:
        again = dict(file)
    assert again.keys() == kept.keys()
    for name, array in kept.items():
        np.testing.assert_array_equal(again[name], array, err_msg=name)
    assert (later.headline, later.metrics, later.epochs, later.best_epoch) == (
        at_its_end.headline, at_its_end.metrics, at_its_end.epochs, at_its_end.best_epoch,
    )  # fmt: skip


def test_files_left_are_the_best_and_the_last_alone(tmp_path: Path) -> None:
    reporter = QuietReporter()
    train(small_job(tmp_path, max_epochs=6), reporter)
    kinds = {kind: path for path, kind, _ in reporter.checkpoints}
    assert set((tmp_path / "checkpoints").iterdir()) == set(kinds.values())


@pytest.mark.parametrize("after", [1, 2])
@pytest.mark.parametrize("validation", [0.2, 0.0])
def test_a_killed_run_resumes_bit_for_bit(tmp_path: Path, after: int, validation: float) -> None:
    sample = {"val_split": validation}
    changes = {"max_epochs": 4, "augment_shift": 1, "consistency_weight": 1.0}
    whole = train(small_job(tmp_path / "whole", sample=sample, **changes), whole_reporter := QuietReporter())
    killed = Dying(after)
    with pytest.raises(LeaseLost):
        train(small_job(tmp_path / "run" / "attempt-1", sample=sample, **changes), killed)
    last = [path for path, kind, _ in killed.checkpoints if kind == "last"][-1]
    resumed = QuietReporter()
    job = small_job(tmp_path / "run" / "attempt-2", sample=sample, job={"resume_from": last, "attempt": 2}, **changes)
    summary = train(job, resumed)
    assert summary.epochs == 4
    assert summary.best_epoch == whole.best_epoch
    assert same(summary.kept, whole.kept)
    assert len(resumed.epochs) == 4 - after
    assert [e["train/loss"] for e in resumed.epochs] == [e["train/loss"] for e in whole_reporter.epochs[after:]]
    assert summary.kept.parent == job.folder / "checkpoints"


def test_a_stop_keeps_the_trained_weights_and_can_be_resumed(tmp_path: Path) -> None:
    reporter = QuietReporter(stop_after=2)
    summary = train(small_job(tmp_path / "a", max_epochs=5), reporter)
    assert summary.outcome == "stopped"
    assert summary.epochs == 2
    assert summary.kept.is_file()
    assert summary.bundle is not None
    last = [path for path, kind, _ in reporter.checkpoints if kind == "last"][-1]
    rest = train(small_job(tmp_path / "b", max_epochs=5, job={"resume_from": last}), QuietReporter())
    whole = train(small_job(tmp_path / "c", max_epochs=5), QuietReporter())
    assert same(rest.kept, whole.kept)


MANY = {"num_labeled": 30}
FAR_APART: dict[str, Any] = {"checkpoint_every_epochs": 4, "max_epochs": 7, "patience": 0, "monitor_metric": "loss"}
ENDINGS: dict[str, tuple[int, int, dict[str, Any]]] = {
    "the planned end, the best epoch between checkpoints": (99, 7, {"min_delta": 1e9}),
    "early stopping": (99, 3, {"min_delta": 1e9, "patience": 2}),
    "a stop between checkpoints": (2, 2, {}),
    "a stop in the first epoch": (0, 0, {}),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_kept_weights_know_tau_from_all_labels_whatever_ended_the_run(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rcmvae.training.engine.RECOUNT_LIMIT", 6)
    monkeypatch.setattr("rcmvae.training.recipe.CHUNK_OPERATIONS", 1.0)
    stop_after, epochs, changes = ENDINGS[ending]
    job = small_job(tmp_path, sample=MANY, **{**FAR_APART, **changes})
    summary = train(job, QuietReporter(stop_after=stop_after))
    assert summary.epochs == epochs
    state = unflatten(read(summary.kept))
    counts = np.asarray(Engine(recipe_of_job(job), data_of_job(job)).recount(state).counts)
    np.testing.assert_array_equal(np.asarray(state.counts), counts)
    assert summary.bundle is not None
    claims = np.asarray(state.claims)
    claimed = np.where(claims[:, None] == np.arange(counts.shape[1]), job.resolved["tau_claim_strength"], 0.0)
    np.testing.assert_allclose(load_bundle(summary.bundle).tau_counts, counts + claimed, rtol=1e-6)


def test_a_stop_between_exact_counts_is_resumed_bit_for_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rcmvae.training.engine.RECOUNT_LIMIT", 6)
    whole = train(small_job(tmp_path / "a", sample=MANY, **FAR_APART), QuietReporter())
    part = QuietReporter(stop_after=2)
    train(small_job(tmp_path / "b", sample=MANY, **FAR_APART), part)
    last = [path for path, kind, _ in part.checkpoints if kind == "last"][-1]
    rest = train(small_job(tmp_path / "c", sample=MANY, job={"resume_from": last}, **FAR_APART), QuietReporter())
    assert same(rest.kept, whole.kept)


def test_a_run_that_died_after_early_stopping_is_not_trained_further(tmp_path: Path) -> None:
    early = {"max_epochs": 9, "patience": 2, "min_delta": 1e9, "monitor_metric": "loss"}
    reporter = QuietReporter()
    whole = train(small_job(tmp_path / "a", **early), reporter)
    last = [path for path, kind, _ in reporter.checkpoints if kind == "last"][-1]
    resumed = QuietReporter()
    again = train(small_job(tmp_path / "b", job={"resume_from": last}, **early), resumed)
    assert (resumed.epochs, again.epochs, again.outcome) == ([], whole.epochs, "completed")
    assert same(again.kept, whole.kept)


def test_a_stop_before_the_first_epoch_is_complete_still_leaves_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rcmvae.training.recipe.CHUNK_OPERATIONS", 1.0)
    reporter = QuietReporter(stop_after=0)
    summary = train(small_job(tmp_path), reporter)
    assert summary.outcome == "stopped"
    assert summary.epochs == 0
    assert summary.kept.is_file()
    assert reporter.progressed
    assert read(summary.kept).arrays["position"] == 1


def test_a_second_run_goes_on_from_the_kept_weights(tmp_path: Path) -> None:
    first = train(small_job(tmp_path / "1"), QuietReporter())
    reporter = QuietReporter()
    second = train(small_job(tmp_path / "2", job={"start_from": first.kept}), reporter)
    kept = read(first.kept)
    assert read(second.kept).header["life_epoch"] > kept.header["life_epoch"]
    assert any("goes on from life epoch" in line for _, line in reporter.logs)
    assert read(second.kept).arrays["claims"].tolist() == kept.arrays["claims"].tolist()
    fresh = train(small_job(tmp_path / "3", job={"start_from": first.kept, "reset_optimizer": True}), QuietReporter())
    assert read(fresh.kept).arrays["updates"] < read(second.kept).arrays["updates"]
    assert not same(fresh.kept, second.kept)


def test_a_curriculum_that_comes_too_late_is_told_in_the_log(tmp_path: Path) -> None:
    late = {"decoder_conditioning": "film", "max_epochs": 1}
    first = train(small_job(tmp_path / "1", **late), QuietReporter())
    reporter = QuietReporter()
    second = train(small_job(tmp_path / "2", job={"start_from": first.kept}, **late, curriculum_enabled=True), reporter)
    assert [level for level, line in reporter.logs if "all 4 components are open" in line] == ["warning"]
    assert read(second.kept).arrays["curriculum.active"].tolist() == [1, 1, 1, 1]
    assert (second.metrics["mixture"]["k_active"]["value"], second.metrics["mixture"]["unlocks"]["value"]) == (4, 0)


def test_classes_without_a_label_are_named_in_the_log_and_in_the_report(tmp_path: Path) -> None:
    job = small_job(tmp_path, max_epochs=1)
    job = replace(job, labels={row: label for row, label in job.labels.items() if label == 1})
    reporter = QuietReporter()
    summary = train(job, reporter)
    assert ("warning", "no label for: a, c") in reporter.logs
    assert summary.metrics["classification"]["classes_without_label"]["value"] == "a, c"


def test_true_labels_of_unlabelled_images_never_reach_training(tmp_path: Path) -> None:
    honest = small_job(tmp_path / "a")
    hidden = np.array([row for row in range(60) if row not in honest.labels])
    shuffled = np.array(honest.dataset.true_labels)
    shuffled[hidden] = np.random.default_rng(0).permutation(shuffled[hidden])
    assert (shuffled != honest.dataset.true_labels).any()
    other = replace(honest, dataset=replace(honest.dataset, true_labels=shuffled), folder=tmp_path / "b")
    assert same(train(honest, QuietReporter()).kept, train(other, QuietReporter()).kept)


def test_broken_numbers_fail_the_run_and_keep_the_last_good_state(tmp_path: Path) -> None:
    images = np.array(small_dataset().images)
    job = small_job(tmp_path, learning_rate=1.0, grad_clip_norm=None, max_epochs=300, recon_weight=1e30, patience=0)
    reporter = QuietReporter()
    with pytest.raises(NonFiniteError) as caught:
        train(job, reporter)
    assert str(caught.value.epoch) in str(caught.value)
    assert caught.value.term
    assert images.shape[0] == 60
    for path, _, _ in reporter.checkpoints[-1:]:
        assert all(np.isfinite(array).all() for array in parameters(path).values())


def test_a_full_disk_ends_the_run_with_a_clear_error_and_the_checkpoint_before_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import rcmvae.training.keeping as keeping
    from workbench.artefacts import DiskFull

    written = []
    save = keeping.save

    def failing(path: Path, *rest: Any, **more: Any) -> None:
        if len(written) >= 2:
            raise CheckpointError(
                f"The checkpoint could not be written. {DiskFull(f'The disk is full: {path} could not be written.')}"
            ) from OSError(errno.ENOSPC, "")
        save(path, *rest, **more)
        written.append(path)

    monkeypatch.setattr(keeping, "save", failing)
    reporter = QuietReporter()
    with pytest.raises(CheckpointError, match="disk is full"):
        train(small_job(tmp_path, max_epochs=10), reporter)
    last = [path for path, kind, _ in reporter.checkpoints if kind == "last"][-1]
    assert read(last).header["run_epoch"] >= 1


def test_a_checkpoint_of_another_architecture_is_refused(tmp_path: Path) -> None:
    first = train(small_job(tmp_path / "a", max_epochs=1), QuietReporter())
    with pytest.raises(CheckpointError, match="latent_dim"):
        train(small_job(tmp_path / "b", latent_dim=3, job={"start_from": first.kept}), QuietReporter())


def test_a_corrupt_checkpoint_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    torn = tmp_path / "torn.msgpack"
    torn.write_bytes(b"trellis rcmvae checkpoint\n" + b"0" * 500)
    reporter = QuietReporter()
    with pytest.raises(CheckpointError, match="damaged"):
        train(small_job(tmp_path / "a", job={"resume_from": torn}), reporter)
    assert not reporter.epochs


def test_a_metric_of_labels_without_labelled_validation_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="accuracy needs labelled validation images"):
        small_job(tmp_path, monitor_metric="accuracy")
    job = small_job(tmp_path)
    with pytest.raises(TrainingError, match="monitor_metric=loss"):
        train(replace(job, training=job.training.model_copy(update={"monitor_metric": "accuracy"})), QuietReporter())


def test_a_script_meets_the_refusals_of_a_start_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="curriculum_enabled: watches validation reconstruction"):
        small_job(tmp_path, sample={"val_split": 0.0}, decoder_conditioning="film", curriculum_enabled=True)


def test_a_metric_that_nothing_monitors_is_told_in_the_log(tmp_path: Path) -> None:
    reporter = QuietReporter()
    train(small_job(tmp_path, sample={"val_split": 0.0}, monitor_metric="loss", max_epochs=1), reporter)
    assert [level for level, line in reporter.logs if "monitor_metric=loss has no effect" in line] == ["warning"]


def test_a_batch_larger_than_the_data_is_clipped_with_a_note(tmp_path: Path) -> None:
    reporter = QuietReporter()
    train(small_job(tmp_path, batch_size=500, max_epochs=1), reporter)
    assert any("clipped to the 36 training images" in line for _, line in reporter.logs)


def test_labels_without_weight_are_warned_about(tmp_path: Path) -> None:
    reporter = QuietReporter()
    train(small_job(tmp_path, label_weight=0.0, max_epochs=1), reporter)
    assert [level for level, line in reporter.logs if "label_weight is 0" in line] == ["warning"]


@pytest.mark.parametrize("labelled", [0, 12])
def test_a_standard_prior_and_data_without_labels_give_a_summary_too(tmp_path: Path, labelled: int) -> None:
    changes: dict[str, Any] = {"prior_type": "standard", "num_components": "auto", "component_embedding_dim": "auto"}
    job: Task = small_job(tmp_path, sample={"num_labeled": labelled}, max_epochs=1, **changes)
    reporter = QuietReporter()
    summary = train(job, reporter)
    assert summary.metrics["mixture"]["k_eff"]["state"] == "disabled"
    assert "mixture" not in reporter.telling
    assert (summary.headline.get("accuracy") is not None) == (labelled > 0)


def test_half_precision_reaches_the_compiled_products_and_is_refused_on_a_processor(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="matmul_precision=bfloat16 needs an accelerator"):
        train(small_job(tmp_path, matmul_precision="bfloat16"), QuietReporter())
    programs = []
    for precision in ("bfloat16", "float32"):
        engine, state = started(matmul_precision=precision)
        programs.append(str(jax.make_jaxpr(engine.functions.validate)(state, engine._validation)))
    half, full = (set(re.findall(r"Precision\.(\w+)", text)) for text in programs)
    assert half == {"DEFAULT"}
    assert full == {"HIGHEST"}


def test_a_run_with_labels_says_how_it_stands_beside_simple_methods(tmp_path: Path) -> None:
    reporter = QuietReporter()
    found: dict[str, Any] = {}
    reporter.diagnostics = lambda name, values: found.update({name: values})  # type: ignore[method-assign]
    summary = train(
        make_job(digits.load(), folder=tmp_path, values={"max_epochs": 1}, sample={"num_samples": 300, "num_labeled": 40}), reporter
    )
    assert summary.metrics["simple"]["lead"]["value"] == found["simple"]["verdict"]["lead"]
    assert {each["name"] for each in found["simple"]["verdict"]["methods"]} == set(TITLES)
    assert ("info", found["simple"]["verdict"]["words"]) in reporter.logs


def test_an_image_of_a_class_that_was_merged_counts_as_of_the_one_it_was_merged_into(tmp_path: Path) -> None:
    dataset = digits.load()
    sample = {"num_samples": 300, "num_labeled": 40}
    job = make_job(dataset, folder=tmp_path, values={"max_epochs": 1, "hidden_dims": [16]}, sample=sample, merged={3: 8})
    done = train(replace(job, labels={row: 8 if label == 3 else label for row, label in job.labels.items()}), QuietReporter())
    assert done.bundle is not None
    found = load_bundle(done.bundle)
    plain = dataset.true_labels[found.rows]
    assert (plain == 3).any()
    np.testing.assert_array_equal(found.true_labels, np.where(plain == 3, 8, plain))
