"""What a stored model says about the images of its sample, as a table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from rcmvae.active.stored import read
from rcmvae.active.strategies import entropy
from rcmvae.diagnostics.bundle import SPLIT_NAMES
from rcmvae.diagnostics.relabelled import classes_now, relabelled
from rcmvae.diagnostics.today import Today
from rcmvae.novelty import blended, check_blend
from rcmvae.suggestions import Predictions, SuggestionError
from workbench.fields import closest


def predict(path: Path, today: Today, *, split: str = "all", blend: float = 0.0) -> Predictions:
    """Predictions from the diagnostics at `path` under `today`'s labels, an image a row, ordered by dataset row.

    Args:
        split: `train`, `validation`, `test` or `all`. blend: share of the reconstruction in the OOD score.

    Returns:
        Columns `index` (dataset row), `split`, `class` (name; None while no label was seen), `probability` (of that class),
        `certainty`, `ood`, `responsibility_entropy` (nats; None without components).

    Raises:
        SuggestionError: a split or blend that is none, or diagnostics that cannot be read.
    """
    if split not in (*SPLIT_NAMES, "all"):
        guess = closest(split, (*SPLIT_NAMES, "all"))
        raise SuggestionError(
            f"there is no split {split[:80]!r}; {f'did you mean {guess}?' if guess else 'known: train, validation, test, all'}", "split"
        )
    try:
        check_blend(blend)
    except ValueError as error:
        raise SuggestionError(str(error), "blend") from error
    kept = read(path)
    found = relabelled(kept, today.labels, today.class_names, today.resolved, today.merged)
    if found is not None:
        kept = replace(kept, **found.fields())
    wanted = np.flatnonzero(kept.split == SPLIT_NAMES.index(split)) if split != "all" else np.arange(len(kept.rows))
    wanted = wanted[np.argsort(kept.rows[wanted], kind="stable")]
    named = classes_now(kept.predictions[wanted], today.merged).tolist()
    chosen = kept.probabilities[wanted, np.maximum(kept.predictions[wanted], 0)] if kept.probabilities.shape[1] else np.zeros(len(wanted))
    certainty = kept.certainties()
    if certainty is None:
        ood = kept.percentiles() if blend else np.full(len(kept.rows), np.nan)
    else:
        ood = blended(certainty, kept.percentiles() if blend else np.zeros(len(certainty)), blend)
    return Predictions({
        "index": kept.rows[wanted].tolist(),
        "split": [SPLIT_NAMES[code] for code in kept.split[wanted]],
        "class": [kept.facts.class_names[label] if label >= 0 else None for label in named],
        "probability": [float(p) if label >= 0 else None for p, label in zip(chosen, named, strict=True)],
        "certainty": _plain(kept.certainty[wanted]),
        "ood": _plain(ood[wanted]),
        "responsibility_entropy": _plain(entropy(kept.responsibilities[wanted])) if kept.responsibilities.shape[1] else [None] * len(wanted),
    })  # fmt: skip


def _plain(values: np.ndarray) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
