"""A strip of sample images and the class balance of the labelled subset."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dash import html
from dash.development.base_component import Component

from dashboard.components import button, wait_outline
from dashboard.pages.create.start import Start

if TYPE_CHECKING:
    import numpy as np

    from workbench.datasets import LoadedDataset

IMAGES = 20
_PIXELS = 34


@dataclass(frozen=True)
class SampleView:
    """What is shown of a drawn sample.

    Attributes:
        images: (data URI of a PNG, class name) of labelled images, one class after the other.
        balance: class name -> labelled images. n_train, n_validation, n_test: sizes.
    """

    images: tuple[tuple[str, str], ...]
    balance: Mapping[str, int]
    n_train: int
    n_validation: int
    n_test: int


def view_of(dataset: LoadedDataset, sample: Mapping[str, np.ndarray], class_names: Sequence[str]) -> SampleView:
    """The view of a sample's index sets over a dataset."""
    import numpy as np

    labelled = sample["initially_labelled"]
    labels = dataset.true_labels[labelled]
    counts = {name: int((labels == k).sum()) for k, name in enumerate(class_names)}
    rows = _round_robin(labels, IMAGES) if len(labelled) else np.arange(min(IMAGES, len(sample["train"])))
    source = labelled if len(labelled) else sample["train"]
    pictures = []
    for position in rows:
        row = int(source[position])
        label = int(dataset.true_labels[row]) if len(labelled) else -1
        pictures.append((png_uri(dataset.images[row]), class_names[label] if label >= 0 else "unlabelled"))
    return SampleView(tuple(pictures), counts, len(sample["train"]), len(sample["validation"]), len(sample["test"]))


def png_uri(image: np.ndarray) -> str:
    """An image (H, W, C) of uint8, or floats in [0, 1], as a `data:` address of a PNG."""
    import numpy as np
    from PIL import Image

    pixels = image if image.dtype == np.uint8 else np.clip(np.rint(image * 255.0), 0, 255).astype(np.uint8)
    picture = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def draw(view: SampleView) -> Component:
    """The strip and the balance."""
    strip = [
        html.Figure([html.Img(src=uri, alt=f"Sample image of class {name}", width=_PIXELS, height=_PIXELS), html.Figcaption(name)])
        for uri, name in view.images
    ]
    most = max(view.balance.values(), default=0)
    sizes = f"{view.n_train:,} to train on, {view.n_validation:,} to validate, {view.n_test:,} held out for testing"
    parts: list[Any] = [html.Div(strip, className="strip"), html.P(sizes, className="field-help")]
    if most:
        parts += [html.H3("Labels given at the start, by class", className="mini-title"), _balance(view.balance, most)]
    return html.Div(parts)


def unread(start: Start) -> Component:
    """What stands in the strip's place while the data has not been read on this machine."""
    words = (
        f"{start.source.name} has not been read on this machine yet. Its files come from TRELLIS_DATA, or are downloaded once and checked."
    )
    return html.Div([html.P(words, className="field-help"), button("Show samples", id="create-fetch", small=True)], className="strip-none")


def failed(message: str) -> Component:
    """What stands in the strip's place when there is none to show."""
    return html.P(message, className="strip-none field-message")


def waiting() -> Component:
    """The strip's outline."""
    return html.Div(wait_outline(3, label="Drawing a sample"), className="strip-wait")


def _balance(balance: Mapping[str, int], most: int) -> Component:
    bars = [
        html.Li(
            [
                html.Span(name, className="balance-name"),
                html.Span(html.Span(style={"width": f"{100 * n / most:.0f}%"}, className="balance-bar"), className="balance-track"),
                html.Span(f"{n:,}", className="balance-count"),
            ]
        )
        for name, n in balance.items()
    ]
    return html.Ul(bars, className="balance")


def _round_robin(labels: np.ndarray, count: int) -> list[int]:
    """Positions of up to `count` items that take turns over the classes, in class order."""
    import numpy as np

    queues = [list(np.flatnonzero(labels == k)) for k in np.unique(labels)]
    chosen: list[list[int]] = [[] for _ in queues]
    while sum(map(len, chosen)) < min(count, len(labels)):
        for queue, taken in zip(queues, chosen, strict=True):
            if queue and sum(map(len, chosen)) < count:
                taken.append(int(queue.pop(0)))
    return [position for taken in chosen for position in taken]
