"""Looks at datasets: pictures of their own pixels, sizes, counts, and what repeats."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image

from rcmvae.data.about import manifest_of
from rcmvae.data.loaded import LoadedDataset
from rcmvae.data.looks import png_uri, preview, round_robin, sample, statistics
from rcmvae.facts import ImageFacts


def dataset(images: np.ndarray, labels: Any, test: Any, names: tuple[str, ...] = ("ant", "bee")) -> LoadedDataset:
    known, rows = np.asarray(labels, np.int32), np.asarray(test, np.int32)
    return LoadedDataset(images, known, rows, manifest_of(images, known, rows, names, source="npz", loader_version=1))


def decoded(uri: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(uri.removeprefix("data:image/png;base64,"))))


def test_an_image_becomes_a_picture_of_its_own_pixels() -> None:
    grey = np.array([[0.0, 1.0], [0.5, 0.25]], np.float32)[..., None]
    assert np.array(decoded(png_uri(grey))).tolist() == [[0, 255], [128, 64]]
    assert decoded(png_uri(np.zeros((2, 2, 3), np.uint8))).mode == "RGB"


def test_a_sample_without_labels_shows_images_and_no_counts() -> None:
    data = dataset(np.zeros((30, 4, 4, 1), np.uint8), np.full(30, -1), np.arange(25, 30), ())
    sets = {"train": np.arange(20), "validation": np.arange(20, 25), "test": np.arange(25, 30), "initially_labelled": np.arange(0)}
    look = sample(data, sets, ImageFacts(shape=(4, 4, 1), n=30, class_names=("a", "b"), n_train=25, n_test=5))
    assert (len(look.pictures), look.counts) == (20, ())
    assert look.words == ("20 to train on, 5 to validate, 5 held out for testing",)


def test_classes_take_turns() -> None:
    assert round_robin(np.array([0] * 9 + [1] * 2 + [2]), 6) == [0, 1, 2, 9, 10, 11]
    assert round_robin(np.array([], np.int64), 5) == []


def test_a_preview_names_what_it_shows() -> None:
    images = np.arange(12, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 4, 1), np.uint8)
    data = dataset(images, [0] * 9 + [1, 1, -1], [0])
    names = [picture.name for picture in preview(data).pictures]
    assert (len(names), names.count("bee"), names.count("unlabelled")) == (12, 2, 1)


def test_statistics_count_images_by_class_and_say_what_repeats() -> None:
    images = np.arange(10, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 4, 1), np.uint8)
    images[9] = images[8] = images[0]
    data = dataset(images, [0, 0, 0, 0, 1, 1, 1, 1, 1, 0], [8, 9])
    look = statistics(data)
    assert look.tables[0].rows == (("ant", 4, 1), ("bee", 4, 1))
    assert dict(look.facts)["Kept for testing"] == "2"
    assert [line.split(" ", 1)[0] for line in look.notices] == ["2", "3"]
    assert "in the training data as well" in look.notices[0]
    assert "another label" in look.notices[1]
    assert statistics(replace(data, images=np.arange(160, dtype=np.uint8).reshape(10, 4, 4, 1))).notices == ()


def test_one_image_in_both_parts_is_said_in_the_singular() -> None:
    images = np.arange(8, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 4, 1), np.uint8)
    images[7] = images[0]
    (line,) = statistics(dataset(images, [0, 0, 0, 0, 1, 1, 1, 0], [7])).notices
    assert line.startswith("1 image of the test set is in")
