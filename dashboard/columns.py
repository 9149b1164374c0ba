"""Columns of numbers on their way to a script of a page: one body that holds them as they lie in memory, so that nothing is parsed.

The body is `TRLC`, the length of a header (uint32), the header (JSON: `meta`, and for each column its name, dtype, shape and offset),
filled up to eight bytes, then the columns, each from a multiple of eight bytes on. All numbers are little-endian. `assets/columns.js` reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

MAGIC = b"TRLC"
DTYPES = ("uint8", "int16", "int32", "float32")
"""What a script reads without a copy."""


def packed(meta: Mapping[str, Any], columns: Mapping[str, np.ndarray]) -> bytes:
    """The body.

    Args:
        meta: JSON values. columns: arrays of the dtypes in `DTYPES`, by name.

    Raises ValueError for another dtype.
    """
    entries, parts, at = [], [], 0
    for name, column in columns.items():
        array = np.ascontiguousarray(column)
        if array.dtype.name not in DTYPES:
            raise ValueError(f"the column {name} is {array.dtype}; columns of {', '.join(DTYPES)} can be sent")
        content = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        entries.append({"name": name, "dtype": array.dtype.name, "shape": list(array.shape), "offset": at})
        padding = -len(content) % 8
        parts += [content, bytes(padding)]
        at += len(content) + padding
    header = json.dumps({"meta": dict(meta), "columns": entries}, allow_nan=False).encode()
    start = len(MAGIC) + 4 + len(header)
    return b"".join([MAGIC, len(header).to_bytes(4, "little"), header, bytes(-start % 8), *parts])
