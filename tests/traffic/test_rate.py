"""The rate that estimates start from."""

from __future__ import annotations

import subprocess
import sys

from traffic.rate import training_rate


def test_the_rate_is_that_of_epochs_without_their_compilation() -> None:
    assert 1e7 < training_rate() < 1e15


def test_knowing_of_the_measure_imports_no_framework() -> None:
    code = "import sys, traffic.rate; assert not {'jax', 'flax', 'optax'} & set(sys.modules), 'a framework was imported'"
    subprocess.run([sys.executable, "-c", code], check=True)
