"""The idx file format of MNIST: a typed array, optionally packed with gzip.

Layout: two zero bytes, one byte of type, one byte of rank, then a big-endian 32-bit size per axis, then the values.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from workbench.datasets import DatasetError

TYPES = {0x08: "uint8", 0x09: "int8", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP_MAGIC = b"\x1f\x8b"
MAX_BYTES = 1 << 30
"""Largest array that is read; a small packed file that claims more is refused."""


def unpacked(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a file, unpacked if it is gzip. Raises DatasetError if it is missing, damaged or larger than `limit`."""
    try:
        if path.exists() and not path.is_file():
            raise DatasetError(f"The file {path} cannot be read: it is not a file. Put the file itself there.")
        with path.open("rb") as raw:
            packed = raw.read(2) == GZIP_MAGIC
            raw.seek(0)
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if packed else raw
            data = stream.read(limit + 1)
    except FileNotFoundError as error:
        raise DatasetError(f"The file {path} is missing. Put it there, or remove its folder from TRELLIS_DATA to download it.") from error
    except EOFError as error:
        raise DatasetError(f"The file {path} is truncated: its gzip stream ends too early. Fetch it again.") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DatasetError(f"The file {path} is damaged: it is not valid gzip ({error}). Fetch it again.") from error
    except OSError as error:
        raise DatasetError(f"The file {path} cannot be read: {error.strerror or error}. Check its permissions.") from error
    if len(data) > limit:
        raise DatasetError(f"The file {path} holds more than {limit:,} bytes, which no dataset file should. Fetch it again.")
    return data


def parse(data: bytes, name: str, *, dtype: str = "uint8", shape: tuple[int | None, ...] | None = None) -> np.ndarray:
    """An idx array from unpacked bytes.

    Args:
        data: the bytes. name: the file's name, for messages.
        dtype: the type that is expected. shape: the expected shape, None for an axis of any size.

    Returns:
        A read-only array in native byte order.

    Raises:
        DatasetError: on a wrong magic number, type, shape or length.
    """
    if len(data) < 4:
        raise DatasetError(f"{name} is truncated: {len(data)} bytes are too few for an idx header. Fetch it again.")
    if data[:2] != b"\0\0" or data[2] not in TYPES:
        raise DatasetError(f"{name} is not an idx file: it starts with 0x{data[:4].hex()}, expected 0x0000 and a type. Fetch it again.")
    found, rank = np.dtype(TYPES[data[2]]), data[3]
    if found.newbyteorder("=") != np.dtype(dtype):
        raise DatasetError(f"{name} holds values of type {found.name}, expected {dtype}. It is another file than its name says.")
    header = 4 + 4 * rank
    if len(data) < header:
        raise DatasetError(f"{name} is truncated: its header of {header} bytes is cut at {len(data)}. Fetch it again.")
    sizes = struct.unpack(f">{rank}I", data[4:header])
    expected = shape or (None,) * rank
    if len(expected) != rank or any(want not in (None, have) for want, have in zip(expected, sizes, strict=False)):
        wanted = "x".join("any" if size is None else str(size) for size in expected)
        raise DatasetError(f"{name} has shape {'x'.join(map(str, sizes))}, expected {wanted}. It is another file than its name says.")
    length = math.prod(sizes) * found.itemsize
    if len(data) - header != length:
        state = "truncated" if len(data) - header < length else "too long"
        raise DatasetError(f"{name} is {state}: {len(data) - header:,} bytes of values, expected {length:,}. Fetch it again.")
    array = np.frombuffer(data, dtype=found, offset=header).reshape(sizes)
    return array if found.isnative else array.astype(found.newbyteorder("="))
