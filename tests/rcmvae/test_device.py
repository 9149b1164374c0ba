"""Arrays get to the device as they are, and nothing is compiled for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from parallel.mesh import copied
from rcmvae.device import on_device
from rcmvae.training.engine import Engine
from rcmvae.training.fit import Fit
from rcmvae.training.record import RunRecord
from rcmvae.training.state import begin_run
from tests.support.small_rcmvae import small_data, started


@contextmanager
def programs() -> Iterator[set[str]]:
    """Names of what is lowered for the device within the block."""
    seen: set[str] = set()

    def listen(event: str, duration_secs: float, **kwargs: Any) -> None:
        if event.endswith("jaxpr_to_mlir_module_duration"):
            seen.add(str(kwargs.get("fun_name")))

    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        yield seen
    finally:
        jax.monitoring.unregister_event_duration_listener(listen)


def test_a_new_shape_compiles_nothing_and_keeps_its_numbers() -> None:
    given = {"a": np.arange(5 * 7 * 3, dtype=np.float32).reshape(5, 7, 3), "b": np.int32(3), "c": np.arange(131, dtype=np.uint8)}
    with programs() as seen:
        there = on_device(given)
        again = copied(there)
    assert seen == set()
    for name, value in given.items():
        for array in (there[name], again[name]):
            assert isinstance(array, jax.Array)
            assert not array.weak_type
            assert array.dtype == value.dtype
            assert np.array_equal(array, value)


def test_what_is_brought_over_follows_neither_its_source_nor_its_copy() -> None:
    source = np.zeros((64, 1024), np.float32)
    there = on_device(source)
    again = copied(there)
    source[:] = 1.0
    overwritten = jax.jit(lambda x: x + 2.0, donate_argnums=0)(there)
    assert float(jnp.max(overwritten)) == 2.0
    assert float(jnp.max(again)) == 0.0


def test_a_run_compiles_its_own_functions_and_nothing_else() -> None:
    data = small_data()
    engine, state = started(data, batch_size=23, hidden_dims=(13, 7))
    with programs() as seen:
        fresh = Engine(engine.recipe, data)
        state = begin_run(state, engine.recipe, random_seed=5, metrics=len(engine.metrics), reset_optimizer=True)
        report = next(Fit(fresh, fresh.begin(state), RunRecord()).epochs())
    assert report.epoch == 1
    assert {name.removeprefix("jit(").removesuffix(")") for name in seen} <= {"recount", "order", "chunk", "close"}
