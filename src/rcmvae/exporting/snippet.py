"""A script that loads a model's exported weights and predicts as the workbench does under the labels of now."""

from __future__ import annotations

import base64
from typing import IO, TYPE_CHECKING

import numpy as np

from rcmvae.active import asking
from rcmvae.active.stored import read
from rcmvae.config import Architecture
from rcmvae.diagnostics.bundle import load_arrays
from rcmvae.diagnostics.relabelled import relabelled
from workbench.commands.base import CommandError
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

{says}
"""

import base64
import hashlib
import sys
from pathlib import Path

import numpy as np

import rcmvae

WEIGHTS = Path(__file__).with_name({weights!a})
SHA256 = {sha256!a}
NAMES = {names}
TAU = {tau!a}

if not WEIGHTS.is_file():
    sys.exit(f"{{WEIGHTS}} is not there. Export the weights of the model, too, and lay them beside this script.")
if hashlib.sha256(WEIGHTS.read_bytes()).hexdigest() != SHA256:
    sys.exit(f"{{WEIGHTS}} is not the file that this script was written for.")

model = rcmvae.RCMVAE.load(WEIGHTS)
if TAU:
    model.classify_by(np.frombuffer(base64.b64decode(TAU), "<f4").reshape(-1, len(NAMES)), NAMES)
try:
    images = np.load(sys.argv[1]) if len(sys.argv) > 1 else np.zeros((1, {shape}), np.uint8)
    found = model.predict(images)
except (OSError, EOFError, ValueError, AttributeError) as error:
    sys.exit(f"{{sys.argv[1]}} holds no such images: {{error}}")

for number, (label, certainty, ood) in enumerate(zip(found.classes, found.certainty, found.ood)):
    name = NAMES[label] if label >= 0 else "no class: the model saw no label"
    print(f"image {{number}}: {{name}}  certainty {{certainty:.3f}}  OOD {{ood:.3f}}")
'''

_OF_NOW = """\
It answers as the workbench does, and as predictions.csv says, under the {count:,} labels that the model had when this script was made:
TAU holds which classes its components stand for by those labels. The weights alone answer by the labels of run #{number}."""
_OF_THE_RUN = """\
It answers as the model did when run #{number} ended, and so does predictions.csv: labels that were given since are learnt when the
model is trained again."""


def _text(workbench: Workbench, model: ModelRecord) -> bytes:
    weights, run = weights_of(model), run_of(workbench, model)
    export = {export.name: export for export in OWN}["weights"]
    shape = Architecture.model_validate(model.config["architecture"]).input_shape
    name = model.name.replace("\\", " ").replace('"', "'")
    names, tau = _now(workbench, model)
    says = (_OF_THE_RUN if tau is None else _OF_NOW).format(number=run.number, count=len(workbench.models.labels(model.id)))
    return _TEXT.format(
        name=" ".join(name.split()), number=run.number, file="predict.py", shape=", ".join(map(str, shape)), says=says,
        weights=file_name(model, export), sha256=weights.sha256, names=ascii(names),
        tau="" if tau is None else base64.b64encode(tau.astype("<f4").tobytes()).decode(),
    ).encode()  # fmt: skip


def _now(workbench: Workbench, model: ModelRecord) -> tuple[tuple[str, ...], np.ndarray | None]:
    """Class names by number, merged ones as what they were merged into, and tau under the labels of now: None where none classifies,
    or where nothing is known of it as the run left no diagnostics."""
    try:
        _, path, kept, now = asking.kept_now(workbench, model.id)
    except CommandError:
        return tuple(run_of(workbench, model).payload["class_names"]), None
    names = list(kept.facts.class_names)
    for number, into in now.merged.items():
        if max(number, into) < len(names):
            names[number] = names[into]
    if kept.facts.classifier != "tau" or not kept.seen_labels:
        return tuple(names), None
    found = relabelled(read(path), now.labels, now.class_names, now.resolved, now.merged)
    return tuple(names), load_arrays(path, ("tau",))[1]["tau"] if found is None else found.tau.tau


def snippet_write(workbench: Workbench, model: ModelRecord, out: IO[bytes], part: str, progress: Progress) -> None:
    """The script."""
    del part
    out.write(_text(workbench, model))
    progress(1, 1)


def snippet_size(workbench: Workbench, model: ModelRecord, part: str) -> Size:
    """The size of the script."""
    del part
    return Size(len(_text(workbench, model)), exact=True)
