"""The course of a training: epochs, what is told of them, stopping early, going on after a break."""

import time

import numpy as np
import tensorflow as tf

from recsys.codegen.blocks.devices import value_of


class Observer:
    """Who follows a training; this one prints. Another is given as `custom_config["observer"]`."""

    def should_stop(self):
        """Whether to end now; asked after every batch."""
        return False

    def batch(self, epoch, batches, rows):
        """So many batches of an epoch are over; so many rows were read of them just now."""

    def epoch(self, epoch, figures, state):
        """An epoch is over.

        Args:
            epoch: its number, from 1 on. figures: by name. state: `state()` gives all that is needed to go on
                from here, as arrays by name.
        """
        print(f"epoch {epoch}: " + ", ".join(f"{name} {value:.4f}" for name, value in figures.items()))

    def histograms(self, epoch, layers):
        """Weights and gradients of an epoch in bins, where the model's settings ask for them (see `Histograms.read`)."""


class EarlyStopping:
    """Ends a training whose validation figure no longer improves."""

    def __init__(self, monitor, patience, restore_best):
        self.monitor = monitor
        self.patience = patience
        self.restore_best = restore_best
        self.best = None
        self.waited = 0
        self.weights = None

    def take(self, figure, model):
        """Take in an epoch's figure."""
        sign = -1.0 if self.monitor == "rmse" else 1.0
        if self.best is None or sign * figure > sign * self.best:
            self.best, self.waited = figure, 0
            self.weights = [value_of(variable) for variable in model.variables] if self.restore_best else None
        else:
            self.waited += 1

    @property
    def over(self):
        """Whether it has waited long enough."""
        return self.waited >= self.patience

    def finish(self, model):
        """Bring the best epoch's weights back, if that is wanted."""
        if self.weights is not None:
            for variable, value in zip(model.variables, self.weights, strict=True):
                variable.assign(value)

    def state(self):
        """What it knows, as arrays by name."""
        kept = {"stopping/waited": np.array(self.waited)}
        if self.best is not None:
            kept["stopping/best"] = np.array(self.best)
        for place, value in enumerate(self.weights or []):
            kept[f"stopping/weights/{place:04d}"] = value
        return kept

    def restore(self, state):
        """Know again what `state` gave."""
        self.waited = int(state["stopping/waited"])
        self.best = float(state["stopping/best"]) if "stopping/best" in state else None
        names = sorted(name for name in state if name.startswith("stopping/weights/"))
        self.weights = [state[name] for name in names] or None


def state_of(model, stopping=None):
    """A model, its optimizer and early stopping as arrays by name."""
    kept = {f"model/{place:04d}": value_of(variable) for place, variable in enumerate(model.variables)}
    for place, variable in enumerate(model.optimizer.variables):
        kept[f"optimizer/{place:04d}"] = value_of(variable)
    return kept | (stopping.state() if stopping else {})


def restore_state(model, state, stopping=None, optimizer=True):
    """Go back to what `state_of` gave.

    Raises:
        ValueError: if it is of another architecture.
    """
    groups = [("model", model.variables)] + ([("optimizer", model.optimizer.variables)] if optimizer else [])
    for group, variables in groups:
        names = sorted(name for name in state if name.startswith(f"{group}/"))
        shapes = [tuple(state[name].shape) for name in names]
        if shapes != [tuple(variable.shape) for variable in variables]:
            raise ValueError(f"these weights are of another architecture: their {group} has other shapes")
        for variable, name in zip(variables, names, strict=True):
            variable.assign(state[name])
    if stopping is not None and "stopping/waited" in state:
        stopping.restore(state)


def train(
    model,
    batches_of,
    epochs,
    observer,
    validate,
    first_epoch=0,
    first_batch=0,
    stopping=None,
    steps=None,
    histograms=None,
):
    """Train from a place on.

    Args:
        model: a compiled model with `train_step` and `condition`. batches_of: epoch -> its batches. epochs: how many in all.
        observer: see `Observer`. validate: () -> validation figures by name.
        first_epoch, first_batch: epochs, and batches of the next, that are done.
        stopping: see `EarlyStopping`; None trains all epochs. steps: how many batches at most from here on, the
            last epoch may be shorter; None sets no limit.
        histograms: see `Histograms`; None looks at no weights and gradients.

    Returns:
        Epochs done in all; batches of the next one that are done; whether the observer ended it.
    """
    model.histograms = histograms
    step = None
    done, left = first_epoch, np.inf if steps is None else steps
    for epoch in range(first_epoch, epochs):
        if left <= 0 or (stopping is not None and stopping.over):
            break
        started, rows, figures, place = time.perf_counter(), 0, {}, 0
        if histograms is not None:
            histograms.begin(epoch + 1)
        if epoch == first_epoch and first_batch:
            place = first_batch
        else:
            model.reset_metrics()
        batches = batches_of(epoch)
        if step is None:
            # for any number of rows, so that a short last batch needs no function of its own
            step = tf.function(model.train_step, input_signature=[batches.element_spec], autograph=False)
        for batch in batches.skip(place):
            if left <= 0:
                break
            if observer.should_stop():
                return done, place, True
            figures = step(batch)
            rows += int(batch["item_key"].shape[0])
            place += 1
            left -= 1
            observer.batch(epoch + 1, place, rows)
        seconds = time.perf_counter() - started
        told = {name: float(value) for name, value in figures.items()}
        told |= model.condition() | {"epoch_seconds": seconds, "rows_per_second": rows / max(seconds, 1e-9)}
        told |= {f"val_{name}": value for name, value in validate().items()}
        done = epoch + 1
        watched = None if stopping is None else told.get(f"val_{stopping.monitor}")
        if watched is not None:
            stopping.take(watched, model)
        observer.epoch(done, told, lambda: state_of(model, stopping))
        if histograms is not None and histograms.due:
            observer.histograms(done, histograms.read())
    if stopping is not None:
        stopping.finish(model)
    return done, 0, False
