"""What a run says that each device holds is what lies there."""

from __future__ import annotations

import numpy as np

from tests.support.small_rcmvae import small_data, started
from tests.traffic.training.standin import engine_of, prepared_of, settings, wavy


def test_each_device_holds_weights_with_two_moments_and_all_images() -> None:
    data = small_data(40, 12, 10)
    engine, state = started(data)
    weights = sum(np.asarray(value).nbytes for value in state.parameters.values())
    images = data.images.nbytes + data.validation_images.nbytes
    held = engine.bytes_held(state)
    # the labelled images lie there once more, filled up to 128
    assert held - 3 * weights - images >= 128 * data.images[0].nbytes
    assert held < 3 * weights + images + 128 * data.images[0].nbytes + 20_000


def test_each_device_holds_weights_with_two_moments_and_the_series() -> None:
    prepared = prepared_of(wavy(400))
    engine, state = engine_of(prepared, settings())
    weights = sum(np.asarray(value).nbytes for value in state.parameters.values())
    series = prepared.inputs.nbytes + prepared.targets.nbytes
    held = engine.bytes_held(state)
    assert 3 * weights + series < held < 3 * weights + 3 * series
