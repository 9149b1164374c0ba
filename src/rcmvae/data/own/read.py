"""Reading people's own images from an `.npz` file or a folder."""

from __future__ import annotations

from pathlib import Path

from rcmvae.data.own import folder, npz
from rcmvae.data.own.assemble import ReadImages, assemble
from rcmvae.data.own.options import ImportOptions
from workbench.datasets import ImportProgress, ReadImport, require_file_or_folder

_AS_IT_IS = ImportOptions()


def read(path: Path | str, options: ImportOptions = _AS_IT_IS, progress: ImportProgress | None = None) -> ReadImages:
    """Images with their labels and a test set: the source's own, else a stratified fifth, always the same one.

    Args:
        path: an `.npz` file (see `npz.read`) or a folder (see `folder.read`). progress: told how many pictures were read.

    Returns:
        The dataset: images (N, H, W, C), uint8 or float32 in [0, 1], and the pictures that were skipped.

    Raises:
        DatasetError: saying what is wrong where, and what to do.

    Example::

        flowers = read("flowers", ImportOptions(size=(32, 32))).dataset
        flowers.images.shape, flowers.manifest.class_names
    """
    place = Path(path)
    require_file_or_folder(place)
    return assemble(folder.read(place, options, progress) if place.is_dir() else npz.read(place, options))


def read_import(path: Path, options: ImportOptions, progress: ImportProgress | None = None) -> ReadImport:
    """The same as arrays to keep, for the core. Raises DatasetError."""
    found = read(path, options, progress)
    data = found.dataset
    arrays = {"images": data.images, "labels": data.true_labels, "test": data.test}
    return ReadImport(arrays, data.manifest, found.skipped, found.notices)
