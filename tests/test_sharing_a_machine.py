"""What lets many test processes share a few cores."""

from __future__ import annotations

import os

import numpy as np
import pytest
from threadpoolctl import threadpool_info


@pytest.mark.skipif(os.environ.get("OPENBLAS_NUM_THREADS") != "1", reason="somebody chose another number of threads")
def test_linear_algebra_has_one_thread_a_process() -> None:
    assert np.ones((2, 2)).dot(np.ones(2)).tolist() == [2.0, 2.0]
    pools = threadpool_info()
    assert pools
    assert {pool["filepath"]: pool["num_threads"] for pool in pools} == {pool["filepath"]: 1 for pool in pools}
