"""The OOD score's parts, against numbers counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from rcmvae.novelty import blended, check_blend, percentile, reference_positions


def test_the_percentile_counts_the_reference_images_that_are_no_worse() -> None:
    reference = np.array([3.0, 1.0, 2.0, 2.0])
    assert percentile(np.array([0.5, 1.0, 2.0, 2.5, 9.0]), reference).tolist() == [0, 0.25, 0.75, 0.75, 1]


def test_validation_images_are_the_reference_and_without_any_a_fixed_part_of_the_training_images() -> None:
    training = np.arange(5000, 9000)
    assert reference_positions(np.array([4, 2]), training).tolist() == [4, 2]
    chosen = reference_positions(np.zeros(0, int), training)
    assert len(chosen) == len(set(chosen.tolist())) == 1000
    assert chosen[0] == 5000
    assert chosen[-1] == 8999
    assert reference_positions(np.zeros(0, int), training[:3]).tolist() == [5000, 5001, 5002]


def test_the_blend_is_a_weighted_mean() -> None:
    np.testing.assert_allclose(blended(np.array([0.25]), np.array([0.5]), 0.2), [0.8 * 0.75 + 0.2 * 0.5])


@pytest.mark.parametrize("blend", [-0.1, 1.1, float("nan")])
def test_a_blend_outside_its_range_is_refused(blend: float) -> None:
    with pytest.raises(ValueError, match="within 0 and 1"):
        check_blend(blend)
