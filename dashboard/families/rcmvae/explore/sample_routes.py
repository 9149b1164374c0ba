"""What the panel of the selected image asks."""

from __future__ import annotations

import flask

from dashboard.asking import as_columns, as_json
from dashboard.context import current
from rcmvae.explore import neighbours as near
from rcmvae.explore.reconstructions import make_ready, reconstructions_of
from rcmvae.explore.sample import sample_of
from workbench.commands.base import CommandError


def sample(model_id: str) -> flask.Response:
    """What is known of the image of `?row=`."""
    return as_json(sample_of(current().workbench, model_id, whole("row")))


def neighbours(model_id: str) -> flask.Response:
    """The images nearest to that of `?row=`, nearest first: `rows` int32 and `distances` float32 of `?n=` images."""
    row, n = whole("row"), whole("n")
    rows, distances = near.neighbours(current().workbench, model_id, row, n)
    return as_columns({"row": row}, {"rows": rows, "distances": distances})


def reconstructions(model_id: str) -> flask.Response:
    """What the decoder makes of the image of `?row=`: `pixels` uint8 (n, H, W, C), their names and components in `meta`."""
    found = reconstructions_of(current().workbench, model_id, whole("row"))
    return as_columns({"names": found.names, "components": found.components}, {"pixels": found.pixels})


def ready(model_id: str) -> flask.Response:
    """Images of the model will soon be looked at: it is loaded meanwhile."""
    make_ready(current().workbench, model_id)
    return as_json({})


def whole(name: str) -> int:
    """A whole number of the address's query. Raises CommandError for anything else."""
    text = flask.request.args.get(name, "")
    if not text.isdecimal() or len(text) > 9:
        raise CommandError(f"{name} is a whole number (got {text[:20]!r}).", name)
    return int(text)
