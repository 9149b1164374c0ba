"""Which code made a run: the released version and, in a checkout, the commit."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@cache
def code_version() -> str:
    """`0.1.0`, or in a checkout `0.1.0+<commit>`; read once a process."""
    try:
        released = version("trellis")
    except PackageNotFoundError:
        released = "0"
    commit = commit_of(Path(__file__).resolve())
    return f"{released}+{commit[:12]}" if commit else released


def commit_of(place: Path) -> str | None:
    """The commit that is checked out around `place`, read from git's own files; None outside a checkout."""
    for folder in place.parents:
        git = folder / ".git"
        if git.is_dir():
            return _commit(git)
    return None


def _commit(git: Path) -> str | None:
    head = _read(git / "HEAD")
    if not head.startswith("ref: "):
        return head or None
    name = head.removeprefix("ref: ")
    direct = _read(git / name)
    if direct:
        return direct
    packed = (line.split() for line in _read(git / "packed-refs").splitlines() if line.endswith(f" {name}"))
    return next((words[0] for words in packed), None)


def _read(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        # A worktree without that file, or none we may read: the commit is then simply not known.
        return ""
