"""Arrays as `.npz`: written and read without pickle."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from workbench.artefacts.errors import ArtefactError

MAX_ARRAY_BYTES = 8 * 1024**3
"""Largest size an `.npz` may unpack to; a small file that claims more is refused."""


def pack_arrays(arrays: Mapping[str, Any]) -> bytes:
    """Arrays as `.npz` bytes. Raises ArtefactError for arrays of objects, which only pickle could hold."""
    import numpy as np

    plain = {name: np.asarray(array) for name, array in arrays.items()}
    for name, array in plain.items():
        if array.dtype.hasobject:
            raise ArtefactError(f"The array {name} holds Python objects; only numbers and text are stored.")
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **plain)  # pyright: ignore[reportArgumentType]
    return buffer.getvalue()


def unpack_arrays(data: bytes | Path, name: str = "the file", wanted: Callable[[str], bool] = lambda _: True) -> dict[str, Any]:
    """The arrays of `.npz` bytes, or of a file of them, nothing unpickled. Raises ArtefactError.

    Args:
        data: of a file, what is not wanted is not read. wanted: whether the array of a name is read; the others are left alone.
    """
    import numpy as np

    def source() -> Any:
        return io.BytesIO(data) if isinstance(data, bytes) else data

    try:
        with zipfile.ZipFile(source()) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MAX_ARRAY_BYTES:
            raise ArtefactError(f"{name} would unpack to {size:,} bytes, more than the {MAX_ARRAY_BYTES:,} allowed.")
        with np.load(source(), allow_pickle=False) as loaded:
            return {key: loaded[key] for key in loaded.files if wanted(key)}
    except ArtefactError:
        raise
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, KeyError) as error:
        raise ArtefactError(f"{name} is not a readable array file: {error}. Restore it from a backup, or create it anew.") from error
