"""Names of artefacts: relative, with forward slashes, `models/<id>/sample.npz`."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from workbench.artefacts.errors import UnsafePath

LONGEST_PART, LONGEST = 255, 900
"""Bytes of a part of a name, and of a whole one, in object storage: what a file system takes, and what a key has room for after a prefix."""


def parts_of(name: str) -> tuple[str, ...]:
    """The parts of a name. Raises UnsafePath for absolute names, `..` and odd characters."""
    parts = PurePosixPath(name).parts if name else ()
    odd = "\\" in name or any(ord(character) < 32 or ord(character) == 127 for character in name)
    if not parts or odd or PurePosixPath(name).is_absolute() or ".." in parts or any(":" in part for part in parts):
        raise UnsafePath(f"{name!r} is not a file name below the artefact folder")
    return parts


def key_of(name: str) -> str:
    """A name as a key of object storage. Raises UnsafePath for what no folder could take, either."""
    parts = parts_of(name)
    key = "/".join(parts)
    try:
        too_long = any(len(part.encode()) > LONGEST_PART for part in parts) or len(key.encode()) > LONGEST
    except UnicodeEncodeError as error:
        raise UnsafePath(f"{_short(name)} is no name of a file here: it is no text") from error
    if too_long:
        raise UnsafePath(f"{_short(name)} is no name of a file here: File name too long")
    if "?versionId=" in key:
        # fsspec would take the rest for the version of another object
        raise UnsafePath(f"{_short(name)} is not a file name below the artefact folder")
    return key


def resolve_below(folder: Path, name: str) -> Path:
    """The path of `name` below `folder`. Raises UnsafePath for absolute names, `..`, odd characters, links and what is too long."""
    path = folder
    try:
        for part in parts_of(name):
            path = path / part
            if path.is_symlink():
                raise UnsafePath(f"{name!r} goes through the link {path}; links are not followed")
    except OSError as error:
        # A name longer than the file system's, or a folder that may not be looked into.
        raise UnsafePath(f"{_short(name)} is no name of a file here: {error.strerror or error}") from error
    return path


def is_temporary(name: str) -> bool:
    """Whether a file of that name is a write that is not finished."""
    return name.startswith(".") and name.endswith(".partial")


def _short(name: str) -> str:
    return repr(name) if len(name) <= 80 else f"{name[:80]!r}…"
