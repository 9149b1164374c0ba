"""One deterministic pass over a model's sample that fills the diagnostics bundle.

The model comes in as a `Predictor`, numpy in and numpy out, so that nothing here knows the framework.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rcmvae.diagnostics import panel as panels
from rcmvae.diagnostics.bundle import TEST, TRAIN, VALIDATION, BundleFacts, DiagnosticsBundle
from rcmvae.diagnostics.evaluate import evaluate_all
from rcmvae.diagnostics.predictor import Predictor


@dataclass(frozen=True)
class ModelArrays:
    """Arrays of the trained model that belong to no image; empty ones (K = 0, V = 0) where it has none.

    Attributes:
        pi: (K,). tau, tau_counts: (K, Y), zeros if tau does not classify. claims: (K,), -1 none. embeddings: (K, V).
        pseudo_images: (K, H, W, L) in [0, 1], a VampPrior's; else None. centres: (K, D), a geometric prior's; else None.
    """

    pi: np.ndarray
    tau: np.ndarray
    tau_counts: np.ndarray
    claims: np.ndarray
    embeddings: np.ndarray
    pseudo_images: np.ndarray | None = None
    centres: np.ndarray | None = None


@dataclass(frozen=True)
class Histories:
    """What was logged in this run, over all its attempts. Epochs are of the model's life, 1-based.

    Attributes:
        metrics: one flat mapping an epoch, as reported (`train/loss`, ...); None and missing keys become NaN. metric_epochs: their epochs.
        mixture_epochs, pi, usage: of the same length; `pi` and `usage` hold K values each.
        hardness, temperature: one value for each of `mixture_epochs`, or empty: the mean over validation images of the largest
            responsibility, and the Gumbel temperature. None becomes NaN.
    """

    metric_epochs: tuple[int, ...] = ()
    metrics: tuple[Mapping[str, float | None], ...] = ()
    mixture_epochs: tuple[int, ...] = ()
    pi: tuple[object, ...] = ()
    usage: tuple[object, ...] = ()
    hardness: tuple[float | None, ...] = ()
    temperature: tuple[float | None, ...] = ()
    active: tuple[Sequence[bool], ...] = ()


@dataclass(frozen=True)
class SampleData:
    """The images that are looked at: the model's sample of its dataset.

    Attributes:
        images: (n, H, W, L) of the whole dataset, uint8 or float in [0, 1]. true_labels: int (n,), -1 unknown.
        train, validation, test: dataset rows. labels: dataset row -> class, what the model may see.
    """

    images: np.ndarray
    true_labels: np.ndarray
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    labels: Mapping[int, int]


def collect(
    predictor: Predictor, data: SampleData, model: ModelArrays, histories: Histories, facts: BundleFacts, *, seed: int = 0
) -> DiagnosticsBundle:
    """Run the predictor over all images of the sample and gather the bundle.

    The same arguments give the same bundle. `seed` chooses the images looked at in detail, the panel and the noise of prior samples.
    Raises ValueError if the sample is empty or the predictor's arrays do not fit together.
    """
    parts = {TRAIN: data.train, VALIDATION: data.validation, TEST: data.test}
    rows = np.concatenate(list(parts.values())).astype(np.int32)
    if not len(rows):
        raise ValueError("the sample holds no image, so there is nothing to diagnose")
    split = np.concatenate([np.full(len(part), code, np.uint8) for code, part in parts.items()])
    used = np.fromiter((data.labels.get(int(row), -1) for row in rows), np.int32, len(rows))
    true = np.asarray(data.true_labels, np.int32)[rows]
    rng = np.random.default_rng(seed)
    passed = evaluate_all(predictor, data.images, rows, used, rng)
    labelled = bool(((used >= 0) & (split == TRAIN)).any())
    certainty = certainty_of(passed.responsibilities, passed.probabilities, model.tau, facts.classifier if labelled else "none")
    positions = panels.choose(true, split, rng)
    images = panels.draw(predictor, data.images, rows, positions, passed, rng)
    metric_names = sorted({name for epoch in histories.metrics for name in epoch})
    k = passed.responsibilities.shape[1]
    shape = data.images.shape[1:]
    return DiagnosticsBundle(
        facts=facts,
        rows=rows,
        split=split,
        true_labels=true,
        used_labels=used,
        mu=passed.mu,
        log_var=passed.log_var,
        responsibilities=passed.responsibilities,
        probabilities=passed.probabilities,
        predictions=passed.probabilities.argmax(axis=1).astype(np.int32) if labelled else np.full(len(rows), -1, np.int32),
        certainty=certainty,
        ood=(1 - certainty).astype(np.float32),
        loss_names=_text(passed.loss_names),
        losses=passed.losses,
        pi=_float32(model.pi),
        tau=_float32(model.tau),
        tau_counts=_float32(model.tau_counts),
        claims=np.asarray(model.claims, np.int32),
        embeddings=_float32(model.embeddings),
        pseudo_images=np.zeros((0, *shape), np.uint8) if model.pseudo_images is None else panels.to_bytes(model.pseudo_images),
        centres=_float32(np.zeros((0, passed.mu.shape[1])) if model.centres is None else model.centres),
        detail=passed.detail,
        component_mu=passed.component_mu,
        component_log_var=passed.component_log_var,
        component_z=passed.component_z,
        component_kl=passed.component_kl,
        panel=positions,
        panel_components=images.components,
        panel_images=images.originals,
        panel_by_component=images.by_component,
        panel_selected=images.selected,
        panel_weighted=images.weighted,
        panel_runner_up=images.runner_up,
        component_samples=images.samples,
        traversal=images.traversal,
        traversal_axis=images.traversal_axis,
        metric_names=_text(metric_names),
        metric_epochs=np.asarray(histories.metric_epochs, np.int32),
        metric_history=_table(histories.metrics, metric_names),
        mixture_epochs=np.asarray(histories.mixture_epochs, np.int32),
        pi_history=_float32(histories.pi).reshape(len(histories.mixture_epochs), k),
        usage_history=_float32(histories.usage).reshape(len(histories.mixture_epochs), k),
        hardness_history=_optional(histories.hardness, histories.mixture_epochs),
        temperature_history=_optional(histories.temperature, histories.mixture_epochs),
        active_epochs=np.asarray(histories.mixture_epochs if histories.active else (), np.int32),
        active_history=np.asarray(histories.active, np.uint8).reshape(len(histories.active), k),
        simple_names=_text(()),
        simple_held=np.zeros(0, np.int32),
        simple_predictions=np.zeros((0, 0), np.int32),
        simple_notes=_text(()),
    )


def certainty_of(responsibilities: np.ndarray, probabilities: np.ndarray, tau: np.ndarray, classifier: str) -> np.ndarray:
    """How certain each prediction is, float32 (N,) in [0, 1].

    With tau max_k (r_k max_y tau_ky), with the head max_y p(y|x), NaN where nothing classifies.
    """
    if classifier == "tau":
        return (responsibilities * np.asarray(tau).max(axis=1)).max(axis=1).astype(np.float32)
    if classifier == "head":
        return probabilities.max(axis=1).astype(np.float32)
    return np.full(len(probabilities), np.nan, np.float32)


def _text(names: Sequence[str]) -> np.ndarray:
    """A text array, of text type even when empty."""
    return np.array(names, dtype=str) if len(names) else np.zeros(0, dtype="<U1")


def _float32(values: object) -> np.ndarray:
    return np.asarray(values, np.float32)


def _optional(values: Sequence[float | None], epochs: Sequence[int]) -> np.ndarray:
    """One value an epoch as float32, NaN for None; all NaN if nothing was logged."""
    return _float32([np.nan if value is None else value for value in values] or [np.nan] * len(epochs))


def _table(epochs: Sequence[Mapping[str, float | None]], names: Sequence[str]) -> np.ndarray:
    """Metrics as float64 (epochs, names), NaN where an epoch has no such value."""
    table = np.full((len(epochs), len(names)), np.nan)
    for i, metrics in enumerate(epochs):
        for j, name in enumerate(names):
            value = metrics.get(name)
            table[i, j] = np.nan if value is None else value
    return table
