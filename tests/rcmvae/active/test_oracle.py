"""The oracle answers for training samples only, and hides the truth from everything else."""

from __future__ import annotations

import numpy as np
import pytest

from rcmvae.active.oracle import Oracle
from tests.support.small_rcmvae import small_dataset


def test_the_oracle_answers_with_true_labels_and_hides_them_from_the_data() -> None:
    dataset = small_dataset()
    oracle = Oracle(dataset)
    assert oracle.label([0, 7]) == {0: int(dataset.true_labels[0]), 7: int(dataset.true_labels[7])}
    assert (oracle.blind.true_labels == -1).all()
    assert oracle.blind.images is dataset.images
    assert (dataset.true_labels >= 0).all()


def test_test_samples_and_unknown_classes_are_refused() -> None:
    dataset = small_dataset()
    with pytest.raises(ValueError, match="sample 50 is a test sample"):
        Oracle(dataset).label([50])
    dataset.true_labels[3] = -1
    with pytest.raises(ValueError, match="nobody knows the class of sample 3"):
        Oracle(dataset).label([3])


def test_accuracy_counts_images_whose_class_is_known() -> None:
    dataset = small_dataset()
    dataset.true_labels[46] = -1
    rows = np.array([45, 46, 47])
    predictions = np.array([dataset.true_labels[45], 0, (dataset.true_labels[47] + 1) % 3])
    assert Oracle(dataset).accuracy(rows, predictions) == 0.5
    assert np.isnan(Oracle(dataset).accuracy(rows[1:2], predictions[1:2]))
