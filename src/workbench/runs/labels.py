"""The labels that a run sees: saved when it is started, so that later ones do not change it."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.artefacts import Artefact, ArtefactRoot
from workbench.runs import folder
from workbench.state import LabelValue


def save_labels(root: ArtefactRoot, run_id: str, labels: Mapping[int, LabelValue]) -> Artefact:
    """Save what a model may see when a run starts: int32 arrays `rows` and `labels`, by row."""
    import numpy as np

    rows = sorted(labels)
    arrays = {"rows": np.array(rows, dtype=np.int32), "labels": np.array([labels[row].label for row in rows], dtype=np.int32)}
    return root.write_arrays(labels_name(run_id), arrays)


def labels_name(run_id: str) -> str:
    """Where a run's labels are saved."""
    return f"{folder.folder_of(run_id)}/labels.npz"


def read_labels(root: ArtefactRoot, name: str | None) -> dict[int, int]:
    """Dataset row -> class, as saved when the run was started. Raises ArtefactError."""
    if name is None:
        return {}
    arrays = root.read_arrays(name)
    return dict(zip(arrays["rows"].tolist(), arrays["labels"].tolist(), strict=True))
