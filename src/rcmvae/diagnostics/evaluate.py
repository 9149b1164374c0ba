"""The pass over all images: fixed batches through the predictor, gathered into arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rcmvae.diagnostics.predictor import Evaluation, Predictor

DETAIL_LIMIT = 10_000
"""Images of which per-component arrays are kept."""
DETAIL_VALUES = 12_000_000
"""Values of one per-component array (images x components x dimensions) at most; fewer images are kept beyond it."""


@dataclass(frozen=True)
class Passed:
    """What the pass found, over N images; the arrays are as the bundle's fields of the same names."""

    responsibilities: np.ndarray
    mu: np.ndarray
    log_var: np.ndarray
    probabilities: np.ndarray
    loss_names: tuple[str, ...]
    losses: np.ndarray
    detail: np.ndarray
    component_mu: np.ndarray
    component_log_var: np.ndarray
    component_z: np.ndarray
    component_kl: np.ndarray


def as_floats(images: np.ndarray) -> np.ndarray:
    """Images as float32 in [0, 1], whether stored as uint8 or as floats."""
    return images.astype(np.float32) / 255 if images.dtype == np.uint8 else images.astype(np.float32)


def evaluate_rows(predictor: Predictor, images: np.ndarray, rows: np.ndarray, labels: np.ndarray) -> Iterator[tuple[int, Evaluation]]:
    """Evaluate the images at `rows` in batches of the predictor's size; yields (first position, evaluation of the real ones).

    The last batch is padded with copies of its first image, whose results are cut off again.
    """
    size = predictor.batch_size
    for start in range(0, len(rows), size):
        part, known = rows[start : start + size], labels[start : start + size]
        real = len(part)
        padded = np.concatenate([part, np.repeat(part[:1], size - real)])
        out = predictor.evaluate(as_floats(images[padded]), padded, np.concatenate([known, np.repeat(known[:1], size - real)]))
        yield start, _cut(out, real)


def evaluate_all(predictor: Predictor, images: np.ndarray, rows: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> Passed:
    """Evaluate every image of `rows` and keep per-component arrays of a random part, drawn with `rng`."""
    whole: list[Evaluation] = []
    detail = np.zeros(0, np.int32)
    kept: list[tuple[np.ndarray, ...]] = []
    for start, out in evaluate_rows(predictor, images, rows, labels):
        if not whole:
            detail = _choose_detail(len(rows), max(out.mu[0].size, out.component_kl[0].size), rng)
        inside = detail[(detail >= start) & (detail < start + len(out.mu))] - start
        kept.append(tuple(a[inside] for a in (out.mu, out.log_var, out.z, out.component_kl)))
        whole.append(_without_components(out))
    names = tuple(whole[0].losses)
    component_mu, component_log_var, component_z, component_kl = (np.concatenate(a).astype(np.float32) for a in zip(*kept, strict=True))
    return Passed(
        responsibilities=_join(whole, "responsibilities"),
        mu=_join(whole, "mu")[:, 0],
        log_var=_join(whole, "log_var")[:, 0],
        probabilities=_join(whole, "probabilities"),
        loss_names=names,
        losses=np.concatenate([np.stack([np.asarray(out.losses[n]) for n in names], axis=1) for out in whole]).astype(np.float32),
        detail=detail,
        component_mu=component_mu,
        component_log_var=component_log_var,
        component_z=component_z,
        component_kl=component_kl,
    )


def average_over_components(mu: np.ndarray, log_var: np.ndarray, responsibilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One posterior an image, (B, D) each: the mean of the components' means and the log of the mean of their variances, weighted by r.

    With one posterior for all components (C = 1) that posterior itself.
    """
    if mu.shape[1] == 1:
        return mu[:, 0], log_var[:, 0]
    weights = responsibilities[:, :, None]
    return (weights * mu).sum(axis=1), np.log((weights * np.exp(log_var)).sum(axis=1))


def _choose_detail(n: int, values_per_image: int, rng: np.random.Generator) -> np.ndarray:
    """Ascending positions of the images kept in detail."""
    limit = min(n, DETAIL_LIMIT, max(1, DETAIL_VALUES // max(1, values_per_image)))
    return np.sort(rng.permutation(n)[:limit]).astype(np.int32)


def _without_components(out: Evaluation) -> Evaluation:
    """The evaluation with one posterior an image (C = 1) and no per-component arrays."""
    mu, log_var = average_over_components(out.mu, out.log_var, out.responsibilities)
    none = np.zeros((len(mu), 0), np.float32)
    return Evaluation(out.responsibilities, mu[:, None], log_var[:, None], none, none, out.probabilities, out.losses)


def _cut(out: Evaluation, n: int) -> Evaluation:
    """The first `n` images of an evaluation, as numpy arrays."""
    return Evaluation(
        responsibilities=np.asarray(out.responsibilities)[:n],
        mu=np.asarray(out.mu)[:n],
        log_var=np.asarray(out.log_var)[:n],
        z=np.asarray(out.z)[:n],
        component_kl=np.asarray(out.component_kl)[:n],
        probabilities=np.asarray(out.probabilities)[:n],
        losses={name: np.asarray(values)[:n] for name, values in out.losses.items()},
    )


def _join(parts: list[Evaluation], name: str) -> np.ndarray:
    return np.concatenate([getattr(part, name) for part in parts]).astype(np.float32)
