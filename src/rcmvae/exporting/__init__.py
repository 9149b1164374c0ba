"""What can be taken out of an RCM-VAE besides what every model gives. Importing this imports no array package."""

from __future__ import annotations

from workbench.families import Export, ImportString

_HERE = "rcmvae.exporting"
PARTS = ("all", "train", "validation", "test")
IMAGES, LABELS, MODEL = "What it says of images", "Labels", "The model"
PARQUET = "application/vnd.apache.parquet"


def _export(name: str, title: str, words: str, group: str, file: str, media: str, module: str, parts: tuple[str, ...] = ()) -> Export:
    part = f"{_HERE}.{module}"
    return Export(name, title, words, group, file, media, ImportString(f"{part}_write"), ImportString(f"{part}_size"), parts)


_LATENTS = "Where each image lies in the latent space (its posterior mean), its split and most responsible component."
_PREDICTIONS = "Class, its probability, certainty, OOD score and entropy of each image, under the labels of now."

EXPORTS: tuple[Export, ...] = (
    Export(
        "snippet", "Python snippet", "A script that loads the exported weights and predicts images under the labels of now, as the tables below do; it needs nothing but "
        "the package.",
        MODEL, "predict.py", "text/x-python", ImportString(f"{_HERE}.snippet:snippet_write"), ImportString(f"{_HERE}.snippet:snippet_size"), shown=True,
    ),
    _export("predictions.csv", "Predictions, CSV", _PREDICTIONS, IMAGES, "predictions.csv", "text/csv", "tables:predictions_csv", PARTS),
    _export("predictions.parquet", "Predictions, Parquet", _PREDICTIONS, IMAGES, "predictions.parquet", PARQUET, "tables:predictions_parquet", PARTS),
    _export("latents.csv", "Latents, CSV", _LATENTS, IMAGES, "latents.csv", "text/csv", "tables:latents_csv", PARTS),
    _export("latents.parquet", "Latents, Parquet", _LATENTS, IMAGES, "latents.parquet", PARQUET, "tables:latents_parquet", PARTS),
    _export(
        "labels.csv", "Labels, CSV", "Dataset row and class of every label; importing it again changes nothing.",
        LABELS, "labels.csv", "text/csv", "labelled:labels",
    ),
    _export(
        "labelled.zip", "Labelled images, PNG", "A folder of PNGs for each class, with a list of which folder is which class; it can be imported "
        "as a dataset.", LABELS, "labelled.zip", "application/zip", "labelled:folders",
    ),
    _export(
        "labelled.npz", "Labelled images, NumPy", "Images, labels and class names as arrays, the pixels exactly as they are; it can be imported "
        "as a dataset.", LABELS, "labelled.npz", "application/zip", "labelled:arrays",
    ),
)  # fmt: skip
