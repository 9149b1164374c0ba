"""Classification: how often the predicted class is the true one, and whether the probabilities mean what they say."""

from __future__ import annotations

import numpy as np

from rcmvae.diagnostics.bundle import TRAIN, DiagnosticsBundle
from rcmvae.diagnostics.metrics.result import Found, HeldOut, Skipped, held_out_with_truth, need_predictions, number, numbers

CALIBRATION_BINS = 15


def accuracy(bundle: DiagnosticsBundle) -> Found:
    """Share of held-out images whose predicted class is the true one."""
    held = _held(bundle)
    return _accuracy(bundle, held.where, held.split)


def error(bundle: DiagnosticsBundle) -> Found:
    """1 - accuracy."""
    found = accuracy(bundle)
    return Found(1 - number(found.value), found.split, found.n)


def accuracy_labelled(bundle: DiagnosticsBundle) -> Found:
    """Accuracy on the training images whose label the model saw, against these labels."""
    need_predictions(bundle)
    where = (bundle.split == TRAIN) & (bundle.used_labels >= 0)
    return Found(number((bundle.predictions == bundle.used_labels)[where].mean()), "train", int(where.sum()))


def accuracy_all(bundle: DiagnosticsBundle) -> Found:
    """Accuracy on every image of the sample whose true class is known, training images included."""
    need_predictions(bundle)
    where = bundle.known_labels >= 0
    if not where.any():
        raise Skipped("no true class is known for any image")
    return _accuracy(bundle, where, "all")


def classes_without_label(bundle: DiagnosticsBundle) -> Found:
    """Classes that no image had a label of when the model was trained, by name; "none" if all had."""
    used = bundle.used_labels[bundle.used_labels >= 0]
    names = [name for number, name in enumerate(bundle.facts.class_names) if number not in used]
    if not len(used):
        raise Skipped("no image was labelled")
    return Found(", ".join(names) or "none", "train", len(used))


def confusion_matrix(bundle: DiagnosticsBundle, where: np.ndarray) -> np.ndarray:
    """Counts, int (Y, Y): rows are true classes, columns predicted ones."""
    y = bundle.classes
    pairs = bundle.known_labels[where].astype(np.int64) * y + bundle.predictions[where]
    return np.bincount(pairs, minlength=y * y).reshape(y, y)


def confusion(bundle: DiagnosticsBundle) -> Found:
    """Counts, one row a true class, one column a predicted one."""
    held = _held(bundle)
    return Found(confusion_matrix(bundle, held.where).tolist(), held.split, int(held.where.sum()))


def per_class_recall(bundle: DiagnosticsBundle) -> Found:
    """Share of each class's images that are found, None for classes without images."""
    held = _held(bundle)
    return Found(numbers(recalls(confusion_matrix(bundle, held.where))), held.split, int(held.where.sum()))


def recalls(matrix: np.ndarray) -> np.ndarray:
    """Recall of each class from a confusion matrix, NaN without images."""
    totals = matrix.sum(axis=1)
    return np.diag(matrix) / np.where(totals > 0, totals, np.nan)


def macro_f1(bundle: DiagnosticsBundle) -> Found:
    """Mean of the classes' F1 over the classes that occur, as true or as predicted ones."""
    held = _held(bundle)
    matrix = confusion_matrix(bundle, held.where)
    seen = matrix.sum(axis=0) + matrix.sum(axis=1)
    f1 = 2 * np.diag(matrix)[seen > 0] / seen[seen > 0]
    return Found(number(f1.mean()), held.split, int(held.where.sum()))


def calibration_error(bundle: DiagnosticsBundle) -> Found:
    """Expected calibration error over 15 equal-width bins of the predicted class's probability (Guo et al. 2017, eq. 3)."""
    held = _held(bundle)
    confidence, right, counts = calibration_bins(bundle, held.where)
    gaps = np.abs(right - confidence)[counts > 0]
    return Found(number((gaps * counts[counts > 0]).sum() / counts.sum()), held.split, int(counts.sum()))


def calibration_bins(bundle: DiagnosticsBundle, where: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean probability of the predicted class, accuracy and count of 15 equal-width bins, (15,) each; NaN in empty ones."""
    confidence = bundle.probabilities[where].max(axis=1).astype(np.float64)
    right = (bundle.predictions == bundle.known_labels)[where].astype(np.float64)
    bins = np.clip(np.ceil(confidence * CALIBRATION_BINS).astype(int) - 1, 0, CALIBRATION_BINS - 1)
    counts = np.bincount(bins, minlength=CALIBRATION_BINS)
    safe = np.where(counts > 0, counts, np.nan)
    sums = (np.bincount(bins, weights=values, minlength=CALIBRATION_BINS) for values in (confidence, right))
    mean_confidence, mean_right = (total / safe for total in sums)
    return mean_confidence, mean_right, counts


def _held(bundle: DiagnosticsBundle) -> HeldOut:
    need_predictions(bundle)
    return held_out_with_truth(bundle)


def _accuracy(bundle: DiagnosticsBundle, where: np.ndarray, split: str) -> Found:
    return Found(number((bundle.predictions == bundle.known_labels)[where].mean()), split, int(where.sum()))
