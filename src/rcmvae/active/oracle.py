"""The oracle of a label curve: the only one who knows true labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from rcmvae.data.loaded import LoadedDataset
from rcmvae.diagnostics.relabelled import classes_now

UNKNOWN = -1


class Oracle:
    """Answers with true labels, as a person would, and marks predictions of the test set.

    Args:
        merged: class -> the class that it was merged into, as the person and the marks have it.

    Attributes:
        blind: the dataset without any true label; all that training and choosing get to see.
    """

    def __init__(self, dataset: LoadedDataset, merged: Mapping[int, int] | None = None) -> None:
        self._truth = classes_now(np.asarray(dataset.true_labels), merged or {})
        self._test = np.sort(np.asarray(dataset.test))
        self.blind = replace(dataset, true_labels=np.full(len(self._truth), UNKNOWN, np.int32))

    def label(self, rows: Iterable[int]) -> dict[int, int]:
        """The classes of dataset `rows`, by row. Raises ValueError for a test row or one whose class nobody knows."""
        answers = {int(row): int(self._truth[row]) for row in rows}
        for row, label in answers.items():
            if label == UNKNOWN:
                raise ValueError(f"nobody knows the class of sample {row}, so it cannot be asked for")
            at = int(np.searchsorted(self._test, row))
            if at < len(self._test) and self._test[at] == row:
                raise ValueError(f"sample {row} is a test sample and cannot be labelled")
        return answers

    def known(self, rows: np.ndarray) -> np.ndarray:
        """Those of dataset `rows` (n,) whose class it knows."""
        return rows[self._truth[rows] != UNKNOWN]

    def accuracy(self, rows: np.ndarray, predictions: np.ndarray) -> float:
        """The share of `predictions` (n,) that are right, among those of dataset `rows` (n,) whose class is known; NaN without any."""
        truth = self._truth[rows]
        known = truth != UNKNOWN
        return float((predictions[known] == truth[known]).mean()) if known.any() else float("nan")
