"""The training jobs that are timed: a model, synthetic images of MNIST's size, and an engine that trains on them.

Throughput does not depend on what the images show, so they are noise; nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from rcmvae.config import Training, resolve
from rcmvae.training.arrays import RunData
from rcmvae.training.engine import Engine
from rcmvae.training.epoch import gather
from rcmvae.training.evaluation import evaluation_arrays
from rcmvae.training.mixture_report import mixture_report
from rcmvae.training.recipe import recipe_of
from rcmvae.training.state import TrainState, fresh_state
from rcmvae.training.step import Batch, as_floats, train_step

SHAPE = (28, 28, 1)
CLASSES = 10
LABELLED = 128
CONV = {"encoder_type": "conv", "decoder_type": "conv"}
STANDARD = {"prior_type": "standard", "num_classes": 0}
MIXTURE = {"prior_type": "mixture", "num_components": 10, "num_classes": CLASSES}


@dataclass(frozen=True)
class Workload:
    """A model and its data.

    Attributes:
        values: field values beside the defaults, batches of 128 and a dropout of 0.2. images, validation: how many of each. labels: whether `LABELLED` of them have one.
    """

    values: Mapping[str, Any]
    images: int
    validation: int = 0

    @property
    def resolved(self) -> dict[str, Any]:
        """All values of the model and its training."""
        return resolve(
            {"input_shape": SHAPE, "num_classes": CLASSES, "max_epochs": 1000, "batch_size": 128, "dropout_rate": 0.2, **self.values}
        )

    def with_labels(self) -> bool:
        """Whether its images have labels."""
        return self.resolved["num_classes"] > 0


def images(count: int, seed: int = 0) -> np.ndarray:
    """`count` noise images of `SHAPE`, uint8."""
    return np.random.default_rng(seed).integers(0, 256, (count, *SHAPE), dtype=np.uint8)


class Trial:
    """A workload ready to train, and the ways to train it an epoch. Every method returns when the work is done."""

    def __init__(self, workload: Workload) -> None:
        resolved = workload.resolved
        given = {name: value for name, value in workload.values.items() if name in Training.model_fields}
        self.workload = workload
        self.recipe = recipe_of(
            resolved,
            Training(**{"max_epochs": resolved["max_epochs"], **given}),
            classes=resolved["num_classes"],
            n_train=workload.images,
            n_validation=workload.validation,
            labelled=workload.with_labels(),
            validation_labelled=workload.with_labels(),
        )
        data = images(workload.images + workload.validation)
        classes = np.arange(len(data), dtype=np.int32) % CLASSES if workload.with_labels() else np.full(len(data), -1, np.int32)
        rows = np.arange(len(data), dtype=np.int32)
        n = workload.images
        shown = np.where(rows[:n] < LABELLED, classes[:n], -1)
        self.data = RunData(data[:n], shown, rows[:n], data[n:], classes[n:], rows[n:])
        self.engine = Engine(self.recipe, self.data)
        self.state = fresh_state(self.recipe, init_seed=0, random_seed=0, metrics=len(self.engine.metrics))
        self.state = self.engine.begin(self.state)
        self._step = jax.jit(partial(train_step, recipe=self.recipe), donate_argnums=0)
        self._bare = jax.jit(self._steps_without_sums, donate_argnums=0)
        splits = ((self.data.images, self.data.rows, classes[:n]), (data[n:], rows[n:], classes[n:]))
        self._splits = [evaluation_arrays(self.recipe, *split) for split in splits if len(split[1])]

    def steps(self) -> None:
        """One epoch's training steps alone."""
        self.state, _ = self.engine.train_epoch(self.state, lambda done: False)
        self.state = self._next_epoch(self.state)
        jax.block_until_ready(self.state.parameters)

    def epoch(self) -> None:
        """One epoch as a run does it: steps, tau recounted, validation, the report of the mixture."""
        self.state, _ = self.engine.train_epoch(self.state, lambda done: False)
        self.state, result = self.engine.close_epoch(self.state, exact=True)
        if self.recipe.mixture:
            mixture_report(self.engine, self.state, result)
        jax.block_until_ready(self.state.counts)

    def bare(self) -> None:
        """The epoch's steps without anything gathered for diagnostics and without tau's recount."""
        order = self.engine.functions.order(self.state.key, self.state.life_epoch)
        labelled = self.engine._labelled_order(self.state, 0)
        arrays, first = self.engine._chunk_arrays(order, labelled, 0, self.recipe.steps)
        self.state = self._next_epoch(self._bare(self.state, arrays, first, self.recipe.steps))
        jax.block_until_ready(self.state.parameters)

    def plain_loop(self) -> None:
        """One epoch as most scripts do it: batches from the host, the same compiled step called from Python, every metric read
        each step, a full evaluation pass over both splits, tau by a forward pass over the labelled images."""
        order = np.random.default_rng(int(self.state.life_step)).permutation(self.recipe.n_train)
        size, rows = self.recipe.batch_size, self.recipe.labelled_rows
        labelled = self.data.labelled
        history: list[np.ndarray] = []
        for start in range(0, self.recipe.n_train, size):
            chosen = order[start : start + size]
            weights = np.zeros(size, np.float32)
            weights[: len(chosen)] = 1.0
            shown = labelled[np.arange(start, start + rows) % len(labelled)] if rows else None
            batch = Batch(
                as_floats(jnp.asarray(self.data.images[np.resize(chosen, size)])),
                jnp.asarray(weights),
                None if shown is None else as_floats(jnp.asarray(self.data.images[shown])),
                None if shown is None else jnp.asarray(self.data.labels[shown]),
            )
            self.state = self._step(self.state, batch)
            history.append(np.asarray(self.state.sums.metrics))
        for split in self._splits:
            np.asarray(self.engine.functions.validate(self.state, split))
        self.state = self._next_epoch(self.engine.recount(self.state))
        jax.block_until_ready(self.state.counts)

    def _next_epoch(self, state: TrainState) -> TrainState:
        return replace(state, position=jnp.zeros_like(state.position), life_epoch=state.life_epoch + 1, run_epoch=state.run_epoch + 1)

    def _steps_without_sums(self, state: TrainState, arrays: Any, first: int, last: int) -> TrainState:
        def body(index: Any, state: TrainState) -> TrainState:
            return replace(train_step(state, gather(arrays, index), self.recipe), sums=state.sums)

        return jax.lax.fori_loop(first, last, body, state)
