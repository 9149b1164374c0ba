"""The fixed noise of evaluation."""

from __future__ import annotations

import numpy as np
import scipy.stats

from rcmvae.training.noise import row_noise


def test_a_row_s_noise_is_the_same_wherever_it_stands() -> None:
    together = row_noise(np.array([5, 900, 7]), (2, 3))
    assert together.shape == (3, 2, 3)
    assert together.dtype == np.float32
    assert np.array_equal(row_noise(np.array([7]), (2, 3))[0], together[2])


def test_the_noise_is_standard_normal_over_rows_and_within_a_row() -> None:
    noise = row_noise(np.arange(20_000), (3,))
    assert scipy.stats.kstest(noise.ravel(), "norm").pvalue > 0.01
    assert abs(np.corrcoef(noise.T)[0, 1]) < 0.03
    assert abs(np.corrcoef(noise[:-1, 0], noise[1:, 0])[0, 1]) < 0.03
    wide = row_noise(np.array([3]), (20_000,))
    assert scipy.stats.kstest(wide.ravel(), "norm").pvalue > 0.01
