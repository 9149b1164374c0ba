"""The channel curriculum: start with few components open, and open another when validation reconstruction stops improving.

An opened component never closes: a curriculum chooses the first few in a model that was never trained, and has nothing to do in one
that has trained with all of them. Whoever trains asks once an epoch, after validation.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rcmvae.config_training import Training
from rcmvae.device import on_device
from rcmvae.model.tau import UNCLAIMED
from rcmvae.training.recipe import Recipe
from rcmvae.training.state import CurriculumState, TrainState


def started(state: TrainState, recipe: Recipe) -> TrainState:
    """The state with the components open with which a run begins: all, or under a new model's curriculum the first few."""
    count = recipe.plan.components
    now = state.curriculum
    if not recipe.curriculum:
        whole = bool(np.asarray(now.active).all()) and not int(now.started)
        return state if whole else _with(state, np.ones(count, np.float32), replace(now, started=on_device(np.int32(0))))
    if int(now.started) or int(state.life_step):
        return state
    active = (np.arange(count) < recipe.settings.curriculum_start).astype(np.float32)
    usage = active / active.sum()
    return replace(_with(state, active, replace(now, started=on_device(np.int32(1)))), usage=on_device(usage))


def idle_words(state: TrainState, recipe: Recipe) -> str | None:
    """Why the curriculum of a run that begins with `state` has nothing to do, if so."""
    if not recipe.curriculum or int(state.curriculum.started):
        return None
    return (
        f"curriculum_enabled has no effect: all {recipe.plan.components} components are open, since this model has trained without a "
        "curriculum, and an open component never closes. Clone the model and train the clone to start with few."
    )


def advance(state: TrainState, reconstruction: float, settings: Training) -> tuple[TrainState, int | None]:
    """Count an epoch that ended with this validation `reconstruction` loss, and open a component if it is time.

    It is time once the loss has not improved by `curriculum_min_delta` (relative) for `curriculum_patience` epochs and
    `curriculum_cooldown` epochs have passed since the last one opened. Claimed components open first, then by index.

    Returns the state, and the component that was opened.
    """
    now = state.curriculum
    best, stalled, since = float(now.best), int(now.stalled), int(now.since) + 1
    if reconstruction < best - settings.curriculum_min_delta * abs(best) or not np.isfinite(best):
        best, stalled = reconstruction, 0
    else:
        stalled += 1
    active = np.array(now.active)
    component = _next(active, np.asarray(state.claims))
    if component is None or stalled < settings.curriculum_patience or since <= settings.curriculum_cooldown:
        return replace(state, curriculum=_counted(now, best, stalled, since)), None
    active[component] = 1.0
    opened = np.array(now.opened)
    opened[component] = int(state.life_epoch)
    share = np.float32(1.0 / active.sum())
    usage = np.array(state.usage) * (1.0 - share)
    usage[component] = share
    fresh = replace(_counted(now, np.inf, 0, 0), opened=on_device(opened))
    return replace(_with(state, active, fresh), usage=on_device(usage.astype(np.float32))), component


def open_components(state: TrainState) -> list[int]:
    """The open components, ascending."""
    return np.flatnonzero(np.asarray(state.curriculum.active)).tolist()


def open_count(state: TrainState) -> int:
    """How many components are open."""
    return len(open_components(state))


def unlocks(state: TrainState) -> int:
    """How many components opened since the run of `state` began."""
    return int((np.asarray(state.curriculum.opened) > int(state.life_epoch) - int(state.run_epoch)).sum())


def kicked(state: TrainState, settings: Training) -> bool:
    """Whether routing is still pushed towards a component that was just opened."""
    opened = np.asarray(state.curriculum.opened)
    return bool(((opened >= 0) & (int(state.life_epoch) - opened < settings.curriculum_kick_epochs)).any())


def _next(active: np.ndarray, claims: np.ndarray) -> int | None:
    closed = np.flatnonzero(active == 0)
    if not len(closed):
        return None
    claimed = closed[claims[closed] != UNCLAIMED]
    return int(claimed[0] if len(claimed) else closed[0])


def _with(state: TrainState, active: np.ndarray, curriculum: CurriculumState) -> TrainState:
    return replace(state, curriculum=replace(curriculum, active=on_device(active.astype(np.float32))))


def _counted(now: CurriculumState, best: float, stalled: int, since: int) -> CurriculumState:
    return replace(now, best=on_device(np.float32(best)), stalled=on_device(np.int32(stalled)), since=on_device(np.int32(since)))
