"""The images a bundle keeps: reconstructions of a fixed panel, samples of each component and a walk through a 2-D latent space."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rcmvae.diagnostics.bundle import TEST, TRAIN, VALIDATION
from rcmvae.diagnostics.evaluate import Passed, as_floats, evaluate_rows
from rcmvae.diagnostics.predictor import Predictor

PANEL_SIZE = 20
COMPONENTS_KEPT = 50
SAMPLES_PER_COMPONENT = 8
PIXEL_BUDGET = 24_000_000
"""Pixels kept for the panel by component at most; large images keep fewer components."""


@dataclass(frozen=True)
class PanelImages:
    """Images as uint8; names and shapes as the bundle's `panel_*`, `component_samples` and `traversal*` fields."""

    components: np.ndarray
    originals: np.ndarray
    by_component: np.ndarray
    selected: np.ndarray
    weighted: np.ndarray
    runner_up: np.ndarray
    samples: np.ndarray
    traversal: np.ndarray
    traversal_axis: np.ndarray


def choose(true_labels: np.ndarray, split: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Positions of the panel, int32 (P,), P <= 20, sorted by class: the classes taken in turn, from the test images
    (without any, validation, then training images). Depends on the sample alone, so every run of a model shows the same images."""
    pool = next(np.flatnonzero(split == code) for code in (TEST, VALIDATION, TRAIN) if (split == code).any())
    shuffled = rng.permutation(pool)
    turn = np.zeros(len(shuffled), np.int64)
    for label in np.unique(true_labels[shuffled]):
        same = true_labels[shuffled] == label
        turn[same] = np.arange(same.sum())
    picked = shuffled[np.argsort(turn, kind="stable")[:PANEL_SIZE]]
    return picked[np.argsort(true_labels[picked], kind="stable")].astype(np.int32)


def draw(
    predictor: Predictor, images: np.ndarray, rows: np.ndarray, positions: np.ndarray, passed: Passed, rng: np.random.Generator
) -> PanelImages:
    """Decode everything the bundle keeps; posterior means are decoded, not samples."""
    panel_rows = rows[positions]
    mu = np.concatenate([out.mu for _, out in evaluate_rows(predictor, images, panel_rows, np.full(len(panel_rows), -1, np.int32))])
    responsibilities = passed.responsibilities
    shape = images.shape[1:]
    usage = responsibilities.mean(axis=0) if responsibilities.shape[1] else np.ones(1)
    weights = responsibilities[positions] if responsibilities.shape[1] else np.ones((len(positions), 1), np.float32)
    limit = max(4, min(COMPONENTS_KEPT, PIXEL_BUDGET // (len(positions) * int(np.prod(shape)))))
    kept = np.sort(np.argsort(-usage, kind="stable")[:limit]).astype(np.int32)
    by_component, selected, weighted, runner_up = reconstruct(predictor, mu, weights, kept, shape)
    traversal, axis = _traverse(predictor, passed, int(usage.argmax()), shape)
    return PanelImages(
        components=kept,
        originals=to_bytes(as_floats(images[panel_rows])),
        by_component=by_component,
        selected=selected,
        weighted=weighted,
        runner_up=runner_up,
        samples=_sample(predictor, kept, mu.shape[2], shape, rng),
        traversal=traversal,
        traversal_axis=axis,
    )


def to_bytes(images: np.ndarray) -> np.ndarray:
    """Images in [0, 1] as uint8, rounded."""
    return np.clip(np.rint(np.asarray(images) * 255), 0, 255).astype(np.uint8)


def decode_all(predictor: Predictor, z: np.ndarray, components: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Decode any number of latents in batches of the predictor's size; yields (position, image) one by one."""
    size = predictor.batch_size
    for start in range(0, len(z), size):
        part, which = z[start : start + size], components[start : start + size]
        missing = size - len(part)
        out = predictor.decode(
            np.concatenate([part, np.repeat(part[:1], missing, axis=0)]).astype(np.float32),
            np.concatenate([which, np.repeat(which[:1], missing)]).astype(np.int32),
        )
        for offset in range(len(part)):
            yield start + offset, np.asarray(out[offset])


def reconstruct(
    predictor: Predictor, mu: np.ndarray, weights: np.ndarray, kept: np.ndarray, shape: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """P images by each of the `kept` components, by the selected one, weighted, and by the runner-up, uint8. `mu` (P, C, D), `weights` (P, K)."""
    p, k = weights.shape
    by_component = np.zeros((p, len(kept), *shape), np.uint8)
    selected, runner_up = np.zeros((p, *shape), np.uint8), np.zeros((p, *shape), np.uint8)
    weighted = np.zeros((p, *shape), np.float64)
    order = np.argsort(-weights, axis=1, kind="stable")
    place = {int(component): i for i, component in enumerate(kept)}
    z = np.broadcast_to(mu, (p, k, mu.shape[2])).reshape(p * k, -1)
    for i, image in decode_all(predictor, z, np.tile(np.arange(k), p)):
        row, component = divmod(i, k)
        weighted[row] += weights[row, component] * image
        if component in place:
            by_component[row, place[component]] = to_bytes(image)
        if component == order[row, 0]:
            selected[row] = to_bytes(image)
        elif component == order[row, 1]:
            runner_up[row] = to_bytes(image)
    return by_component, selected, to_bytes(weighted), runner_up


def _sample(predictor: Predictor, kept: np.ndarray, dims: int, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Images of z ~ p(z|c), uint8 (S, J, H, W, L), the same noise for every component."""
    noise = np.tile(rng.standard_normal((SAMPLES_PER_COMPONENT, dims)).astype(np.float32), (len(kept), 1))
    components = np.repeat(kept, SAMPLES_PER_COMPONENT)
    z = predictor.prior_sample(components, noise)
    out = np.zeros((len(z), *shape), np.uint8)
    for i, image in decode_all(predictor, z, components):
        out[i] = to_bytes(image)
    return out.reshape(len(kept), SAMPLES_PER_COMPONENT, *shape)


def _traverse(predictor: Predictor, passed: Passed, component: int, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Images over a grid of a two-dimensional latent space, decoded by the most used component; empty unless D = 2."""
    if passed.mu.shape[1] != 2:
        return np.zeros((0, 0, *shape), np.uint8), np.zeros(0, np.float32)
    steps = 15 if np.prod(shape) <= 4096 else 9
    reach = float(np.clip(np.quantile(np.abs(passed.mu), 0.99), 2, 8))
    axis = np.linspace(-reach, reach, steps, dtype=np.float32)
    z = np.stack([np.tile(axis, steps), np.repeat(axis[::-1], steps)], axis=1)
    out = np.zeros((len(z), *shape), np.uint8)
    for i, image in decode_all(predictor, z, np.full(len(z), component, np.int32)):
        out[i] = to_bytes(image)
    return out.reshape(steps, steps, *shape), axis
