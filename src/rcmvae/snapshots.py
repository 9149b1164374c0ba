"""Where images of a run stood after its epochs, as files: their content, and how they are laid into a plane. Only numpy is needed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

import numpy as np

from workbench.artefacts import ArtefactError, unpack_arrays

FOLDER = "epochs"
"""Below an attempt's folder: one file an epoch, named by its number."""


@dataclass(frozen=True)
class Snapshot:
    """Where n images stood after an epoch.

    Attributes:
        epoch: of the run, 1-based. rows: int32 (n,), dataset rows. places: float16 (n, 2), turned so that they move little from one snapshot
            to the next: posterior means as they are with D = 2, (z, 0) with D = 1, else their first two principal components.
            With decentralized latents means under the image's component.
        predicted: int16 (n,), -1 unknown. component: int16 (n,), the selected one, -1 without components.
    """

    epoch: int
    rows: np.ndarray
    places: np.ndarray
    predicted: np.ndarray
    component: np.ndarray


def snapshots_in(folder: Path) -> dict[int, Path]:
    """The snapshots of an attempt's folder: epoch -> file, ascending."""
    return {epoch: folder / FOLDER / name for epoch, name in among(path.name for path in (folder / FOLDER).glob("*.npz")).items()}


def among(names: Iterable[str]) -> dict[int, str]:
    """The snapshots among names of files: epoch -> name, ascending."""
    found = {int(path.stem): path.name for path in map(PurePath, names) if path.suffix == ".npz" and path.stem.isdecimal()}
    return dict(sorted(found.items()))


def read_snapshot(path: Path) -> Snapshot:
    """A snapshot's content. Raises ArtefactError for a file that is gone or damaged."""
    try:
        arrays = unpack_arrays(path.read_bytes(), str(path))
        return Snapshot(int(path.stem), *(arrays[name] for name in ("rows", "places", "predicted", "component")))
    except OSError as error:
        raise ArtefactError(f"The file {path} cannot be read: {error.strerror or error}.") from error
    except KeyError as error:
        raise ArtefactError(f"The file {path} is damaged: it lacks {error}.") from error


def flattened(means: np.ndarray) -> np.ndarray:
    """The first two principal components of means (n, D), float64 (n, 2), centred; the largest entry of each axis is positive."""
    centred = means.astype(np.float64) - means.mean(axis=0, dtype=np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    two = axes[:, :-3:-1]
    largest = two[np.abs(two).argmax(axis=0), [0, 1]]
    return centred @ (two * np.where(largest < 0, -1, 1))


def turn(places: np.ndarray, others: np.ndarray) -> np.ndarray:
    """What turns or mirrors `places` (n, 2) so that they lie nearest to `others` of the same images, both taken from their middles: (2, 2), to
    be multiplied from the right (orthogonal Procrustes; Schönemann 1966)."""
    left, _, right = np.linalg.svd((places - places.mean(axis=0)).T @ (others - others.mean(axis=0)))
    return left @ right
