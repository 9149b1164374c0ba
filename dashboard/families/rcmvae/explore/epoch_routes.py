"""What the replay of a run's epochs asks."""

from __future__ import annotations

import flask

from dashboard.asking import as_columns, as_json
from dashboard.context import current
from dashboard.families.rcmvae.explore.sample_routes import whole
from rcmvae.explore.epochs import frame, replays
from rcmvae.explore.points import weights_mark


def epochs(model_id: str) -> flask.Response:
    """The runs that train or can be replayed, newest first, with the epochs that were kept; and which weights the model has now."""
    workbench = current().workbench
    return as_json({"runs": replays(workbench, model_id), "weights": weights_mark(workbench, model_id)})


def epoch(model_id: str) -> flask.Response:
    """Where `?epoch=` of `?run=` left the images: `rows`, `x`, `y`, `predicted` and `component`."""
    found = frame(current().workbench, model_id, flask.request.args.get("run", ""), whole("epoch"))
    names = ("rows", "x", "y", "predicted", "component")
    return as_columns(found.meta, {name: getattr(found, name) for name in names})
