"""Datasets published as four idx files: training images and labels, test images and labels.

The files are taken from the dataset's folder in TRELLIS_DATA, else from the home folder's downloads, else from the
mirrors, and are always checked against a published checksum.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from rcmvae.data import idx
from rcmvae.data.about import manifest_of
from rcmvae.data.loaded import LoadedDataset
from workbench.datasets import DatasetError
from workbench.download import Progress, fetch
from workbench.state import DatasetFile

LOADER_VERSION = 1
MAX_DOWNLOAD_BYTES = 32 * 1024**2


@dataclass(frozen=True)
class SourceFile:
    """One of the four files.

    Attributes:
        name: its name when unpacked. sha256: its published checksum. shape: of its array.
        checked: what the checksum is of. With the unpacked bytes it does not matter who packed the file, or whether.
    """

    name: str
    sha256: str
    shape: tuple[int, ...]
    checked: Literal["unpacked", "packed"] = "unpacked"


@dataclass(frozen=True)
class Published:
    """A dataset: its id (the name of its folder, too), what people call it, where its files are and what they hold.

    Attributes:
        mirrors: base addresses, tried in order. files: training images and labels, then test images and labels.
    """

    id: str
    title: str
    class_names: tuple[str, ...]
    mirrors: tuple[str, ...]
    files: tuple[SourceFile, ...]


class Places(Protocol):
    """What the loader reads of the settings: a read-only folder searched first, and where downloads go."""

    @property
    def data(self) -> Path | None: ...

    @property
    def downloads(self) -> Path: ...


def load(
    published: Published, settings: Places, *, progress: Progress | None = None, mirrors: tuple[str, ...] | None = None
) -> LoadedDataset:
    """The dataset: uint8 images (N, H, W, 1), the training images first, the test set after them.

    Args:
        settings: where to look and where downloads go. progress: told how far a download is.
        mirrors: base addresses in place of the published ones.

    Raises:
        DatasetError: if a file is missing, damaged or not the published one, or cannot be downloaded.
    """
    addresses = published.mirrors if mirrors is None else mirrors
    paths = tuple(locate(published, file, settings, progress=progress, mirrors=addresses) for file in published.files)
    return _read(published, tuple((path, path.stat().st_size, path.stat().st_mtime_ns) for path in paths))


def files(published: Published, settings: Places) -> tuple[Path, ...] | None:
    """Where the four files are; None if some would have to be downloaded. Raises DatasetError as `locate` does."""
    paths = tuple(_given(published, file, settings) or _downloaded(published, file, settings) for file in published.files)
    return paths if all(path.is_file() for path in paths) else None


def _given(published: Published, file: SourceFile, settings: Places) -> Path | None:
    """The file's place in TRELLIS_DATA; None if that has no folder for the dataset. Raises DatasetError if the file is missing."""
    if settings.data is None or not (settings.data / published.id).is_dir():
        return None
    given = settings.data / published.id
    packed, plain = given / f"{file.name}.gz", given / file.name
    if packed.exists():
        return packed
    if plain.exists() and file.checked == "unpacked":
        return plain
    why = f"though the folder {given} exists"
    if plain.exists():
        why = f"and {plain} cannot stand in for it: only the packed file has a published checksum"
    raise DatasetError(f"The file {packed} is missing, {why}. Put it there, or remove that folder to download {published.title}.")


def _downloaded(published: Published, file: SourceFile, settings: Places) -> Path:
    """Where the file is, or comes, once it is downloaded."""
    return settings.downloads / published.id / f"{file.name}.gz"


def locate(
    published: Published, file: SourceFile, settings: Places, *, progress: Progress | None = None, mirrors: tuple[str, ...] = ()
) -> Path:
    """The place of one file, downloaded if it is nowhere. Raises DatasetError."""
    given = _given(published, file, settings)
    if given is not None:
        return given
    target = _downloaded(published, file, settings)
    addresses = [f"{mirror.rstrip('/')}/{file.name}.gz" for mirror in mirrors]

    def verify(path: Path) -> None:
        _verified(path, file)

    return fetch(addresses, target, verify, max_bytes=MAX_DOWNLOAD_BYTES, progress=progress)


def _verified(path: Path, file: SourceFile) -> bytes:
    """The unpacked bytes of `path`. Raises DatasetError if the file is not the published one."""
    data = idx.unpacked(path)
    digest = hashlib.sha256(data if file.checked == "unpacked" else path.read_bytes()).hexdigest()
    if digest != file.sha256:
        idx.parse(data, str(path), shape=file.shape)  # says what is wrong with the format, if that is it
        raise DatasetError(
            f"The file {path} is not the published one: its checksum is {digest[:12]}, expected {file.sha256[:12]}. Fetch it again."
        )
    return data


@functools.lru_cache(maxsize=2)
def _read(published: Published, files: tuple[tuple[Path, int, int], ...]) -> LoadedDataset:
    """The four files as one dataset; cached until one of them changes."""
    arrays, entries = [], []
    for (path, packed_size, _), file in zip(files, published.files, strict=True):
        data = _verified(path, file)
        arrays.append(idx.parse(data, str(path), shape=file.shape))
        packed = file.checked == "packed"
        name, size = (f"{file.name}.gz", packed_size) if packed else (file.name, len(data))
        entries.append(DatasetFile(path=f"{published.id}/{name}", size=size, sha256=file.sha256))
    train_images, train_labels, test_images, test_labels = arrays
    images = np.concatenate([train_images, test_images])[..., None]
    labels = np.concatenate([train_labels, test_labels]).astype(np.int32)
    test = np.arange(len(train_labels), len(labels), dtype=np.int32)
    for array in (images, labels, test):
        array.setflags(write=False)
    names = published.class_names
    manifest = manifest_of(images, labels, test, names, source=published.id, loader_version=LOADER_VERSION, files=tuple(entries))
    return LoadedDataset(images=images, true_labels=labels, test=test, manifest=manifest)
