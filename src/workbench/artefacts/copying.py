"""Moving all artefacts from one root to another: a folder into object storage, or back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from workbench.artefacts.errors import ArtefactError
from workbench.artefacts.root import ArtefactRoot

Progress = Callable[[int, int], None]
"""(bytes done, bytes in all) after every file."""


@dataclass(frozen=True)
class Copied:
    """What was done: files in all and their bytes, how many of them lay there already, and names at the target that the source has not."""

    files: int
    bytes: int
    there: int
    others: tuple[str, ...]


def copy_all(source: ArtefactRoot, target: ArtefactRoot, told: Progress = lambda done, total: None) -> Copied:
    """Copy every file of `source` that `target` does not have as it is. What is there already is left, so that a broken copy goes on.

    Raises ArtefactError for a file that changes meanwhile or does not arrive as it was, ArtefactsAway, DiskFull; what was copied by then stays.
    """
    wanted, had = source.looks(), target.looks()
    total, done, there = sum(look.size for look in wanted.values()), 0, 0
    for name, look in wanted.items():
        digest = source.sha256(name)
        if name in had and had[name].size == look.size and target.sha256(name) == digest:
            there += 1
        else:
            written = target.write_copy(name, source.path(name, digest))
            if written.sha256 != digest or target.sha256(name) != digest:
                raise ArtefactError(
                    f"{name} is at {target.where} not what it is at {source.where}. See to it that nobody writes, and copy again."
                )
        done += look.size
        told(done, total)
    return Copied(len(wanted), total, there, tuple(sorted(had.keys() - wanted.keys())))
