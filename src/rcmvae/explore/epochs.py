"""Where images stood after epochs of a model's runs: what a page replays, and what it follows while a run trains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rcmvae.active.asking import kept_of
from rcmvae.active.stored import read
from rcmvae.diagnostics.bundle import TEST, load_arrays
from rcmvae.figures.cloud import EDGE, Cell, in_cells, plane
from rcmvae.snapshots import FOLDER, Snapshot, among, read_snapshot, turn
from workbench.commands.base import CommandError
from workbench.commands.rules import find_model
from workbench.kept import Recent, Same
from workbench.runs.folder import attempt_folder

if TYPE_CHECKING:
    from rcmvae.active.stored import Kept
    from workbench.state import RunRecord
    from workbench.workbench import Workbench

RUNS = 20
"""Runs that are offered, the newest."""


@dataclass(frozen=True)
class Frame:
    """n images where an epoch left them.

    Attributes:
        rows: int32 (n,), dataset rows. x, y: float32 (n,), NaN without a place. predicted, component: int16 (n,), -1 unknown or without.
        meta: whose they are and what the axes are, as JSON values; `shown` of `images`.
    """

    rows: np.ndarray
    x: np.ndarray
    y: np.ndarray
    predicted: np.ndarray
    component: np.ndarray
    meta: Mapping[str, Any]


def replays(workbench: Workbench, model_id: str) -> list[dict[str, Any]]:
    """The model's runs that train or can be replayed, newest first: id, number, whether it trains, epochs that were kept and how many it
    has in all. Raises CommandError not_found."""
    state = workbench.state()
    found = []
    for run in state.runs_of(find_model(state, model_id).id)[:RUNS]:
        epochs = list(_snapshots(workbench, run))
        if epochs or run.state.active:
            told = {"run": run.id, "number": run.number, "active": run.state.active, "epochs": epochs, "total": _total(run)}
            found.append(told)
    return found


def frame(workbench: Workbench, model_id: str, run_id: str, epoch: int) -> Frame:
    """Where an epoch of a run left the images, in the plane in which the model's present weights place them.

    Raises CommandError for a run or an epoch that there is none of, ArtefactError for a damaged file.
    """
    state = workbench.state()
    record = find_model(state, model_id)
    run = state.runs.get(run_id)
    kept = {} if run is None or run.subject.id != record.id else _snapshots(workbench, run)
    if run is None or epoch not in kept:
        raise CommandError(f"Epoch {epoch} of that run was not kept.", "epoch", code="not_found")
    root = workbench.artefacts
    taken = read_snapshot(root.path(kept[epoch]))
    resolved = workbench.models.resolved(run)
    dimensions = int(resolved["latent_dim"])
    reference = _reference(workbench, model_id) if record.weights is not None else None
    apart = resolved.get("latent_layout") == "decentralized" and taken.component.max(initial=-1) >= 0
    cells: tuple[Cell, ...] = ()
    if apart:
        x, y, cells = _in_cells(taken, dimensions, reference, int(resolved["num_components"]))
        titles = ("components apart", "")
    else:
        anchor = read_snapshot(root.path(_anchor(kept, of_kept=record.weights is not None and record.weights.run_id == run.id)))
        x, y, titles = _in_plane(taken, dimensions, reference, anchor)
    sample = workbench.models.read(record)
    meta = {
        "run": run.id, "number": run.number, "epoch": epoch, "total": _total(run), "shown": len(taken.rows),
        "images": len(sample.train) + len(sample.validation), "x_title": titles[0], "y_title": titles[1], "scaled": dimensions > 1,
        "method": "components" if apart else "pca" if dimensions > 2 else "latent", "dimensions": dimensions,
        "cells": [asdict(cell) for cell in cells], "words": "",
    }  # fmt: skip
    return Frame(taken.rows, x.astype(np.float32), y.astype(np.float32), taken.predicted, taken.component, meta)


@dataclass(frozen=True)
class _Reference:
    """Where the present weights place images: `rows` int (n,) ascending and `places` float64 (n, 2), or the `cells` of components."""

    rows: np.ndarray
    places: np.ndarray
    cells: tuple[Cell, ...] = ()

    def of(self, rows: np.ndarray) -> np.ndarray:
        """The places of `rows`, NaN where it has none."""
        at = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        return np.where((self.rows[at] == rows)[:, None], self.places[at], np.nan)


class _References(Recent):
    """References, by the diagnostics that they are of."""

    def __init__(self) -> None:
        super().__init__(2)


def _reference(workbench: Workbench, model_id: str) -> _Reference | None:
    """None where the present weights' diagnostics cannot be had: frames then stand by themselves."""
    try:
        bundle = kept_of(workbench, model_id)[2]
    except CommandError:
        return None
    kept = read(bundle)
    return workbench.kept.of(_References).get(Same(kept), lambda: _made(bundle, kept))


def _made(bundle: Path, kept: Kept) -> _Reference:
    if kept.facts.latent_layout == "decentralized" and kept.responsibilities.shape[1]:
        _, more = load_arrays(bundle, ("detail", "component_mu"))
        selected = kept.responsibilities.argmax(axis=1)[more["detail"]]
        means = more["component_mu"][np.arange(len(selected)), selected]
        found = in_cells(selected, means, kept.responsibilities.shape[1], np.random.default_rng(0))
        return _Reference(np.zeros(1, np.int64), np.full((1, 2), np.nan), found.cells)
    inside = np.flatnonzero(kept.split != TEST)
    x, y, _ = plane(kept.mu[inside], np.random.default_rng(0))
    order = np.argsort(kept.rows[inside])
    return _Reference(kept.rows[inside][order], np.stack([x, y], axis=1).astype(np.float64)[order])


def _in_plane(
    taken: Snapshot, dimensions: int, reference: _Reference | None, anchor: Snapshot
) -> tuple[np.ndarray, np.ndarray, tuple[str, str]]:
    """As they are; one dimension spread, more turned towards the reference: all frames of a run by what turns its `anchor`."""
    places = taken.places.astype(np.float64)
    if dimensions == 2:
        return places[:, 0], places[:, 1], ("z₁", "z₂")
    if dimensions == 1:
        spread = np.random.default_rng(0).random(len(places)) if reference is None else reference.of(taken.rows)[:, 1]
        return places[:, 0], spread, ("z", "spread at random")
    titles = ("principal component 1", "principal component 2")
    if reference is not None:
        there, seen = reference.of(anchor.rows), anchor.places.astype(np.float64)
        known = np.isfinite(there[:, 0])
        if known.sum() > 1:
            places = (places - seen[known].mean(axis=0)) @ turn(seen[known], there[known]) + there[known].mean(axis=0)
    return places[:, 0], places[:, 1], titles


def _in_cells(
    taken: Snapshot, dimensions: int, reference: _Reference | None, components: int
) -> tuple[np.ndarray, np.ndarray, tuple[Cell, ...]]:
    """Each image in the cell of its component."""
    places = taken.places[:, : min(2, dimensions)].astype(np.float64)
    if reference is None or not reference.cells:
        found = in_cells(taken.component.astype(np.int64), places, components, np.random.default_rng(0))
        return found.x, found.y, found.cells
    middles = np.full((max(components, int(taken.component.max()) + 1), 2), np.nan)
    for cell in reference.cells:
        middles[int(cell.name)] = cell.x, cell.y
    if places.shape[1] == 1:
        places = np.stack([places[:, 0], 2 * np.random.default_rng(0).random(len(places)) - 1], axis=1)
    edge = EDGE * reference.cells[0].half
    x, y = (np.clip(places, -edge, edge) + middles[taken.component]).T
    return x, y, reference.cells


def _anchor(found: Mapping[int, str], *, of_kept: bool) -> str:
    """The snapshot that lies nearest to the present weights: the last of the run that made them, else the first."""
    return found[max(found) if of_kept else min(found)]


def _snapshots(workbench: Workbench, run: RunRecord) -> dict[int, str]:
    """Artefact names of the snapshots of the newest attempt that has any; it took over those of the attempts before."""
    for attempt in range(run.attempt, 0, -1):
        folder = f"{attempt_folder(run.id, attempt)}/{FOLDER}"
        found = among(workbench.artefacts.names(folder))
        if found:
            return {epoch: f"{folder}/{name}" for epoch, name in found.items()}
    return {}


def _total(run: RunRecord) -> int:
    return int(run.config["training"]["max_epochs"])
