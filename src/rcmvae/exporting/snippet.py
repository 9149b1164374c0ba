"""A script that loads a model's exported weights and predicts."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from rcmvae.config import Architecture
from workbench.families import Size
from workbench.services.exports import OWN, file_name
from workbench.services.exports_own import run_of, weights_of
from workbench.state import ModelRecord

if TYPE_CHECKING:
    from workbench.services.exports import Progress
    from workbench.workbench import Workbench

_TEXT = '''\
"""Classes of images by the model {name}, trained in run #{number}.

python {file} images.npy    images: (N, {shape}), uint8, or float in [0, 1]; without a file, one empty image is asked about.

It answers as the model did when run #{number} ended. The workbench counts labels that were given since into its own
predictions, those of predictions.csv among them: they may differ until the model is trained again.
"""

import hashlib
import sys
from pathlib import Path

import numpy as np

import rcmvae

WEIGHTS = Path(__file__).with_name({weights!a})
SHA256 = {sha256!a}

if hashlib.sha256(WEIGHTS.read_bytes()).hexdigest() != SHA256:
    sys.exit(f"{{WEIGHTS}} is not the file that this script was written for.")

model = rcmvae.RCMVAE.load(WEIGHTS)
images = np.load(sys.argv[1]) if len(sys.argv) > 1 else np.zeros((1, {shape}), np.uint8)
found = model.predict(images)

for number, (label, certainty, ood) in enumerate(zip(found.classes, found.certainty, found.ood)):
    name = model.class_names[label] if label >= 0 else "no class: the model saw no label"
    print(f"image {{number}}: {{name}}  certainty {{certainty:.3f}}  OOD {{ood:.3f}}")
'''


def _text(workbench: Workbench, model: ModelRecord) -> bytes:
    weights, run = weights_of(model), run_of(workbench, model)
    export = {export.name: export for export in OWN}["weights"]
    shape = Architecture.model_validate(model.config["architecture"]).input_shape
    name = model.name.replace("\\", " ").replace('"', "'")
    return _TEXT.format(
        name=" ".join(name.split()), number=run.number, file="predict.py", shape=", ".join(map(str, shape)),
        weights=file_name(model, export), sha256=weights.sha256,
    ).encode()  # fmt: skip


def snippet_write(workbench: Workbench, model: ModelRecord, out: IO[bytes], part: str, progress: Progress) -> None:
    """The script."""
    del part
    out.write(_text(workbench, model))
    progress(1, 1)


def snippet_size(workbench: Workbench, model: ModelRecord, part: str) -> Size:
    """The size of the script."""
    del part
    return Size(len(_text(workbench, model)), exact=True)
