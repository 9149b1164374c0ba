"""Reading people's own images from an `.npz` file or a folder."""

from __future__ import annotations

from pathlib import Path

from rcmvae.data.own import folder, npz
from rcmvae.data.own.assemble import assemble
from workbench.datasets import DatasetError, ImportOptions, ImportProgress, ReadImport

_AS_IT_IS = ImportOptions()


def read(path: Path | str, options: ImportOptions = _AS_IT_IS, progress: ImportProgress | None = None) -> ReadImport:
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
    try:
        is_folder, exists = place.is_dir(), place.exists()
    except OSError as error:
        raise DatasetError(f"{place} cannot be opened: {error.strerror or error}.") from error
    if not exists:
        raise DatasetError(f"There is nothing at {place}. Check the path.")
    return assemble(folder.read(place, options, progress) if is_folder else npz.read(place, options))
