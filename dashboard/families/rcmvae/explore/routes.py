"""What the scripts of the Explore tab ask."""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal

import flask
import numpy as np
from pydantic import BaseModel, ConfigDict

from dashboard.asking import as_columns, as_json, read_body, squeezed
from dashboard.context import current
from rcmvae.explore import pictures as drawn
from rcmvae.explore.answers import answers_since, points_told
from rcmvae.explore.components import as_values, components_of
from rcmvae.explore.places import pixel_places, places_of
from rcmvae.explore.projecting import projections
from rcmvae.explore.projection import projected
from rcmvae.holding import held
from rcmvae.labels.service import LabelService
from workbench.commands.base import CommandError


def points(model_id: str) -> flask.Response:
    """What is known of every image that may be labelled."""
    return as_columns(*points_told(current().workbench, model_id))


def answers(model_id: str) -> flask.Response:
    """Of those, what follows the labels: `predicted`, `certainty`, `entropy`, as differences to what a page has by its `?mark=`."""
    return squeezed(as_columns(*answers_since(current().workbench, model_id, flask.request.args.get("mark", ""))))


def places(model_id: str) -> flask.Response:
    """Where those images stand in the plane, in the same order; `?method=umap` as a projection that was computed places them."""
    workbench = current().workbench
    method = flask.request.args.get("method", "")
    if method not in ("", "umap"):
        raise CommandError(f"Images are placed by umap or, without a method, as the latent space is; not by {method}.", "method")
    found = projected(workbench, model_id) if method else places_of(workbench, model_id)
    return as_columns(found.meta, {"x": found.x, "y": found.y})


class Projecting(BaseModel):
    """Begin the projection of a model, or cancel it."""

    model_config = ConfigDict(extra="forbid")

    act: Literal["begin", "cancel"]


def project(model_id: str) -> flask.Response:
    """Begin the projection of a model, or cancel it; answers how it stands then."""
    workbench = current().workbench
    said = read_body(Projecting)
    found = projections(workbench)
    if said.act == "begin":
        found.begin(workbench, model_id)
    else:
        found.cancel(model_id)
    return projection(model_id)


def projection(model_id: str) -> flask.Response:
    """How the projection of a model's present weights stands."""
    workbench = current().workbench
    return as_json(asdict(projections(workbench).look(workbench, model_id)))


def pixels(model_id: str) -> flask.Response:
    """Where a model's images stand by their pixels alone, before it is trained: `rows` int32, `x`, `y` float32."""
    rows, found = pixel_places(current().workbench, model_id)
    return as_columns(found.meta, {"rows": rows, "x": found.x, "y": found.y})


def components(model_id: str) -> flask.Response:
    """The model's components under the labels of now."""
    return as_json({"components": as_values(components_of(current().workbench, model_id))})


def labels(model_id: str) -> flask.Response:
    """Every label of the model now: `rows` int32, `labels` int16; its classes and what those of its data were called at first, and the
    state's version."""
    workbench = current().workbench
    state = workbench.state()
    found = LabelService(workbench).of(model_id)
    columns = {
        "rows": np.fromiter(found, np.int32, len(found)),
        "labels": np.fromiter((value.label for value in found.values()), np.int16, len(found)),
    }
    kept = held(state.models[model_id])
    dataset = state.dataset_of(state.models[model_id])
    first = workbench.datasets.facts(dataset).class_names if dataset else ()
    meta = {"version": state.version, "class_names": list(kept.class_names), "first_names": list(first), "merged": kept.merged}
    return as_columns(meta, columns)


def pictures(model_id: str) -> flask.Response:
    """The images of `?rows=1,2,3` as one column `pixels`, uint8 (n, H, W, C)."""
    asked = flask.request.args.get("rows", "")
    try:
        rows = [int(row) for row in asked.split(",") if row]
    except ValueError:
        raise CommandError("rows are numbers with commas between them.", "rows") from None
    return as_columns({"rows": rows}, {"pixels": drawn.pictures(current().workbench, model_id, rows)}, key=None)
