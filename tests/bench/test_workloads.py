"""The ways to train an epoch that are compared really train the same amount."""

from __future__ import annotations

import numpy as np
import pytest

from bench import workloads
from bench.workloads import Trial, Workload

SMALL = {"hidden_dims": (8,), "batch_size": 16, "labelled_batch_size": 4}


@pytest.fixture(scope="module")
def trial() -> Trial:
    return Trial(Workload({**workloads.MIXTURE, **SMALL}, images=40, validation=20))


@pytest.mark.parametrize("way", ["epoch", "steps", "bare", "plain_loop"])
def test_every_way_to_train_an_epoch_takes_its_steps_and_moves_the_parameters(trial, way):
    before = int(trial.state.life_step), {name: np.array(value) for name, value in trial.state.parameters.items()}
    getattr(trial, way)()
    assert int(trial.state.life_step) - before[0] == 3
    moved = [name for name, value in trial.state.parameters.items() if not np.array_equal(value, before[1][name])]
    assert any(name.startswith("encoder.") for name in moved)
    assert any(name.startswith("decoder.") for name in moved)
    assert int(trial.state.position) == 0
