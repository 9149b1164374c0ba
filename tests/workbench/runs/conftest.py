"""A workbench whose runs wait for the test to carry them out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workbench.runs.inline import NoWorkers


@pytest.fixture(autouse=True)
def no_workers(request: pytest.FixtureRequest) -> NoWorkers | None:
    """Keeps tests that use `bench` from starting processes."""
    if "bench" not in request.fixturenames:
        return None
    bench: Any = request.getfixturevalue("bench")
    executor = NoWorkers()
    bench.runs.executor = executor
    return executor
