"""Checks of arrays that people pass in, and fixed batches of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


def check_images(images: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """`images` as (N, H, W, C), uint8 or float32 in [0, 1].

    Raises:
        ValueError: another shape or dtype, no image, NaN or infinity, or values outside [0, 1]; it says which.
    """
    array = np.asarray(images)
    wanted = " x ".join(map(str, shape))
    if array.ndim == 3 and shape[2] == 1:
        array = array[..., None]
    if array.ndim != 4 or array.shape[1:] != tuple(shape):
        raise ValueError(
            f"images must have shape (N, {', '.join(map(str, shape))}) for this model of {wanted} images (got {np.shape(images)})"
        )
    if not len(array):
        raise ValueError("there is no image in the array")
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind != "f":
        raise ValueError(f"images must be uint8 or floating point in [0, 1] (got {array.dtype})")
    if not np.isfinite(array).all():
        raise ValueError(f"images hold NaN or infinity, first in image {int(np.argmin(np.isfinite(array).all(axis=(1, 2, 3))))}")
    low, high = float(array.min()), float(array.max())
    if low < 0 or high > 1:
        raise ValueError(f"image values must lie within 0 and 1 (found {low:g} to {high:g}); divide by the largest possible value")
    return array.astype(np.float32)


def check_labels(labels: np.ndarray | None, count: int, classes: int) -> np.ndarray:
    """`labels` as int32 (N,), -1 for unlabelled; all unlabelled if None.

    Raises:
        ValueError: another length or dtype, or labels that are no class.
    """
    if labels is None:
        return np.full(count, -1, np.int32)
    array = np.asarray(labels)
    if array.shape != (count,):
        raise ValueError(f"labels must have shape ({count},), one for each image (got {array.shape})")
    if array.dtype.kind not in "iu":
        raise ValueError(f"labels must be whole numbers, -1 for unlabelled (got {array.dtype})")
    if count and (array.min() < -1 or array.max() >= classes):
        raise ValueError(f"labels must be -1 or within 0 and {classes - 1} (found {int(array.min())} to {int(array.max())})")
    return array.astype(np.int32)


def in_batches(array: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Batches of exactly `size` rows; the last is filled up with copies of its first row."""
    for start in range(0, len(array), size):
        part = array[start : start + size]
        missing = size - len(part)
        yield part if missing == 0 else np.concatenate([part, np.repeat(part[:1], missing, axis=0)])
