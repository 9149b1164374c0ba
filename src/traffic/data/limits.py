"""How much is taken out of a file at most: a small file can claim, or unpack to, more than there is memory."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

import h5py
import numpy as np

from traffic.data.files import malformed
from traffic.errors import Place, TrafficError

MOST_BYTES = 2 * 1024**3
"""Of a file once it is unpacked."""
MOST_VALUES = 200_000_000
"""Of a dataset: ten years of 190 detectors in steps of five minutes."""
MOST_TEXTS = 10_000_000
"""Of a list of names or times."""
MOST_LINE = 4 * 1024**2
"""Characters of one line of a table."""


def require_values(path: Path, part: str, shape: Sequence[int]) -> None:
    """Raise TrafficError (DATA_LIMIT) for an array of more values than are taken; `shape` is what the file claims."""
    if math.prod(shape) > MOST_VALUES:
        claimed = f"{math.prod(shape):,}" if len(shape) == 1 else f"{' x '.join(f'{each:,}' for each in shape)}"
        raise _beyond(path, part, f"holds {claimed} values, more than the {MOST_VALUES:,} that are taken")


def require_bytes(path: Path, part: str, size: int) -> None:
    """The same for a size once unpacked, in bytes."""
    if size > MOST_BYTES:
        raise _beyond(path, part, f"would unpack to {size:,} bytes, more than the {MOST_BYTES:,} that are taken")


def whole(path: Path, dataset: object) -> np.ndarray:
    """An HDF5 array as it stands in the file. Raises TrafficError (DATA_LIMIT) before anything is read if it claims too much,
    DATA_FORMAT if it names another file to read from; ValueError for what is no array."""
    if not isinstance(dataset, h5py.Dataset):
        raise ValueError("it is not an array")
    part = str(dataset.name).lstrip("/")
    if dataset.external or dataset.is_virtual or Path(dataset.file.filename) != path:
        raise malformed(path, part, "takes its values from another file, and what is sent must hold its own")
    shape = dataset.shape or ()
    require_values(path, part, shape)
    require_bytes(path, part, math.prod(shape) * dataset.dtype.itemsize)
    if dataset.dtype.kind not in "fiub" and math.prod(shape) > MOST_TEXTS:
        raise _beyond(path, part, f"holds {math.prod(shape):,} texts, more than the {MOST_TEXTS:,} that are taken")
    return np.asarray(dataset[()])


def lines_of(path: Path, stream: TextIO) -> Iterator[str]:
    """The lines of a text, packed or not. Raises TrafficError (DATA_LIMIT) once one of them, or all together, are too long."""
    taken = 0
    number = 0
    while line := stream.readline(MOST_LINE):
        number += 1
        taken += len(line)
        if len(line) == MOST_LINE and not line.endswith(("\n", "\r")):
            raise _beyond(path, f"Line {number:,}", f"has more than the {MOST_LINE:,} characters that are taken")
        if taken > MOST_BYTES:
            raise _beyond(path, "The text", f"has more than the {MOST_BYTES:,} characters that are taken")
        yield line


def _beyond(path: Path, part: str, what: str) -> TrafficError:
    error = malformed(path, part, what)
    return TrafficError(
        "DATA_LIMIT", error.message, hint="Give a file of fewer detectors, or of a shorter time.", at=Place(file=str(path)), found=part
    )
