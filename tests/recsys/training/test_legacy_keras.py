"""What TensorFlow is imported with."""

from __future__ import annotations

import subprocess
import sys

import pytest

from recsys.training.legacy_keras import passed_over

ALONE = """
import sys
from recsys.training import legacy_keras
assert "tensorflow" in sys.modules
assert "jax" not in sys.modules, "it came along"
import jax.numpy
assert jax.numpy.add(1, 2) == 3
"""


def test_tensorflow_comes_without_jax_which_can_be_had_afterwards() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_package_that_is_there_already_stays_and_another_is_missing_only_within() -> None:
    import json

    with passed_over("json"):
        import json as again
    assert again is json
    with pytest.raises(ImportError), passed_over("this"):
        import this  # noqa: F401
    assert "this" not in sys.modules
