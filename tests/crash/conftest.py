"""Every test here kills real processes; all of them are marked and leave nothing running."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.processes import FAKE_WORKER, ROOT, end_processes, open_bench
from tests.support import fake_family
from workbench import families
from workbench.workbench import Workbench


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers of these tests find the tests' own modules, and compile as a person's workers do."""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}:{ROOT / 'src'}")
    for name in ("JAX_DISABLE_MOST_OPTIMIZATIONS", "XLA_FLAGS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def fake_bench(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """A workbench of the fake family, whose workers need no framework."""
    fake_family.register(monkeypatch)
    bench = open_bench(home, FAKE_WORKER)
    bench.runs.keep_watch()
    yield bench
    bench.close()
    end_processes(home)
    families.family.cache_clear()
