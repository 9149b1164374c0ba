"""The rate that estimates start from."""

from __future__ import annotations

import subprocess
import sys

import pytest

from traffic.family import FAMILY
from traffic.training.record import RunRecord
from traffic.training.trainer import reached_rate
from workbench.families import ModelType


@pytest.mark.parametrize("kind", FAMILY.models, ids=lambda kind: kind.name)
def test_each_kind_has_the_rate_of_its_epochs_without_their_compilation(kind: ModelType) -> None:
    assert kind.rate is not None
    assert 1e7 < kind.rate.load()() < 1e15


def test_knowing_of_the_measure_imports_no_framework() -> None:
    code = "import sys, traffic.rate; assert not {'jax', 'flax', 'optax'} & set(sys.modules), 'a framework was imported'"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_run_reaches_the_rate_of_the_epochs_after_the_one_that_compiles() -> None:
    (kind, *_) = FAMILY.models
    values = kind.resolve({})
    operations = kind.operations_per_epoch(values, 100)
    times = (20.0, 1.0, 3.0, 1.5)
    assert reached_rate(values, 100, RunRecord(seconds=25.5, metrics=[{"epoch_seconds": s} for s in times])) == pytest.approx(
        operations / 1.5
    )
    assert reached_rate(values, 100, RunRecord(seconds=20.0, metrics=[{"epoch_seconds": 20.0}])) is None
