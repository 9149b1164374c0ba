"""What the fake family can do besides training: estimate, suggest, predict, compare."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rcmvae.diagnostics.today import Today
from rcmvae.label_curve import CurveProgress, CurveResult, CurveRow, CurveSettings, Reached
from rcmvae.suggestions import Ask, Predictions, StrategyState, Suggestion, SuggestionError, Suggestions
from tests.support.fake_data import CLASSES, ROWS, Tiny


@dataclass(frozen=True)
class Density:
    """What `density` was asked for."""

    values: dict[str, Any]

    def plain(self) -> dict[str, Any]:
        return self.values

    def metrics(self) -> dict[str, Any]:
        return {
            "nll": {"value": self.values["nll"], "split": self.values["split"], "n": self.values["n"], "state": "success", "reason": None}
        }


def density(checkpoint: Path, dataset: Any, rows: Any, *, split: str, samples: int, binarise: bool, on_progress: Any) -> Density:
    """Says what it was asked for."""
    assert checkpoint.is_file()
    on_progress(len(rows))
    binarisation = "static" if binarise else "none"
    return Density({"nll": 81.5, "standard_error": 0.25, "samples": samples, "binarisation": binarisation, "split": split, "n": len(rows)})


asked: list[Ask] = []
"""What `suggest` was asked, newest last; a test that looks clears it first."""


asked_today: list[Today] = []
"""With what of today `predict` was asked, newest last."""


def suggest(ask: Ask) -> Suggestions:
    """The first rows that have no label."""
    asked.append(ask)
    if ask.strategy != "margin":
        raise SuggestionError(f"there is no strategy {ask.strategy!r}; did you mean margin?", "strategy")
    free = [row for row in range(ROWS) if row not in ask.labels]
    items = tuple(Suggestion(row, 1.0 / (1 + row), row % len(CLASSES), 0.5) for row in free[: ask.n])
    states = (StrategyState("margin", "Margin", "Close.", None), StrategyState("bald", "BALD", "Disagree.", "there is no dropout"))
    return Suggestions(ask.strategy, items, len(free), states)


def predict(bundle: Path, today: Today, *, split: str, blend: float) -> Predictions:
    """A table of two rows, one with a name that a spreadsheet would take for a formula."""
    asked_today.append(today)
    return Predictions({"index": [1, 2], "split": [split, split], "class": ["=one", None], "ood": [0.25, blend]})


asked_curves: list[CurveSettings] = []
"""What `label_curve` was asked, newest last."""


def label_curve(settings: CurveSettings, dataset: Tiny, folder: Path, report: Any) -> CurveResult:
    """One round a strategy."""
    asked_curves.append(settings)
    if settings.epochs == 13:
        raise KeyboardInterrupt
    report(CurveProgress(0, 1, "on it"))
    rows = [CurveRow(0, name, 0, settings.start, 0.5, settings.epochs or 1, 0.1) for name in settings.strategies]
    return CurveResult(rows, [Reached("margin", 30.0, "margin needs 30 labels")], folder / "table.csv", folder / "figure.html")
