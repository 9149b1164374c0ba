"""Asking a model's family which samples to label next, and what it says about them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rcmvae.active.stored import Kept, read
from rcmvae.diagnostics.relabelled import relabelled
from rcmvae.diagnostics.today import Today, today
from rcmvae.suggestions import DEFAULT_STRATEGY, Ask, Predictions, SuggestionError, Suggestions, TrainedModel
from workbench.artefacts import ArtefactError
from workbench.commands.base import CommandError
from workbench.families import family
from workbench.runs.failures import RunFailure
from workbench.runs.preparing import checkpoint_file
from workbench.services.diagnosis import computed
from workbench.state import ModelRecord, RunRecord
from workbench.values import configs_of

if TYPE_CHECKING:
    from workbench.workbench import Workbench


def suggest(
    workbench: Workbench,
    model_id: str,
    *,
    strategy: str = DEFAULT_STRATEGY,
    n: int = 20,
    seed: int = 0,
    diverse: bool = True,
    blend: float = 0.0,
    run_model: bool = False,
) -> Suggestions:
    """Samples of a model to label next, from the diagnostics of its present weights and the labels of now.

    Args:
        run_model: whether strategies may load the family's framework and run the model, which takes seconds.

    Raises:
        CommandError: no such model, or one without weights or diagnostics. SuggestionError: see the family.
    """
    model, run, bundle = kept_of(workbench, model_id)
    declared = family(model.family).abilities.get("suggest")
    if declared is None:
        raise SuggestionError(f"Models of the family {model.family} suggest no samples to label.", "model")
    now = _today(workbench, run)
    ask = Ask(
        bundle=bundle, resolved=now.resolved, labels=now.labels or {}, class_names=now.class_names, merged=now.merged, strategy=strategy, n=n, seed=seed,
        diverse=diverse, blend=blend, model=(lambda: trained(workbench, model, run)) if run_model else None,
    )  # fmt: skip
    return declared.load()(ask)


def predict(workbench: Workbench, model_id: str, *, split: str, blend: float = 0.0) -> Predictions:
    """What a model says, under the labels of now, about the images of one split of its sample (`train`, `validation`, `test` or `all`).

    Raises CommandError as `suggest` does, SuggestionError for a `split` or `blend` that is none.
    """
    model, run, bundle = kept_of(workbench, model_id)
    declared = family(model.family).abilities.get("predict")
    if declared is None:
        raise SuggestionError(f"Models of the family {model.family} make no table of predictions.", "model")
    return declared.load()(bundle, _today(workbench, run), split=split, blend=blend)


def _today(workbench: Workbench, run: RunRecord) -> Today:
    return today(workbench.state(), run, workbench.models.resolved(run))


def kept_now(workbench: Workbench, model_id: str) -> tuple[RunRecord, Path, Kept, Today]:
    """The run whose weights a model uses, its diagnostics and where they lie, with what tau says under the labels of now, and what is known
    by now. Raises CommandError for a model without weights or diagnostics."""
    _, run, bundle = kept_of(workbench, model_id)
    kept, now = read(bundle), _today(workbench, run)
    found = relabelled(kept, now.labels, now.class_names, now.resolved, now.merged)
    return run, bundle, kept if found is None else replace(kept, **found.fields()), now


def kept_of(workbench: Workbench, model_id: str) -> tuple[ModelRecord, RunRecord, Path]:
    """The model, the run whose weights it uses, and that run's diagnostics. Raises CommandError."""
    model = workbench.models.get(model_id)
    if model.weights is None:
        raise CommandError(
            f"{model.name} has no weights yet, so nothing is known of its samples.", "model", "Train it first.", code="conflict"
        )
    run = workbench.state().runs[model.weights.run_id]
    try:
        return model, run, computed(workbench, run)
    except ArtefactError as error:
        hint = f"Compute its diagnostics again: trellis runs diagnose {run.number}"
        raise CommandError(str(error), "model", hint, code="conflict") from error


def trained(workbench: Workbench, model: ModelRecord, run: RunRecord) -> TrainedModel:
    """The model as it was trained, its checkpoint verified. Raises CommandError."""
    assert model.weights is not None
    try:
        weights = checkpoint_file(workbench.artefacts, model.weights)
    except RunFailure as error:
        raise CommandError(str(error), "model") from error
    configs = configs_of(family(run.family).model(run.model_type), run.config)
    return TrainedModel(
        architecture=configs["architecture"],
        training=configs["training"],
        resolved=workbench.models.resolved(run),
        class_names=tuple(run.payload["class_names"]),
        fingerprint=run.fingerprint,
        weights=weights,
        dataset=lambda: workbench.datasets.load(workbench.state().dataset_of(run) or ""),
    )
