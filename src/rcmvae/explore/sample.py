"""What is known of one image: the panel beside the latent space."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rcmvae.active.asking import kept_of
from rcmvae.active.stored import read
from rcmvae.diagnostics.today import since
from rcmvae.explore.neighbours import space_of
from rcmvae.explore.pictures import dataset_of
from rcmvae.explore.points import points_of
from rcmvae.holding import held
from workbench.commands.base import CommandError
from workbench.commands.rules import find_model
from workbench.kept import Recent, Same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rcmvae.explore.points import Points
    from workbench.state import AppState, LabelValue
    from workbench.workbench import Workbench

BARS = 10
"""Components and classes that are told one by one; the rest is summed."""
NEIGHBOURS = 5
"""Neighbours that are told of each kind."""
SCORES = ("certainty", "ood", "reconstruction")


def sample_of(workbench: Workbench, model_id: str, row: int) -> dict[str, Any]:
    """What is known of the image of a dataset row under the labels of now, as JSON values; nothing runs the model.

    Raises CommandError for a row that is no training or validation image of the model.
    """
    state = workbench.state()
    record = find_model(state, model_id)
    sample = workbench.models.facts(record).read
    if row not in sample.labelable:
        raise CommandError(f"Image {row} is no training or validation image of this model.", "row", code="not_found")
    payload, labels = held(record), state.labels.get(model_id, {})
    true = int(dataset_of(workbench, model_id).true_labels[row])
    true = payload.merged.get(true, true)
    given = labels.get(row)
    told: dict[str, Any] = {
        "row": row,
        "split": "validation" if row in sample.validation_set else "training",
        "label": None if given is None else {"class": given.label, "source": given.source},
        "true": true if true >= 0 else None,
        "class_names": list(payload.class_names),
        "known": None,
    }
    if record.weights is not None:
        told["known"] = _known(workbench, state, model_id, row, labels)
    return told


def _known(workbench: Workbench, state: AppState, model_id: str, row: int, labels: Mapping[int, LabelValue]) -> dict[str, Any]:
    points, space = _points(workbench, state, model_id), space_of(workbench, model_id)
    at = space.position(row)
    kept, place = points.kept, points.inside[at]
    components, probabilities = kept.responsibilities[place], kept.probabilities[place]
    predicted = int(points.columns["predicted"][at])
    close, far = space.nearest(row, NEIGHBOURS)
    labelled, distances = space.nearest(row, NEIGHBOURS, np.fromiter(labels, np.int32, len(labels)))
    return {
        "run": points.run.number,
        "predicted": predicted if predicted >= 0 else None,
        "class_names": list(kept.facts.class_names),
        "components": _bars(components),
        "claims": [int(claim) for claim in kept.claims],
        "probabilities": _bars(probabilities) if predicted >= 0 else _bars(probabilities[:0]),
        "scores": {name: _score(points.columns[name], at) for name in SCORES},
        "near": _told(close, far, labels),
        "labelled": _told(labelled, distances, labels),
    }


class _Recent(Recent):
    """The points of the last few models, as they are now."""

    def __init__(self) -> None:
        super().__init__(2)


def _points(workbench: Workbench, state: AppState, model_id: str) -> Points:
    _, run, bundle = kept_of(workbench, model_id)
    key = (run.id, Same(read(bundle)), since(state, run, workbench.models.resolved(run)).mark)
    return workbench.kept.of(_Recent).get(key, lambda: points_of(workbench, model_id))


def _score(values: np.ndarray, at: int) -> dict[str, float] | None:
    """A score of one of N images, and the share of all images whose score is lower; None where it has none."""
    value = values[at]
    return {"value": float(value), "share": float(np.mean(values < value))} if np.isfinite(value) else None


def _bars(shares: np.ndarray) -> dict[str, Any]:
    """The largest shares with their numbers, largest first, and the sum of all others with how many they are."""
    order = np.argsort(-shares, kind="stable")
    rest = order[BARS:]
    return {
        "top": [[int(number), float(shares[number])] for number in order[:BARS]],
        "rest": float(shares[rest].sum()),
        "others": len(rest),
    }


def _told(rows: np.ndarray, distances: np.ndarray, labels: Mapping[int, LabelValue]) -> list[dict[str, Any]]:
    found = []
    for row, distance in zip(rows.tolist(), distances.tolist(), strict=True):
        given = labels.get(row)
        found.append({"row": row, "label": None if given is None else given.label, "distance": distance})
    return found
