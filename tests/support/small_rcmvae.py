"""Tiny RCM-VAEs and data for tests: real code paths, seconds of compilation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from rcmvae.config import Training, resolve
from rcmvae.data.about import manifest_of
from rcmvae.data.loaded import LoadedDataset
from rcmvae.training.arrays import RunData
from rcmvae.training.engine import Engine
from rcmvae.training.recipe import Recipe, recipe_of
from rcmvae.training.script import make_job
from rcmvae.training.state import TrainState, fresh_state
from rcmvae.training.step import metric_names
from rcmvae.training.task import Task

SMALL: dict[str, Any] = {
    "input_shape": (8, 8, 1), "num_classes": 3, "num_components": 4, "hidden_dims": (12, 8), "conv_channels": (4, 5),
    "component_embedding_dim": 3, "batch_size": 16, "labelled_batch_size": 6, "max_epochs": 3, "learning_rate": 5e-3,
}  # fmt: skip
"""Values of a small mixture; tests lay theirs over it."""


def values(**changes: Any) -> dict[str, Any]:
    """Resolved values of a small model."""
    given = {**SMALL, **changes}
    if given.get("prior_type") == "standard":
        given = {k: v for k, v in given.items() if k not in ("num_components", "component_embedding_dim")}
    if given.get("decoder_conditioning") == "none":
        given.pop("component_embedding_dim", None)
    return resolve(given)


def settings_of(resolved: dict[str, Any]) -> Training:
    """The training config of resolved values."""
    return Training.model_validate({name: resolved[name] for name in Training.model_fields})


def blobs(count: int, shape: tuple[int, int, int] = (8, 8, 1), classes: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Images of a bright square whose place tells the class, with noise: float32 in [0, 1], and labels int32."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(count) % classes).astype(np.int32)
    images = rng.random((count, *shape)).astype(np.float32) * 0.2
    half = (shape[0] // 2, shape[1] // 2)
    places = [(0, 0), (half[0], 0), (0, half[1]), half]
    for image, label in zip(images, labels, strict=True):
        top, left = places[label % 4]
        image[top : top + half[0], left : left + half[1]] += 0.7
    return np.clip(images, 0, 1), labels


IMAGES, LABELS = blobs(48)
"""What models fitted through the Python API see; `SEEN` are the labels of the first 18 images, -1 for the others."""
SEEN = np.where(np.arange(48) < 18, LABELS, -1)
ARCHITECTURE: dict[str, Any] = {
    "num_components": 4,
    "hidden_dims": (16, 8),
    "decoder_conditioning": "film",
    "latent_layout": "decentralized",
}
"""The architecture of those models."""


def small_data(
    count: int = 40, labelled: int = 12, validation: int = 10, *, shape: tuple[int, int, int] = (8, 8, 1), validation_labelled: bool = True
) -> RunData:
    """A run's data: `count` training images, the first `labelled` of them labelled, and validation images."""
    images, labels = blobs(count + validation, shape)
    rows = np.arange(count + validation, dtype=np.int32)
    shown = np.where(rows[:count] < labelled, labels[:count], -1).astype(np.int32)
    held = labels[count:] if validation_labelled else np.full(validation, -1, np.int32)
    return RunData(images[:count], shown, rows[:count], images[count:], held, rows[count:])


def small_recipe(data: RunData | None = None, **changes: Any) -> Recipe:
    """The recipe of a small model on `data`."""
    data = small_data() if data is None else data
    resolved = values(**{"input_shape": data.images.shape[1:], **changes})
    return recipe_of(
        resolved, settings_of(resolved), classes=resolved["num_classes"], n_train=len(data.images), n_validation=len(data.validation_images),
        labelled=bool(len(data.labelled)), validation_labelled=bool((data.validation_labels >= 0).any()),
    )  # fmt: skip


def started(data: RunData | None = None, *, resident: bool | None = None, **changes: Any) -> tuple[Engine, TrainState]:
    """An engine and the state with which its run begins."""
    data = small_data() if data is None else data
    recipe = small_recipe(data, **changes)
    engine = Engine(recipe, data, resident=resident)
    seed = recipe.settings.random_seed
    state = fresh_state(recipe, init_seed=changes.get("init_seed", 0), random_seed=seed, metrics=len(metric_names(recipe)))
    return engine, engine.begin(state)


def small_dataset(count: int = 60, test: int = 15) -> LoadedDataset:
    """Blobs as a dataset; the last `test` images are its test set."""
    images, labels = blobs(count)
    kept = np.arange(count - test, count, dtype=np.int32)
    manifest = manifest_of(images, labels, kept, ("a", "b", "c"), source="blobs", loader_version=1)
    return LoadedDataset(images=images, true_labels=labels, test=kept, manifest=manifest)


def small_job(
    folder: Path,
    *,
    sample: dict[str, Any] | None = None,
    dataset: LoadedDataset | None = None,
    job: dict[str, Any] | None = None,
    **changes: Any,
) -> Task:
    """A job of a small model on blobs."""
    given = {name: value for name, value in SMALL.items() if name not in ("input_shape", "num_classes")} | changes
    if "conv" not in (given.get("encoder_type"), given.get("decoder_type")):
        del given["conv_channels"]
    drawn = {"num_samples": "auto", "num_labeled": 12, "val_split": 0.2, **(sample or {})}
    return make_job(dataset or small_dataset(), folder=folder, values=given, sample=drawn, **(job or {}))


def equal_states(first: TrainState, second: TrainState) -> bool:
    """Whether two states agree bit for bit."""
    from rcmvae.training.checkpoint import flatten

    a, b = flatten(first), flatten(second)
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name], equal_nan=True) for name in a)
