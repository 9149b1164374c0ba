"""What a model's decoder makes of an image. Runs the model: for a process that has its framework."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rcmvae.active.asking import kept_of, trained
from rcmvae.active.dropout import predictor_of
from rcmvae.diagnostics.panel import reconstruct as decoded_by_all
from rcmvae.training.predictor import ModelPredictor
from workbench.kept import Recent

if TYPE_CHECKING:
    from workbench.workbench import Workbench

DECODED_AT_ONCE = 32
"""Components that decode an image in one batch."""


@dataclass(frozen=True)
class Decoded:
    """An image as the decoder gives it back, uint8 (H, W, C).

    Attributes:
        components: the selected one and the runner-up, as many as there are. selected: decoded by the first of them.
        weighted: by all, weighted by responsibility. runner_up: by the second, None where there is none.
    """

    components: tuple[int, ...]
    selected: np.ndarray
    weighted: np.ndarray
    runner_up: np.ndarray | None


class _Predictors(Recent):
    """Models ready to run, by the checkpoints of their weights."""

    def __init__(self) -> None:
        super().__init__(2)


def reconstruct(workbench: Workbench, model_id: str, image: np.ndarray) -> Decoded:
    """`image` (H, W, C), uint8 or float in [0, 1], as a model's present weights give it back.

    Raises CommandError for a model without weights, or whose checkpoint is damaged; SuggestionError for one that cannot be used.
    """
    predictor = _predictor(workbench, model_id)
    found = predictor.classify(image[None])
    mixture = predictor.recipe.mixture
    weights = np.asarray(found.responsibilities) if mixture else np.ones((1, 1), np.float32)
    _, selected, weighted, runner_up = decoded_by_all(predictor, np.asarray(found.mean), weights, np.zeros(0, np.int32), image.shape)
    best = tuple(np.argsort(-weights[0], kind="stable")[:2].tolist()) if mixture else ()
    return Decoded(best, selected[0], weighted[0], runner_up[0] if len(best) == 2 else None)


def ready(workbench: Workbench, model_id: str) -> None:
    """Load a model and compile what `reconstruct` runs, so that it answers at once."""
    shape = _predictor(workbench, model_id).recipe.plan.input_shape
    for dtype in (np.uint8, np.float32):
        reconstruct(workbench, model_id, np.zeros(shape, dtype))


def _predictor(workbench: Workbench, model_id: str) -> ModelPredictor:
    weights = workbench.models.get(model_id).weights
    key = None if weights is None else (weights.path, weights.sha256)
    return workbench.kept.of(_Predictors).get(key, lambda: _loaded(workbench, model_id))


def _loaded(workbench: Workbench, model_id: str) -> ModelPredictor:
    model, run, _ = kept_of(workbench, model_id)
    stored = trained(workbench, model, run)
    return predictor_of(stored, batch_size=min(DECODED_AT_ONCE, max(1, int(stored.resolved.get("num_components") or 1))))
