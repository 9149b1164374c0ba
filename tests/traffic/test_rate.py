"""The rate that estimates start from."""

from __future__ import annotations

import subprocess
import sys

import pytest

from traffic.family import FAMILY
from workbench.families import ModelType


@pytest.mark.parametrize("kind", FAMILY.models, ids=lambda kind: kind.name)
def test_each_kind_has_the_rate_of_its_epochs_without_their_compilation(kind: ModelType) -> None:
    assert kind.rate is not None
    assert 1e7 < kind.rate.load()() < 1e15


def test_knowing_of_the_measure_imports_no_framework() -> None:
    code = "import sys, traffic.rate; assert not {'jax', 'flax', 'optax'} & set(sys.modules), 'a framework was imported'"
    subprocess.run([sys.executable, "-c", code], check=True)
