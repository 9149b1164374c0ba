"""The points of the Explore page: training and validation images of a model, and what its present weights say of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rcmvae.active.asking import kept_now
from rcmvae.active.stored import Kept
from rcmvae.active.strategies import entropy
from rcmvae.diagnostics.bundle import TEST, load_arrays
from rcmvae.diagnostics.relabelled import classes_now

if TYPE_CHECKING:
    from workbench.state import RunRecord
    from workbench.workbench import Workbench


@dataclass(frozen=True)
class Points:
    """N images that people may label, and what is known of them.

    Attributes:
        run: whose weights spoke. weights: their mark. path: where its diagnostics lie. kept: its diagnostics under the labels of now. inside: positions into them, int (N,).
        columns: by name; `rows` int32 (dataset rows), `split` uint8, `predicted`, `true` int16 (-1 unknown), `component` int16 (-1 without),
            `certainty`, `entropy`, `ood`, `reconstruction` float32 (NaN unknown).
    """

    run: RunRecord
    weights: str
    path: Path
    kept: Kept
    inside: np.ndarray
    columns: Mapping[str, np.ndarray]

    @property
    def meta(self) -> dict[str, Any]:
        """What the columns cannot say about themselves, as JSON values."""
        return {
            "run": self.run.id,
            "weights": self.weights,
            "number": self.run.number,
            "class_names": list(self.kept.facts.class_names),
            "components": int(self.kept.responsibilities.shape[1]),
            "seen_labels": self.kept.seen_labels,
        }


def weights_mark(workbench: Workbench, model_id: str) -> str:
    """Tells the present weights of a model from those before; "" without any. Raises CommandError for an unknown model."""
    weights = workbench.models.get(model_id).weights
    return f"{weights.run_id} {weights.sha256}" if weights else ""


def points_of(workbench: Workbench, model_id: str) -> Points:
    """The points of a model as its present weights place them, under the labels of now.

    Raises CommandError for a model without weights or diagnostics.
    """
    weights = weights_mark(workbench, model_id)
    run, bundle, kept, now = kept_now(workbench, model_id)
    inside = np.flatnonzero(kept.split != TEST)
    certainty = kept.certainties()
    certainty = np.full(len(inside), np.nan, np.float32) if certainty is None else certainty[inside].astype(np.float32)
    components = kept.responsibilities.shape[1]
    columns = {
        "rows": kept.rows[inside].astype(np.int32),
        "split": kept.split[inside].astype(np.uint8),
        "predicted": classes_now(kept.predictions[inside], now.merged).astype(np.int16),
        "true": classes_now(load_arrays(bundle, ("true_labels",))[1]["true_labels"][inside], now.merged).astype(np.int16),
        "component": (kept.responsibilities[inside].argmax(axis=1) if components else np.full(len(inside), -1)).astype(np.int16),
        "certainty": certainty,
        "entropy": entropy(kept.probabilities[inside]).astype(np.float32),
        "ood": 1 - certainty,
        "reconstruction": kept.losses[inside, int(np.flatnonzero(kept.loss_names == "reconstruction_loss")[0])].astype(np.float32),
    }
    return Points(run, weights, bundle, kept, inside, columns)
