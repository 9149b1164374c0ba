"""The oracle of a label curve: the only one who knows true labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from rcmvae.data.loaded import LoadedDataset

UNKNOWN = -1


class Oracle:
    """Answers with true labels, as a person would, and marks predictions of the test set.

    Attributes:
        blind: the dataset without any true label; all that training and choosing get to see.
    """

    def __init__(self, dataset: LoadedDataset) -> None:
        self._truth = np.asarray(dataset.true_labels)
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

    def accuracy(self, rows: np.ndarray, predictions: np.ndarray) -> float:
        """The share of `predictions` (n,) that are right, among those of dataset `rows` (n,) whose class is known; NaN without any."""
        truth = self._truth[rows]
        known = truth != UNKNOWN
        return float((predictions[known] == truth[known]).mean()) if known.any() else float("nan")
