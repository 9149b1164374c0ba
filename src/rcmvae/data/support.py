"""What RCM-VAE can do with data."""

from __future__ import annotations

from rcmvae.data import catalogue, imported
from rcmvae.data.own.options import ImportOptions
from workbench.families import Column, DataSupport, FileKind, Importing, ImportString

READERS = Importing(
    kinds=(
        FileKind("npz", "An .npz file with images", (".npz",), ("application/zip", "application/octet-stream")),
        FileKind("folder", "A folder of pictures, in a folder for each class or without classes"),
    ),
    words="images (N, H, W[, C]) as uint8 or float in [0, 1]; labels and names if there are any",
    read=ImportString("rcmvae.data.own.read:read_import"),
    opened=ImportString("rcmvae.data.loaded:opened"),
    options=ImportOptions,
)

DATA = DataSupport(
    sources=catalogue.DATASETS,
    readers=READERS,
    describe=imported.describe,
    row=imported.row,
    columns=(
        Column("n", "Images", "count"),
        Column("shape", "Shape", "shape"),
        Column("class_names", "Classes", "size"),
    ),
    preview=ImportString("rcmvae.data.looks:preview"),
    statistics=ImportString("rcmvae.data.looks:statistics"),
    sample=ImportString("rcmvae.data.looks:sample"),
)
