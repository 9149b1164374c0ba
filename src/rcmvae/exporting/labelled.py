"""A model's labels and its labelled images, written piece by piece: memory does not grow with their number beyond the dataset itself."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING

import numpy as np

from rcmvae.data.looks import png
from rcmvae.explore.pictures import images_of
from rcmvae.exporting.folders import folder_names
from rcmvae.facts import ImageFacts
from rcmvae.holding import held
from rcmvae.labels.service import LabelService
from workbench.commands.base import CommandError
from workbench.families import Size
from workbench.state import LabelValue, ModelRecord

if TYPE_CHECKING:
    from workbench.services.exports import Progress
    from workbench.workbench import Workbench

_TIME = (1980, 1, 1, 0, 0, 0)
"""Of every entry, so that equal labels give equal files."""
_AT_ONCE = 256
_PNG_SHARE, _PNG_LEAST = 0.7, 180
"""What of an image's bytes a PNG takes about, and what it takes at least with its entry."""


def _marks(workbench: Workbench, model: ModelRecord) -> Mapping[int, LabelValue]:
    found = workbench.models.labels(model.id)
    if not found:
        raise CommandError(f"{model.name} has no labels yet.", "model", "Label images in Explore, or import labels.", code="conflict")
    return dict(sorted(found.items()))


def labels_write(workbench: Workbench, model: ModelRecord, out: IO[bytes], part: str, progress: Progress) -> None:
    """The columns index,label."""
    del part
    out.write(LabelService(workbench).export_csv(model.id).encode())
    progress(1, 1)


def labels_size(workbench: Workbench, model: ModelRecord, part: str) -> Size:
    """The size of the file, which is made for it."""
    del part
    _marks(workbench, model)
    return Size(len(LabelService(workbench).export_csv(model.id).encode()), exact=True)


def folders_write(workbench: Workbench, model: ModelRecord, out: IO[bytes], part: str, progress: Progress) -> None:
    """A folder a class, in it `<dataset row>.png`; `classes.csv` says which folder is which class."""
    del part
    marks, names, images = _marks(workbench, model), held(model).class_names, images_of(workbench, model.id)
    folders = folder_names(names)
    with zipfile.ZipFile(out, "w") as archive:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([("number", "class", "folder"), *zip(range(len(names)), names, folders, strict=True)])
        archive.writestr(_entry("classes.csv"), text.getvalue().encode(), zipfile.ZIP_DEFLATED)
        for done, (row, mark) in enumerate(marks.items(), 1):
            archive.writestr(_entry(f"labelled/{folders[mark.label]}/{row}.png"), png(images[row]))
            if done % _AT_ONCE == 0 or done == len(marks):
                progress(done, len(marks))


def folders_size(workbench: Workbench, model: ModelRecord, part: str) -> Size:
    """About what the file comes to."""
    del part
    return Size(round(len(_marks(workbench, model)) * (_PNG_LEAST + _PNG_SHARE * np.prod(_facts(workbench, model).shape))))


def arrays_write(workbench: Workbench, model: ModelRecord, out: IO[bytes], part: str, progress: Progress) -> None:
    """`images` (n, H, W, C) as stored, `labels` int32 (n,) and `names`, by dataset row."""
    del part
    marks, images = _marks(workbench, model), images_of(workbench, model.id)
    rows = np.fromiter(marks, np.int64, len(marks))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(_entry("images.npy", packed=True), "w", force_zip64=True) as file:
            header = {"descr": np.lib.format.dtype_to_descr(images.dtype), "fortran_order": False, "shape": (len(rows), *images.shape[1:])}
            np.lib.format.write_array_header_1_0(file, header)
            for start in range(0, len(rows), _AT_ONCE):
                file.write(np.ascontiguousarray(images[rows[start : start + _AT_ONCE]]).tobytes())
                progress(min(start + _AT_ONCE, len(rows)), len(rows))
        labels = np.array([mark.label for mark in marks.values()], np.int32)
        for name, array in (("labels", labels), ("names", np.array(held(model).class_names, str))):
            with archive.open(_entry(f"{name}.npy", packed=True), "w") as file:
                np.lib.format.write_array(file, array, allow_pickle=False)


def arrays_size(workbench: Workbench, model: ModelRecord, part: str) -> Size:
    """About what the file comes to."""
    del part
    return Size(round(1000 + len(_marks(workbench, model)) * (8 + 0.6 * np.prod(_facts(workbench, model).shape))))


def _facts(workbench: Workbench, model: ModelRecord) -> ImageFacts:
    return workbench.datasets.facts(workbench.state().dataset_of(model) or "")


def _entry(name: str, *, packed: bool = False) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    entry.external_attr = 0o644 << 16
    return entry
