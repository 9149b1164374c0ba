"""Looks at datasets of images, as plain values."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from rcmvae.data.about import UNKNOWN
from rcmvae.data.loaded import LoadedDataset
from rcmvae.data.own.repeats import repeats
from rcmvae.facts import ImageFacts
from workbench.looks import Counts, Look, Picture, Table

IMAGES = 20
"""Images in a strip."""
PREVIEWED = 60
_SEED = 7


def sample(dataset: LoadedDataset, rows: Mapping[str, np.ndarray], facts: ImageFacts) -> Look:
    """Images of a model's sample, its sizes, and how many labels each class is given."""
    labelled = rows["initially_labelled"]
    labels, names = dataset.true_labels[labelled], facts.class_names
    source = labelled if len(labelled) else rows["train"]
    chosen = round_robin(labels, IMAGES) if len(labelled) else range(min(IMAGES, len(source)))
    pictures = tuple(
        Picture(src=png_uri(dataset.images[row]), name=dataset.class_of(row) if len(labelled) else "unlabelled")
        for row in (int(source[position]) for position in chosen)
    )
    counts = tuple((name, int((labels == k).sum())) for k, name in enumerate(names))
    sizes = f"{len(rows['train']):,} to train on, {len(rows['validation']):,} to validate, {len(rows['test']):,} held out for testing"
    balance = (Counts(title="Labels given at the start, by class", items=counts),) if len(labelled) else ()
    return Look(words=(sizes,), pictures=pictures, counts=balance)


def preview(dataset: LoadedDataset) -> Look:
    """Some images, the classes taking turns."""
    labels = dataset.true_labels
    order = np.random.default_rng(_SEED).permutation(len(labels))
    chosen = [int(order[position]) for position in round_robin(labels[order], PREVIEWED)]
    pictures = tuple(Picture(src=png_uri(dataset.images[row]), name=dataset.class_of(row)) for row in chosen)
    return Look(words=(f"{len(pictures)} of {len(labels):,} images.",), pictures=pictures)


def statistics(dataset: LoadedDataset) -> Look:
    """Sizes, pixel values, images of each class, and what repeats."""
    images, labels, about = dataset.images, dataset.true_labels, dataset.about
    scale = 255.0 if images.dtype == np.uint8 else 1.0
    facts = [
        ("Images", f"{len(images):,}"),
        ("Kept for testing", f"{len(dataset.test):,}"),
        ("Size", "x".join(map(str, about.shape))),
        ("Values", f"{about.dtype}, {images.min() / scale:.3g} to {images.max() / scale:.3g} of full brightness"),
        ("Mean brightness", f"{images.mean(dtype=np.float64) / scale:.3f}"),
        ("Spread of brightness", f"{images.std(dtype=np.float64) / scale:.3f}"),
        ("Without a known class", f"{int((labels == UNKNOWN).sum()):,}"),
    ]
    tested = np.zeros(len(labels), np.bool_)
    tested[dataset.test] = True
    rows = tuple(
        (name, int(((labels == k) & ~tested).sum()), int(((labels == k) & tested).sum())) for k, name in enumerate(dataset.class_names)
    )
    tables = (Table(title="Images by class", columns=("Class", "For training", "For testing"), rows=rows),) if rows else ()
    return Look(facts=tuple(facts), tables=tables, notices=repeats(images, labels, dataset.test))


def png_uri(image: np.ndarray) -> str:
    """An image (H, W, C) of uint8, or floats in [0, 1], as a `data:` address of a PNG."""
    return "data:image/png;base64," + base64.b64encode(png(image)).decode()


def png(image: np.ndarray, most: int | None = None) -> bytes:
    """An image (H, W, C) of uint8, or floats in [0, 1], as a PNG; made smaller if it has more than `most` pixels either way."""
    pixels = image if image.dtype == np.uint8 else np.clip(np.rint(np.nan_to_num(image) * 255.0), 0, 255).astype(np.uint8)
    picture = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    if most is not None:
        picture.thumbnail((most, most))
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return buffer.getvalue()


def round_robin(labels: np.ndarray | Sequence[int], count: int) -> list[int]:
    """Positions of up to `count` items that take turns over the classes, in class order."""
    known = np.asarray(labels)
    queues = [np.flatnonzero(known == k)[:count] for k in np.unique(known)]
    taken = [0] * len(queues)
    while sum(taken) < min(count, len(known)):
        for number, queue in enumerate(queues):
            if taken[number] < len(queue) and sum(taken) < count:
                taken[number] += 1
    return [int(position) for queue, n in zip(queues, taken, strict=True) for position in queue[:n]]
