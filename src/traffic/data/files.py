"""What readers of traffic files share: a file that is there, and reading that fails in words."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from traffic.errors import Place, TrafficError

_DAMAGE = (
    OSError,
    ValueError,
    EOFError,
    KeyError,
    RuntimeError,
    TypeError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
    NotImplementedError,
)


def require_file(path: Path, form: str) -> None:
    """Raise TrafficError (DATA_NOT_FOUND) unless `path` is a file; `form` says what belongs there."""
    if not path.is_file():
        what = "is not a file" if path.exists() else "is not there"
        raise TrafficError(
            "DATA_NOT_FOUND", f"{path} {what}.", hint=f"Put the data there: {form}. docs/traffic.md describes it.",
            at=Place(key="data.path", file=str(path)), expected=form,
        )  # fmt: skip


@contextmanager
def reading(path: Path, part: str) -> Iterator[None]:
    """Whatever fails while a part of a file is read is DATA_FORMAT naming the file and the part."""
    try:
        yield
    except TrafficError:
        raise
    except _DAMAGE as error:
        raise malformed(path, part, f"cannot be read: {_short(error)}") from error


def malformed(path: Path, part: str, what: str, *, expected: object = None, found: object = None) -> TrafficError:
    """The error of a file whose part is not as it must be."""
    return TrafficError(
        "DATA_FORMAT", f"{part} of {path.name} {what}.", hint="Fetch or save the file again, in the format of docs/traffic.md.",
        at=Place(file=str(path)), expected=expected, found=found or part,
    )  # fmt: skip


def _short(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
