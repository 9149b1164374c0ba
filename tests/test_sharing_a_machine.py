"""What lets many test processes share a few cores."""

from __future__ import annotations

import os
import threading

import jax
import numpy as np
import pytest
from jax._src.interpreters import mlir
from threadpoolctl import threadpool_info

from tests.support.lowering import PROGRAMS, share_contexts


@pytest.mark.skipif(os.environ.get("OPENBLAS_NUM_THREADS") != "1", reason="somebody chose another number of threads")
def test_linear_algebra_has_one_thread_a_process() -> None:
    assert np.ones((2, 2)).dot(np.ones(2)).tolist() == [2.0, 2.0]
    pools = threadpool_info()
    assert pools
    assert {pool["filepath"]: pool["num_threads"] for pool in pools} == {pool["filepath"]: 1 for pool in pools}


def test_programs_are_lowered_in_a_context_that_is_there() -> None:
    assert share_contexts(), "JAX makes contexts elsewhere now"
    used = [mlir.make_ir_context() for _ in range(2 * PROGRAMS)]
    assert len({id(context) for context in used}) in (2, 3)
    assert all(float(jax.jit(lambda x, n=n: x * n + 1)(2.0)) == 2 * n + 1 for n in range(PROGRAMS))


def test_threads_share_no_context() -> None:
    seen = [mlir.make_ir_context()]
    other = threading.Thread(target=lambda: seen.append(mlir.make_ir_context()))
    other.start()
    other.join()
    assert seen[0] is not seen[1]
