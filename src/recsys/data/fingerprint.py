"""A table's fingerprint: equal tables have equal ones, in every process and however they lie in memory."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import polars as pl

PIECE = 262_144
"""Rows that are hashed at a time, so that a column's text is never in memory twice."""


def fingerprint(table: pl.DataFrame | pl.LazyFrame) -> str:
    """SHA-256 over the names, types and values of all columns, rows in order: 64 hex digits.

    Columns are hashed beside each other, each over its nulls, its lengths and its values (little-endian); the
    fingerprint is the hash of their hashes. Of a lazy table only as many columns are in memory as there are
    processors.
    """
    rows = table.lazy()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return fingerprint_of(pool.map(lambda name: _of_column(rows, name), rows.collect_schema().names()))


def fingerprint_of(digests: Iterable[bytes]) -> str:
    """The fingerprint of a table by the digests of its columns, in order."""
    whole = hashlib.sha256()
    for digest in digests:
        whole.update(digest)
    return whole.hexdigest()


def _of_column(rows: pl.LazyFrame, name: str) -> bytes:
    import polars as pl

    return digest_of(rows.select(pl.col(name)).collect().to_series())


def digest_of(series: pl.Series) -> bytes:
    """The digest of one column: over its length, its name, its type and its values."""
    name = series.name
    digest = hashlib.sha256(f"{len(series)};{len(name.encode())}:{name}{series.dtype};".encode())
    for start in range(0, len(series), PIECE):
        _update(digest, series.slice(start, PIECE))
    return digest.digest()


def _update(digest: hashlib._Hash, series: pl.Series) -> None:
    import polars as pl

    nulls = series.null_count()
    digest.update(f"{nulls},".encode())
    if nulls:
        digest.update(np.packbits(series.is_null().to_numpy()).data)
    dtype = series.dtype
    if isinstance(dtype, pl.List):
        _numbers(digest, series.list.len().fill_null(0))
        _update(digest, series.explode(empty_as_null=False, keep_nulls=False))
    elif dtype == pl.Null:
        return
    elif dtype in (pl.String, pl.Categorical, pl.Enum):
        text = series.cast(pl.String)
        _numbers(digest, text.str.len_bytes().fill_null(0))
        digest.update((text.str.join("", ignore_nulls=True)[0] or "").encode())
    elif dtype.is_float():
        # one pattern of bits for everything that is no number
        values = series.fill_null(0.0).to_numpy()
        digest.update(np.where(np.isnan(values), np.nan, values).astype(f"<f{values.itemsize}").data)
    elif dtype == pl.Boolean:
        digest.update(np.packbits(series.fill_null(False).to_numpy()).data)
    else:
        _numbers(digest, series.to_physical().fill_null(0))


def _numbers(digest: hashlib._Hash, series: pl.Series) -> None:
    values = series.to_numpy()
    digest.update(np.ascontiguousarray(values, values.dtype.newbyteorder("<")).data)
