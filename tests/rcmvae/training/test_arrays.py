"""A run's data."""

from __future__ import annotations

import numpy as np

from rcmvae.training.arrays import pad_rows, round_up, run_data, stratified_part


def test_only_given_labels_are_in_a_run_s_data() -> None:
    images = np.arange(10, dtype=np.float32)[:, None, None, None]
    data = run_data(images, np.array([1, 3, 5]), np.array([2, 4]), {3: 7, 4: 2, 9: 1})
    assert data.labels.tolist() == [-1, 7, -1]
    assert data.labelled.tolist() == [1]
    assert data.validation_labels.tolist() == [-1, 2]
    assert data.images.ravel().tolist() == [1, 3, 5]
    assert data.validation_rows.tolist() == [2, 4]


def test_padding_adds_zero_rows() -> None:
    assert pad_rows(np.array([3, 4]), 4).tolist() == [3, 4, 0, 0]
    assert [round_up(n, 128) for n in (0, 1, 128, 129)] == [128, 128, 128, 256]


def test_a_stratified_part_keeps_the_shares_of_classes_and_is_the_same_each_time() -> None:
    labels = np.repeat([0, 1, 2], [6000, 3000, 1000])
    part = stratified_part(labels, 1000)
    assert len(np.unique(part)) == 1000
    assert np.abs(np.bincount(labels[part]) - [600, 300, 100]).max() <= 1
    assert np.array_equal(part, stratified_part(labels, 1000))
    assert stratified_part(labels[:5], 10).tolist() == [0, 1, 2, 3, 4]
