"""What the readers of single formats give: images with labels, not yet checked as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

MAX_BYTES = 1024**3
"""Largest array of images; a small packed file that claims more is refused."""
MAX_IMAGES = 1_000_000
MAX_CLASSES = 1000
MAX_CLASS_NAME = 100
SIDES = (4, 256)
"""Least and largest height and width of an image, in pixels."""
UNKNOWN = -1
"""The label of an image whose class nobody knows."""


@dataclass(frozen=True)
class RawImages:
    """Images as a source holds them.

    Attributes:
        name: the source's, for messages. source: its format.
        images: (N, H, W, C), uint8 or float32 in [0, 1]. labels: int32 (N,), -1 unknown. class_names: what labels count.
        test: bool (N,), the source's own test set; None if it brings none. skipped: files left out, with reasons.
        notices: what a person should know of how they were read.
    """

    name: str
    source: Literal["npz", "folder"]
    images: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]
    test: np.ndarray | None = None
    skipped: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
