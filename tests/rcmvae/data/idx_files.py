"""Small idx files that stand in for published ones."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass
class Folders:
    """Where to look and where downloads go."""

    data: Path | None
    downloads: Path


def small_arrays(seed: int = 1) -> dict[str, np.ndarray]:
    """Six training and four test images with labels, by file name."""
    random = np.random.default_rng(seed)
    return {
        "train-images-idx3-ubyte": random.integers(0, 256, (6, 28, 28), dtype=np.uint8),
        "train-labels-idx1-ubyte": np.arange(6, dtype=np.uint8),
        "t10k-images-idx3-ubyte": random.integers(0, 256, (4, 28, 28), dtype=np.uint8),
        "t10k-labels-idx1-ubyte": np.arange(6, 10, dtype=np.uint8),
    }


def idx_bytes(array: np.ndarray) -> bytes:
    """An array of uint8 as an idx file."""
    return bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()


def put(folder: Path, content: dict[str, bytes], *, name: str = "mnist", packed: bool = True) -> Path:
    """Write the files, packed or not, into `folder / name`; returns `folder`."""
    (folder / name).mkdir(parents=True)
    for file, data in content.items():
        (folder / name / (f"{file}.gz" if packed else file)).write_bytes(gzip.compress(data, 1) if packed else data)
    return folder
