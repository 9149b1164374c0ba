"""Every test here kills real processes; all of them are marked and leave nothing running."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.processes import FAKE_WORKER, ROOT, end_processes, open_bench
from tests.support import fake_family
from workbench import families
from workbench.workbench import Workbench

ON_BOTH = ("test_workers", "test_server", "test_failed_starts", "test_diagnostics_are_kept")
"""Modules whose every test holds for both databases, unless it says which one it is about."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run them on each."""
    chosen = any(mark.args[0] == "kept_in" for mark in metafunc.definition.iter_markers("parametrize"))
    if "kept_in" in metafunc.fixturenames and not chosen and metafunc.definition.path.stem in ON_BOTH:
        metafunc.parametrize("kept_in", ["sqlite", "postgresql"])


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
