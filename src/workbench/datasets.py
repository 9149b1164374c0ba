"""What the core knows of loaded data: next to nothing. What it is, its family knows."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from workbench.state import DatasetManifest

UNRULED = "invalid"
"""The code of an error of which no rule speaks."""


class DatasetError(ValueError):
    """A dataset that cannot be read; its text names the file, what is wrong and what to do.

    Attributes:
        message: what is wrong. code: what rule speaks, for programs. where: the line, column or file that is meant, if it is one.
            hint: what to do, where the message does not say it. key: the setting that is meant, if it is one.
    """

    key: str | None = None

    def __init__(self, message: str, *, code: str = UNRULED, where: str = "", hint: str = "") -> None:
        super().__init__(f"{message} {hint}" if hint else message)
        self.message = message
        self.code = code
        self.where = where
        self.hint = hint


class Loaded(Protocol):
    """Data in memory, in its family's own type."""

    @property
    def manifest(self) -> DatasetManifest:
        """What it is made of."""
        ...


@dataclass(frozen=True)
class ReadImport:
    """What an import has read.

    Attributes:
        content: what is kept: arrays by name, or a temporary file in a format of the family's own, which is taken over and whose
            ending is kept. manifest: it names no files yet.
        skipped: files left out, each with its reason. notices: what a person should know of the data.
    """

    content: Mapping[str, Any] | Path
    manifest: DatasetManifest
    skipped: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


ImportProgress = Callable[[int, int], None]
"""Told (items read, items altogether) as an import goes on."""


def require_file_or_folder(path: Path) -> None:
    """Raise DatasetError for what is neither: a pipe or a device may never end."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise DatasetError(f"There is nothing at {path}. Check the path.") from error
    except (OSError, ValueError) as error:
        raise DatasetError(f"{str(path)[:200]} cannot be opened: {getattr(error, 'strerror', None) or error}.") from error
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise DatasetError(f"{path} is neither a file nor a folder, so it is not read. Give a file or a folder with the data.")
