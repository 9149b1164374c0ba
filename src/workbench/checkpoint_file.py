"""Checkpoint files as bytes: numbers and plain values in msgpack, never pickle; no framework is needed to read one.

A file is a magic line of its family, the sha256 of what follows, and a msgpack mapping of `header` (plain values) and `arrays`
(dotted name -> array). Arrays are stored in flax's own msgpack encoding: extension 1 holding (shape, dtype name, bytes).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import msgpack
import numpy as np

from workbench.frozen import FrozenDict, FrozenList

SCHEMA_VERSION = 1
_DIGEST = 32
_ARRAY = 1
_DTYPES = frozenset(("bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float16", "float32", "float64"))


@dataclass(frozen=True)
class CheckpointFile:
    """A checkpoint's content: `header` of plain values, `arrays` by dotted name (read-only views)."""

    header: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class CheckpointFormat:
    """A family's checkpoints.

    Attributes:
        magic: what each of its files begins with. made_by: what they are checkpoints of, in words. error: what is raised, with a sentence.
    """

    magic: bytes
    made_by: str
    error: type[Exception]

    def encode(self, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> bytes:
        """The bytes of a checkpoint file."""
        content = {"header": {"schema": SCHEMA_VERSION, **header}, "arrays": dict(arrays)}
        payload = cast(bytes, msgpack.packb(content, default=_pack, strict_types=True))
        return self.magic + hashlib.sha256(payload).digest() + payload

    def read(self, path: Path) -> CheckpointFile:
        """Read and check a file. Raises the format's error for one that is missing, torn, changed, or not a checkpoint."""
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise self.error(f"The checkpoint {path} is missing. Start a new run, or choose another checkpoint.") from error
        except OSError as error:
            raise self.error(f"The checkpoint {path} cannot be read: {error.strerror or error}.") from error
        return self.decode(data, str(path))

    def decode(self, data: bytes, name: str) -> CheckpointFile:
        """The content of a checkpoint's bytes; `name` is what an error calls it. Raises the format's error."""
        if not data.startswith(self.magic):
            raise self.error(f"{name} is not a checkpoint of {self.made_by}. Choose another file.")
        payload = memoryview(data)[len(self.magic) + _DIGEST :]
        if hashlib.sha256(payload).digest() != data[len(self.magic) : len(self.magic) + _DIGEST]:
            raise self.error(f"The checkpoint {name} is damaged: its content does not match its checksum. Use an earlier checkpoint.")
        try:
            content = msgpack.unpackb(payload, ext_hook=_unpack, strict_map_key=False)
            header, arrays = dict(content["header"]), dict(content["arrays"])
        except (ValueError, TypeError, KeyError, msgpack.UnpackException) as error:
            raise self.error(f"The checkpoint {name} cannot be understood: {error}. Use an earlier checkpoint.") from error
        if header.get("schema") != SCHEMA_VERSION:
            raise self.error(f"The checkpoint {name} has format {header.get('schema')}; this version reads format {SCHEMA_VERSION}.")
        return CheckpointFile(header, arrays)


def _pack(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        if value.dtype.name not in _DTYPES:
            raise TypeError(f"arrays of {value.dtype} are not stored in checkpoints")
        return msgpack.ExtType(_ARRAY, cast(bytes, msgpack.packb((value.shape, value.dtype.name, value.tobytes()))))
    if isinstance(value, tuple | FrozenList):
        return list(value)
    if isinstance(value, FrozenDict):
        return dict(value)
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} is not stored in checkpoints")


def _unpack(code: int, data: bytes) -> Any:
    if code != _ARRAY:
        raise ValueError(f"unknown extension {code}")
    shape, dtype, buffer = msgpack.unpackb(data)
    if dtype not in _DTYPES:
        raise ValueError(f"unknown array type {dtype!r}")
    return np.frombuffer(buffer, dtype=dtype).reshape(shape)
