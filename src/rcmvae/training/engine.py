"""Runs compiled epochs over a run's data: the host side of training, without files, stopping rules or reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import psutil
from jax import Array

from parallel.crew import least
from parallel.mesh import bytes_on_each, placed
from rcmvae.device import on_device
from rcmvae.training import curriculum
from rcmvae.training.arrays import LABELLED_STEP, RECOUNT_LIMIT, RunData, pad_rows, round_up, stratified_part
from rcmvae.training.claims import assign_claims
from rcmvae.training.epoch import Compiled, LabelledSet, TrainArrays, compiled, evaluation_names
from rcmvae.training.evaluation import evaluation_arrays
from rcmvae.training.labelled import draw
from rcmvae.training.pseudo_images import with_pseudo_images
from rcmvae.training.recipe import Recipe
from rcmvae.training.state import EpochSums, TrainState
from rcmvae.training.step import metric_names

ChunkHook = Callable[[int], bool]
"""Called with the finished steps of the epoch after each chunk; True asks to stop here."""


@dataclass(frozen=True)
class EpochResult:
    """An epoch's end.

    Attributes:
        train, validation: metric name -> mean over the epoch, exact value on the validation set.
        usage: (K,) mean responsibilities over the epoch. component_kl: (C,). sureness: (20,) histogram of max r, sums to 1.
        tau: (K, Y) and pi: (K,) at its end.
    """

    train: Mapping[str, float]
    validation: Mapping[str, float]
    usage: np.ndarray
    component_kl: np.ndarray
    sureness: np.ndarray
    tau: np.ndarray
    pi: np.ndarray


class Engine:
    """Compiled functions bound to a run's data on the device.

    Data larger than half the device's memory stays on the host and is sent chunk by chunk, with the same result.
    """

    def __init__(self, recipe: Recipe, data: RunData, *, resident: bool | None = None) -> None:
        self.recipe = recipe
        self.data = data
        self.functions: Compiled = compiled(recipe)
        self.metrics = metric_names(recipe)
        self.resident = data.images.nbytes <= _device_memory() / 2 if resident is None else resident
        self._images = self._placed(data.images) if self.resident else None
        self._labelled_labels = data.labels[data.labelled]
        self._labelled_images, self._labels = self._labelled_arrays()
        self._recount_parts = self._recount_sets()
        self._validation = (
            evaluation_arrays(recipe, data.validation_images, data.validation_rows, data.validation_labels) if recipe.n_validation else None
        )
        self._validation = placed(self._validation, recipe.devices)

    def train_epoch(self, state: TrainState, hook: ChunkHook) -> tuple[TrainState, bool]:
        """Train from the state's position to the end of its epoch. Returns the state and whether the epoch is complete."""
        recipe = self.recipe
        state = placed(state, recipe.devices)
        order = self.functions.order(state.key, state.life_epoch)
        first = int(state.position)
        labelled_order = self._labelled_order(state, first)
        while first < recipe.steps:
            last = min((first // recipe.chunk_steps + 1) * recipe.chunk_steps, recipe.steps)
            arrays, start = self._chunk_arrays(order, labelled_order, first, last)
            state = self.functions.chunk(state, arrays, self._placed(np.int32(start)), self._placed(np.int32(start + last - first)))
            first = last
            # waiting for the chunk here is what makes a stop, and progress, as prompt as a chunk
            jax.block_until_ready(state.position)
            if hook(first) and first < recipe.steps:
                return state, False
        return state, True

    def bytes_held(self, state: TrainState) -> int:
        """Bytes that lie on each device from step to step: the state and all images that are there."""
        return bytes_on_each((state, self._images, self._recount_parts, self._labelled_images, self._validation))

    def broken(self, state: TrainState) -> tuple[str, int] | None:
        """Name of the first metric that was not finite in the epoch under way and its step (1-based), if any."""
        index = int(state.sums.broken)
        return None if index < 0 else (self.metrics[index], int(state.sums.broken_step) + 1)

    def close_epoch(self, state: TrainState, *, exact: bool) -> tuple[TrainState, EpochResult]:
        """Recount tau, validate and start the next epoch. `exact`: recount over all labelled images."""
        sums: EpochSums = jax.tree.map(np.array, state.sums)
        state, end = self.functions.close(state, self._labelled_set(exact), self._validation)
        train = {
            name: float(total / weight)
            for name, total, weight in zip(self.metrics, sums.metrics.astype(np.float64), sums.weights, strict=True)
            if weight > 0
        }
        names, values = evaluation_names(self.recipe), np.asarray(end.values) if end.values is not None else ()
        images = max(float(sums.images), 1.0)
        return state, EpochResult(
            train={**train, "learning_rate": float(end.rate)},
            validation=dict(zip(names, map(float, values), strict=True)) if end.values is not None else {},
            usage=np.asarray(sums.usage) / images,
            component_kl=np.asarray(sums.component_kl) / images,
            sureness=np.asarray(sums.sureness) / images,
            tau=np.asarray(end.tau),
            pi=np.exp(np.asarray(end.log_pi)),
        )

    @property
    def samples_labels(self) -> bool:
        """Whether tau may be recounted over a part of the labelled images, since they are many."""
        return len(self._recount_parts) > 1

    def recount(self, state: TrainState) -> TrainState:
        """The state with tau's counts taken afresh from all labelled images."""
        labelled = self._labelled_set(exact=True)
        if labelled is None:
            return replace(state, counts=jnp.zeros_like(state.counts))
        state = placed(state, self.recipe.devices)
        return replace(state, counts=self.functions.recount(state.parameters, state.curriculum.active, labelled))

    def begin(self, state: TrainState) -> TrainState:
        """The state with which a run starts: labels counted, claims given to classes that have labels and none yet and on components
        that open now, and at the very first training a VampPrior's pseudo-images. Raises TrainingError if those cannot be had."""
        if self.recipe.plan.prior == "vamp" and not int(state.prior_ready):
            state = with_pseudo_images(state, self.data.images, self.recipe)
        before = set(curriculum.open_components(state))
        state = self.adopt(curriculum.started(state, self.recipe))
        opened = [component for component in curriculum.open_components(state) if component not in before]
        state = self.claim(self.recount(state), opened)
        # arrays made from Python numbers are weakly typed, and would compile every function twice
        return self._placed(state)

    def adopt(self, state: TrainState) -> TrainState:
        """Compile for as many components as `state` has open. Returns the state; call it whenever that number may have changed."""
        count = curriculum.open_count(state)
        wanted = count if count < self.recipe.plan.components else 0
        if wanted != self.recipe.open_components:
            self.recipe = replace(self.recipe, open_components=wanted)
            self.functions = compiled(self.recipe)
        return state

    def unlock(self, state: TrainState, reconstruction: float) -> tuple[TrainState, int | None]:
        """Count an epoch for the curriculum; the state, and the component that opened, claimed by a class that wants one."""
        state, component = curriculum.advance(state, reconstruction, self.recipe.settings)
        if component is not None:
            state = self.claim(self.recount(self.adopt(state)), [component])
        return state, component

    def claim(self, state: TrainState, opened: Sequence[int]) -> TrainState:
        """The state with claims for classes that have labels and none yet, and on components that have just `opened`.

        Counts must be exact.
        """
        if self.recipe.classifier != "tau" or not self.recipe.labelled:
            return state
        sizes = np.bincount(self._labelled_labels, minlength=self.recipe.classes)
        active = np.asarray(state.curriculum.active) > 0
        claims = assign_claims(np.asarray(state.claims), np.asarray(state.counts), sizes, np.asarray(state.usage), active, opened)
        return replace(state, claims=self._placed(claims))

    def _placed(self, tree: Any) -> Any:
        return placed(on_device(tree), self.recipe.devices)

    def _labelled_arrays(self) -> tuple[Array | None, Array | None]:
        if not self.recipe.labelled_rows:
            return None, None
        chosen = self.data.labelled
        size = round_up(len(chosen), LABELLED_STEP)
        return self._placed((pad_rows(self.data.images[chosen], size), pad_rows(self._labelled_labels, size)))

    def _labelled_set(self, exact: bool) -> LabelledSet | None:
        return self._recount_parts[-1 if exact else 0] if self._recount_parts else None

    def _recount_sets(self) -> list[LabelledSet]:
        """The labelled images to recount over: a stratified part (if they are many), then all of them."""
        if self._labelled_images is None or self._labels is None or self.recipe.classifier != "tau":
            return []
        count = len(self._labelled_labels)
        weights = self._placed((np.arange(len(self._labels)) < count).astype(np.float32))
        everything = LabelledSet(self._labelled_images, self._labels, weights, self._placed(np.float32(1.0)))
        part = stratified_part(self._labelled_labels, RECOUNT_LIMIT)
        if len(part) == count:
            return [everything]
        chosen = LabelledSet(
            self._labelled_images[part], self._labels[part], *self._placed((np.ones(len(part), np.float32), np.float32(count / len(part))))
        )
        return [chosen, everything]

    def _labelled_order(self, state: TrainState, first: int) -> np.ndarray | None:
        rows = self.recipe.labelled_rows
        if not rows:
            return None
        done = int(state.life_step) - first
        seed = self.recipe.settings.random_seed
        return draw(self._labelled_labels, done * rows, self.recipe.steps * rows, seed).reshape(self.recipe.steps, rows)

    def _chunk_arrays(self, order: Array, labelled_order: np.ndarray | None, first: int, last: int) -> tuple[TrainArrays, int]:
        """The arrays of steps `first` to `last`, and the place of `first` in them."""
        if self._images is not None:
            labelled = None if labelled_order is None else self._placed(labelled_order)
            return TrainArrays(self._images, order, self._labelled_images, self._labels, labelled), first
        chunk, size = self.recipe.chunk_steps, self.recipe.batch_size
        rows = np.full((chunk, size), -1, np.int32)
        rows[: last - first] = np.asarray(order[first:last])
        images = self.data.images[np.maximum(rows, 0).reshape(-1)]
        places = np.where(rows >= 0, np.arange(chunk * size, dtype=np.int32).reshape(chunk, size), -1)
        labelled = None
        if labelled_order is not None:
            labelled = self._placed(
                np.concatenate([labelled_order[first:last], np.zeros((chunk - (last - first), labelled_order.shape[1]), np.int32)])
            )
        return TrainArrays(self._placed(images), self._placed(places), self._labelled_images, self._labels, labelled), 0


def _device_memory() -> float:
    """Bytes of a device: an accelerator's own, or the machine's; of the smallest machine where several train as one."""
    stats = jax.local_devices()[0].memory_stats() or {}
    return least(float(stats.get("bytes_limit", psutil.virtual_memory().total)))
