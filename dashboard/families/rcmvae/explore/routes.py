"""What the scripts of the Explore tab ask."""

from __future__ import annotations

import flask
import numpy as np

from dashboard.asking import as_columns
from dashboard.context import current
from rcmvae.explore import pictures as drawn
from rcmvae.explore.points import points_of
from rcmvae.figures.cloud import plane
from rcmvae.holding import held
from rcmvae.labels.service import LabelService
from workbench.commands.base import CommandError


def points(model_id: str) -> flask.Response:
    """What is known of every image that may be labelled."""
    found = points_of(current().workbench, model_id)
    return as_columns(found.meta, found.columns)


def places(model_id: str) -> flask.Response:
    """Where those images stand in the plane, in the same order."""
    found = points_of(current().workbench, model_id)
    x, y, titles = plane(found.kept.mu[found.inside], np.random.default_rng(0))
    meta = {"run": found.run.id, "x_title": titles[0], "y_title": titles[1], "scaled": found.kept.mu.shape[1] > 1}
    return as_columns(meta, {"x": x, "y": y})


def labels(model_id: str) -> flask.Response:
    """Every label of the model now: `rows` int32, `labels` int16; its classes, and the state's version."""
    workbench = current().workbench
    state = workbench.state()
    found = LabelService(workbench).of(model_id)
    columns = {
        "rows": np.fromiter(found, np.int32, len(found)),
        "labels": np.fromiter((value.label for value in found.values()), np.int16, len(found)),
    }
    kept = held(state.models[model_id])
    return as_columns({"version": state.version, "class_names": list(kept.class_names), "merged": kept.merged}, columns)


def pictures(model_id: str) -> flask.Response:
    """The images of `?rows=1,2,3` as one column `pixels`, uint8 (n, H, W, C)."""
    asked = flask.request.args.get("rows", "")
    try:
        rows = [int(row) for row in asked.split(",") if row]
    except ValueError:
        raise CommandError("rows are numbers with commas between them.", "rows") from None
    return as_columns({"rows": rows}, {"pixels": drawn.pictures(current().workbench, model_id, rows)}, key=None)
