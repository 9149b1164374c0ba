"""Where images stand after epochs of a run, written while it trains, so that pages can follow it and replay it.

A snapshot encodes a fixed part of the images with the state as an epoch left it. It draws no random number and changes nothing, so
training is the same, bit for bit, without it. How many images, and after which epochs, follows from what it may cost: at most
`SHARE` of the training time, beside one compilation. Of a run that is over `BEGIN_SECONDS` after its first epoch there is none.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from rcmvae.snapshots import FOLDER, Snapshot, flattened, read_snapshot, snapshots_in, turn
from rcmvae.training.arrays import RunData
from rcmvae.training.predictor import ModelPredictor
from rcmvae.training.recipe import Recipe
from rcmvae.training.state import TrainState
from workbench.artefacts import ArtefactError, writing

SHARE = 0.03
BEGIN_SECONDS = 2.0
PAUSE_SECONDS = 0.5
"""Training time between two snapshots at least: pages look about once a second."""
LEAST_IMAGES = 500
MOST_IMAGES = 20_000
"""Bounds of how many images are shown; all labelled ones always are."""
MOST_EPOCHS = 60


class Snapshots:
    """Takes the snapshots of one attempt.

    Args:
        folder: the attempt's. clock: seconds that pass, for the cost of a snapshot.
    """

    def __init__(self, folder: Path, recipe: Recipe, data: RunData, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self._folder, self._recipe, self._data, self._clock = folder, recipe, data, clock
        self._begun: float | None = None
        self._epochs = 0
        self._chosen: np.ndarray | None = None
        self._places: np.ndarray | None = None
        self._kept: list[int] = []
        self._stride = 1
        self._spent, self._last_cost, self._taken = 0.0, 0.0, -np.inf
        self._off = False

    def adopt(self, attempt: Path, epoch: int) -> None:
        """Go on with the snapshots of the attempt that this one resumes after an epoch: the same images, seen from the same side."""
        found = snapshots_in(attempt)
        earlier = {number: path for number, path in found.items() if number <= epoch}
        try:
            if attempt == self._folder:
                for number in found.keys() - earlier.keys():
                    found[number].unlink()
            if not earlier:
                return
            newest = read_snapshot(earlier[max(earlier)])
            if attempt != self._folder:
                (self._folder / FOLDER).mkdir(parents=True, exist_ok=True)
                for path in earlier.values():
                    shutil.copyfile(path, self._folder / FOLDER / path.name)
        except (ArtefactError, OSError):
            return  # the run goes on with snapshots of its own
        order = np.argsort(self._rows, kind="stable")
        self._chosen = order[np.searchsorted(self._rows[order], newest.rows)]
        self._places = newest.places.astype(np.float64)
        self._kept = list(earlier)
        gaps = np.diff(self._kept[:-1])
        self._stride = int(gaps.min()) if len(gaps) else 1

    def after(self, state: TrainState, epoch: int, seconds: float) -> str | None:
        """Take one of `state`, which `epoch` has left, if it is time for it and the budget allows.

        Args:
            seconds: training time so far, over all attempts.

        Returns a warning for the log where none can be written any more: the run goes on.
        """
        # the first epoch's time holds the compilation, so it says nothing of how long the others take
        self._begun = seconds if self._begun is None else self._begun
        self._epochs += 1
        trained = seconds - self._begun
        due = trained - self._taken >= PAUSE_SECONDS and self._spent + self._last_cost <= SHARE * trained
        if self._off or trained < BEGIN_SECONDS or not due:
            return None
        predictor = ModelPredictor(self._recipe, state)
        if self._last_cost == 0.0:
            self._prepare(predictor, trained / self._epochs)
        started = self._clock()
        try:
            self._write(self._seen(predictor, epoch))
            self._thin(epoch)
        except (ArtefactError, OSError) as error:
            self._off = True
            return f"The run cannot be replayed from here on: {error}"
        self._last_cost = self._clock() - started
        self._spent += self._last_cost
        self._taken = trained
        return None

    def _prepare(self, predictor: ModelPredictor, epoch_seconds: float) -> None:
        """Compile, and choose as many images as one snapshot an epoch, or one each pause, can pay for."""
        images = self._pictures(np.arange(min(predictor.batch_size, len(self._rows))), predictor.batch_size)
        predictor.classify(images)
        started = self._clock()
        predictor.classify(images)
        cost = max(self._clock() - started, 1e-6)
        self._last_cost = cost
        if self._chosen is None:
            affordable = int(SHARE * max(epoch_seconds, PAUSE_SECONDS) / cost) * predictor.batch_size
            self._chosen = self._choose(min(max(affordable, LEAST_IMAGES), MOST_IMAGES))

    def _choose(self, count: int) -> np.ndarray:
        """Positions of the labelled images, and of others at random until there are `count`, ascending."""
        labels = np.concatenate([self._data.labels, self._data.validation_labels])
        shuffled = np.random.default_rng(0).permutation(len(labels))
        order = shuffled[np.argsort(labels[shuffled] < 0, kind="stable")]
        return np.sort(order[: max(count, int((labels >= 0).sum()))])

    @property
    def _rows(self) -> np.ndarray:
        return np.concatenate([self._data.rows, self._data.validation_rows])

    def _pictures(self, positions: np.ndarray, size: int) -> np.ndarray:
        """The images at `positions` among training and then validation images, filled up to `size` with the first of them."""
        full = np.concatenate([positions, np.repeat(positions[:1], size - len(positions))])
        n = len(self._data.images)
        training = self._data.images[np.minimum(full, n - 1)]
        if (full >= n).any():
            training[full >= n] = self._data.validation_images[full[full >= n] - n]
        return training

    def _seen(self, predictor: ModelPredictor, epoch: int) -> Snapshot:
        assert self._chosen is not None
        size, recipe = predictor.batch_size, self._recipe
        places, predicted, component = [], [], []
        for start in range(0, len(self._chosen), size):
            part = self._chosen[start : start + size]
            found = predictor.classify(self._pictures(part, size))
            r, mean = np.asarray(found.responsibilities)[: len(part)], np.asarray(found.mean)[: len(part)]
            selected = r.argmax(axis=1) if recipe.mixture else np.full(len(part), -1)
            own = selected if recipe.mixture and mean.shape[1] > 1 else np.zeros(len(part), np.int64)
            places.append(mean[np.arange(len(part)), own])
            component.append(selected)
            tells = recipe.labelled and recipe.classifier is not None
            predicted.append(np.asarray(found.probabilities)[: len(part)].argmax(axis=1) if tells else np.full(len(part), -1))
        self._places = flat = self._flat(np.concatenate(places))
        return Snapshot(
            epoch,
            self._rows[self._chosen].astype(np.int32),
            flat.astype(np.float16),
            np.concatenate(predicted).astype(np.int16),
            np.concatenate(component).astype(np.int16),
        )

    def _flat(self, means: np.ndarray) -> np.ndarray:
        """The snapshot's places, float64 (n, 2), of means (n, D)."""
        if means.shape[1] == 1:
            return np.concatenate([means, np.zeros_like(means)], axis=1)
        if means.shape[1] == 2:
            return means.astype(np.float64)
        flat = flattened(means)
        return flat if self._places is None else flat @ turn(flat, self._places)

    def _write(self, taken: Snapshot) -> None:
        arrays = {name: getattr(taken, name) for name in ("rows", "places", "predicted", "component")}
        with writing(self._path(taken.epoch)) as file:
            np.savez(file, **arrays)

    def _thin(self, epoch: int) -> None:
        """The newest is always there; those before it lie at least a stride apart, which doubles when they are too many."""
        if len(self._kept) > 1 and self._kept[-1] - self._kept[-2] < self._stride:
            self._path(self._kept.pop()).unlink(missing_ok=True)
        self._kept.append(epoch)
        if len(self._kept) > MOST_EPOCHS:
            dropped = self._kept[1:-1:2]
            self._stride = 2 * max(self._stride, int(np.diff(self._kept[:-1]).min()))
            self._kept = [one for one in self._kept if one not in dropped]
            for one in dropped:
                self._path(one).unlink(missing_ok=True)

    def _path(self, epoch: int) -> Path:
        return self._folder / FOLDER / f"{epoch:06d}.npz"
