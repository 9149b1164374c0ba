"""What to do about arrays that are nearly right: the way that keeps what is in them."""

from __future__ import annotations

import numpy as np

from workbench.datasets import DatasetError

_CHANNELS = (1, 3)
_NEARLY = 0.01
_NO_LABEL = (255, 65_535, 4_294_967_295)
"""Values that stand for "unlabelled" where -1 cannot be written, or was written into an unsigned type."""


def conversion(images: np.ndarray) -> str:
    """How to make images of another type uint8 or float without losing what they show."""
    if images.dtype == np.bool_:
        return "Convert it with images.astype('uint8') * 255."
    if images.dtype.kind not in "iu" or images.size == 0:
        return "Save the real values, scaled to 0 to 1, as float32."
    low, high = int(images.min()), int(images.max())
    if low < 0:
        return f"Its values go from {low} to {high}; scale them with ((images - {low}) / {high - low}).astype('float32')."
    if high <= 1:
        return "Its values are 0 and 1; convert it with (images * 255).astype('uint8')."
    if high <= 255:
        return "Convert it with images.astype('uint8')."
    top = 2 ** high.bit_length() - 1
    return f"Its values go up to {high}, so scale them with (images / {top}).astype('float32')."


def scaling(low: float, high: float) -> str:
    """How to bring floats into [0, 1]."""
    if low >= -_NEARLY and high <= 1 + _NEARLY:
        return "That is nearly so: save numpy.clip(images, 0, 1)."
    if low >= 0 and 16 < high <= 255:
        return "Divide them by 255."
    if low >= 0:
        return f"Divide them by {high:g}."
    return f"Scale them with (images - {low:g}) / {high - low:g}."


def check_channels(file: str, images: np.ndarray) -> None:
    """Refuse images with their channels before height and width, or with transparency. Raises DatasetError."""
    if images.ndim != 4:
        return
    _, first, _, last = images.shape
    if first in _CHANNELS and last not in _CHANNELS:
        raise DatasetError(
            f"The array images of {file} has its channels first, {images.shape}; height and width come first here: "
            f"(N, H, W, C). Save images.transpose(0, 2, 3, 1)."
        )
    if last == 4:
        raise DatasetError(
            f"The images of {file} have 4 channels, of which the last says how opaque they are; 1 (grey) or 3 (red, green, blue) are "
            f"possible. Save images[..., :3]."
        )


def check_counting(file: str, labels: np.ndarray, classes: int | None) -> None:
    """Refuse labels that count from 1, or mark unlabelled images with a largest value, saying how to mend them.

    Args:
        labels: whole numbers (N,). classes: how many names there are, if there are names.

    Raises:
        DatasetError: for either.
    """
    known = np.unique(labels[labels >= 0])
    if len(known) == 0:
        return
    top = int(known[-1])
    rest = known[known != top]
    past = top >= classes if classes is not None else len(rest) > 0 and top > int(rest[-1]) + 1
    if top in _NO_LABEL and past:
        count = int((labels == top).sum())
        raise DatasetError(
            f"{file} has the label {top} at {count:,} images. If it stands for images without a label, write -1 there: "
            f"labels = numpy.where(labels == {top}, -1, labels.astype('int64'))."
        )
    first = int(known[0])
    if first == 1 and (top == classes if classes is not None else len(known) > 1 and top == len(known)):
        raise DatasetError(
            f"The labels of {file} count from 1 to {top}; here they count from 0. Save labels - 1, with -1 for unknown ones."
        )
