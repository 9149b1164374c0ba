"""Images of a model's dataset as small PNGs, one by one, so that a browser fetches those alone that are in sight."""

from __future__ import annotations

import flask

from dashboard.context import current
from rcmvae.data.looks import png
from rcmvae.explore.pictures import pictures

PIXELS = 96
KEPT_SECONDS = 24 * 3600
"""A model's dataset never changes, nor do its rows."""


def picture(model_id: str, row: int) -> flask.Response:
    """Image `row` of a model's dataset."""
    content = png(pictures(current().workbench, model_id, [row])[0], most=PIXELS)
    return flask.Response(content, mimetype="image/png", headers={"cache-control": f"private, max-age={KEPT_SECONDS}"})
