"""Counting tau afresh without the model: the same numbers as the trainer's own recount."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rcmvae.active.dropout import votes_of
from rcmvae.active.stored import suggest
from rcmvae.active.strategies import entropy
from rcmvae.diagnostics.bundle import TRAIN, DiagnosticsBundle, load
from rcmvae.recount import labels_of, recount
from rcmvae.suggestions import Ask, TrainedModel
from rcmvae.training import checkpoint
from rcmvae.training.checkpoint import Identity
from rcmvae.training.engine import Engine
from rcmvae.training.predictor import ModelPredictor
from rcmvae.training.state import begin_run
from rcmvae.training.step import metric_names
from rcmvae.training.task import Task
from rcmvae.training.trainer import data_of_job, recipe_of_job, train
from tests.support.small_rcmvae import small_job
from workbench.runs.scripted import QuietReporter

VAMP = {"prior_type": "vamp", "component_embedding_dim": "auto"}


@cache
def trained(folder: Path, kind: str) -> tuple[Task, Path, DiagnosticsBundle]:
    changes: dict[str, Any] = {"mixture": {"tau_smoothing_alpha": 0.05, "tau_claim_strength": 0.5}, "vamp": VAMP}[kind]
    job = small_job(folder / kind, **changes)
    summary = train(job, QuietReporter())
    assert summary.bundle is not None
    return job, summary.kept, load(summary.bundle)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recount")


def by_the_engine(job: Task, kept: Path) -> ModelPredictor:
    """The model of `kept` with tau counted by the trainer on the job's labels."""
    data = data_of_job(job)
    recipe = recipe_of_job(job, data)
    identity = Identity(job.architecture, job.training, job.resolved, job.fingerprint, job.dataset_sha256, job.class_names)
    state = checkpoint.load(kept, recipe.plan, identity).state
    fresh = begin_run(state, recipe, random_seed=0, metrics=len(metric_names(recipe)), reset_optimizer=False)
    return ModelPredictor(recipe, Engine(recipe, data).recount(fresh))


def relabelled_jobs(job: Task) -> dict[str, Task]:
    """The job with labels changed in every way."""
    rows = sorted(job.labels)
    train_rows, held = job.sample["train"].tolist(), job.sample["validation"].tolist()
    given = {int(row): (int(row) + 1) % 3 for row in train_rows[::2]}
    return {
        "unchanged": job,
        "one changed": replace(job, labels={**job.labels, rows[0]: (job.labels[rows[0]] + 1) % 3}),
        "many of one class": replace(job, labels={**job.labels, **{int(row): 0 for row in train_rows if row not in job.labels}}),
        "some cleared": replace(job, labels={row: job.labels[row] for row in rows[::3]}),
        "all others": replace(job, labels=given),
        "validation only": replace(job, labels={int(row): 1 for row in held}),
        "none": replace(job, labels={}),
        "a class added": replace(job, labels={**given, train_rows[1]: 3, train_rows[3]: 3}, class_names=("a", "b", "c", "new")),
        "a class added without labels": replace(job, class_names=("a", "b", "c", "new")),
    }


@pytest.mark.parametrize("kind", ["mixture", "vamp"])
@pytest.mark.parametrize("change", [
    "unchanged", "one changed", "many of one class", "some cleared", "all others", "validation only", "none", "a class added", "a class added without labels",
])  # fmt: skip
def test_it_agrees_with_the_trainers_recount(folder: Path, kind: str, change: str) -> None:
    before, kept, bundle = trained(folder, kind)
    job = relabelled_jobs(before)[change]
    labels = labels_of(bundle.rows, job.labels)
    found = recount(
        bundle.responsibilities, labels, bundle.split == TRAIN, bundle.claims, len(job.class_names),
        alpha=job.resolved["tau_smoothing_alpha"], claim=job.resolved["tau_claim_strength"],
    )  # fmt: skip
    engine = by_the_engine(job, kept)
    np.testing.assert_allclose(found.counts, engine.counts_with_claims, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found.tau, engine.tau, rtol=1e-4, atol=1e-6)
    said = engine.classify(np.asarray(job.dataset.images)[bundle.rows])
    np.testing.assert_allclose(found.probabilities, said.probabilities, rtol=1e-4, atol=1e-6)
    if change in ("none", "validation only"):
        assert (found.predictions == -1).all()
        assert np.isnan(found.certainty).all()
        np.testing.assert_allclose(found.probabilities, 1 / 3, rtol=1e-5)
        return
    clear = np.diff(np.sort(found.probabilities, axis=1)[:, -2:])[:, 0] > 1e-5
    np.testing.assert_array_equal(found.predictions[clear], np.asarray(said.probabilities).argmax(axis=1)[clear])
    np.testing.assert_allclose(found.certainty, said.certainty, rtol=1e-4)
    if change == "unchanged":
        np.testing.assert_allclose(found.counts, bundle.tau_counts, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(found.tau, bundle.tau, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(found.certainty, bundle.certainty, rtol=1e-4)


@pytest.mark.parametrize("change", ["all others", "a class added"])
def test_passes_with_dropout_are_classified_by_todays_tau_too(folder: Path, change: str) -> None:
    before, kept, _ = trained(folder, "mixture")
    job = relabelled_jobs(before)[change]
    model = TrainedModel(
        job.architecture, job.training, job.resolved, before.class_names, job.fingerprint, kept, lambda: job.dataset
    )  # fmt: skip
    bundle = kept.parent.parent / "diagnostics.npz"
    ask = Ask(bundle, job.resolved, job.labels, job.class_names, strategy="bald", n=3, diverse=False, model=lambda: model)
    found = suggest(ask).items
    engine = by_the_engine(job, kept)
    rows = np.array([item.index for item in found])
    # masks depend on an image's place among those asked about
    free = np.array(sorted(set(job.sample["train"].tolist()) - job.labels.keys()))
    votes = votes_of(engine, np.asarray(job.dataset.images)[free])
    expected = dict(zip(free.tolist(), mutual_information(votes), strict=True))
    assert [item.score for item in found] == pytest.approx([expected[row] for row in rows.tolist()], rel=1e-3, abs=1e-6)
    assert found[0].score == pytest.approx(max(expected.values()), rel=1e-3)
    predicted = np.asarray(engine.classify(np.asarray(job.dataset.images)[rows]).probabilities).argmax(axis=1)
    assert [item.predicted for item in found] == predicted.tolist()
    assert suggest(replace(ask, labels=before.labels, class_names=before.class_names)).items != found


def mutual_information(votes: np.ndarray) -> np.ndarray:
    """H(mean p) - mean H(p) of passes (T, N, Y)."""
    return entropy(votes.mean(axis=0)) - entropy(votes).mean(axis=0)


def test_a_small_case_by_hand() -> None:
    r = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]], np.float32)
    training = np.array([True, True, False])
    found = recount(r, np.array([0, 2, 1]), training, np.array([1, -1]), 3, alpha=0.5, claim=1.0)
    np.testing.assert_allclose(found.counts, [[0.9, 1.0, 0.2], [0.1, 0.0, 0.8]], atol=1e-6)
    np.testing.assert_allclose(found.tau, [[1.4 / 3.6, 1.5 / 3.6, 0.7 / 3.6], [0.6 / 2.4, 0.5 / 2.4, 1.3 / 2.4]], rtol=1e-6)
    np.testing.assert_allclose(found.probabilities, r @ found.tau, rtol=1e-6)
    np.testing.assert_allclose(found.certainty[1], max(0.2 * 1.5 / 3.6, 0.8 * 1.3 / 2.4), rtol=1e-6)


def test_classes_count_alike_however_many_of_their_images_are_labelled() -> None:
    r = np.array([[0.9, 0.1], [0.4, 0.6], [0.4, 0.6], [0.4, 0.6]], np.float32)
    found = recount(r, np.array([0, 1, 1, 1]), np.ones(4, bool), np.array([-1, -1]), 2, alpha=0.01, claim=0.0)
    np.testing.assert_allclose(found.counts, [[0.9, 1.2], [0.1, 1.8]], atol=1e-6)  # what was counted is kept
    h = 2 / (1 / 1 + 1 / 3)
    expected = np.array([[0.9, 0.4], [0.1, 0.6]]) * h + 0.01
    np.testing.assert_allclose(found.tau, expected / expected.sum(axis=1, keepdims=True), rtol=1e-5)
    assert found.predictions.tolist() == [0, 1, 1, 1]


def test_labels_are_found_by_row_in_any_order() -> None:
    rows = np.array([7, 3, 9, 0], np.int32)
    assert labels_of(rows, {3: 1, 9: 0, 100: 2, -5: 1}).tolist() == [-1, 1, 0, -1]
    assert labels_of(rows, {}).tolist() == [-1] * 4
    assert labels_of(rows[:0], {3: 1}).tolist() == []


def test_without_classes_nothing_is_named() -> None:
    found = recount(np.ones((3, 2), np.float32) / 2, np.full(3, -1), np.ones(3, bool), np.array([-1, 0]), 0, alpha=0.01, claim=1.0)
    assert found.probabilities.shape == (3, 0)
    assert found.tau.shape == (2, 0)
    assert found.predictions.tolist() == [-1] * 3


def test_sixty_thousand_images_are_counted_at_once() -> None:
    rng = np.random.default_rng(0)
    r = rng.dirichlet(np.full(12, 0.1), 60_000).astype(np.float32)
    rows, labels = np.arange(60_000, dtype=np.int32), {row: row % 10 for row in range(60_000)}
    started = time.perf_counter()
    recount(r, labels_of(rows, labels), np.ones(60_000, bool), np.full(12, -1), 10, alpha=0.01, claim=1.0)
    assert time.perf_counter() - started < 0.5


def test_it_needs_numpy_alone() -> None:
    code = (
        "import sys, rcmvae.recount\n"
        "import rcmvae.diagnostics.present\n"
        "assert not {'jax', 'flax', 'scipy', 'plotly', 'pandas'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
