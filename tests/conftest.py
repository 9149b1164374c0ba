"""What all tests share: where real data lies, one compilation cache, and a home of their own."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

# Before NumPy is loaded: one thread of linear algebra a process. Each spins while it waits for the others, and with a test
# process on every core that cost six times the processor time of the sums themselves.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest

from workbench.collecting import keep_what_is_loaded
from workbench.store import engine

# Looking for garbage takes an eighth of the suite's time: not while modules load, and rarely among what tests make.
gc.disable()
gc.set_threshold(100_000, 50, 100)

ROOT = Path(__file__).parent.parent
_cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "trellis-tests" / "jax"

# Set before any test imports jax: every process of the run, subprocesses included, shares one compilation cache.
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(_cache))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
# Most of a run's time is compiling networks that train for two epochs. The crash tests train what is shipped (see there).
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")
# Twice as fast to compile; what runs is a little slower.
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_use_fusion_emitters=false")
# Nobody's own Trellis is touched by a test: one that forgets to choose a home fails instead.
os.environ["TRELLIS_HOME"] = "/dev/null/choose-a-home-in-the-test"
# A test may work in a folder of its own, and finds the real data from there.
if os.environ.get("TRELLIS_DATA"):
    os.environ["TRELLIS_DATA"] = os.path.abspath(os.environ["TRELLIS_DATA"])


# No test cuts the power. Servers and workers that tests start write as they are shipped.
_SHIPPED_SYNCHRONOUS, engine.SYNCHRONOUS = engine.SYNCHRONOUS, "OFF"


@pytest.fixture
def written_as_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stores of this test wait for the disk as a person's do."""
    monkeypatch.setattr(engine, "SYNCHRONOUS", _SHIPPED_SYNCHRONOUS)


def pytest_collection_finish() -> None:
    """Every module is loaded: garbage is looked for again, but not among modules."""
    keep_what_is_loaded()
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In CI, what drives a browser or kills processes is tried a second time, and the summary names what needed it.

    A browser and a dozen processes share two cores there: one instant in ten thousand that a test did not foresee would
    discard everything else that was checked. What is wrong fails twice.
    """
    if os.environ.get("CI") != "true":
        return
    for item in items:
        if item.get_closest_marker("browser") or item.get_closest_marker("crash"):
            item.add_marker(pytest.mark.flaky(reruns=1))


MOST_MEMORY = 3 * 2**30
"""Bytes after which a test process lets go of programs that earlier files had compiled."""


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Between two files: what JAX compiled for thousands of tests is given back before it fills the machine."""
    jax = sys.modules.get("jax")
    if jax is None or nextitem is None or nextitem.path == item.path:
        return
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    if pages * os.sysconf("SC_PAGE_SIZE") > MOST_MEMORY:
        jax.clear_caches()
        gc.collect()


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real datasets. Absent: the test skips with a message, except in CI, where it must be there."""
    candidates = [os.environ.get("TRELLIS_DATA", ""), str(ROOT.parent / "shared" / "data")]
    found = next((Path(each) for each in candidates if each and Path(each).is_dir()), None)
    if found is None:
        absent("the real datasets are absent: point TRELLIS_DATA at their folder")
    return found


@pytest.fixture(scope="session")
def movielens_folder(data_folder: Path) -> Path:
    """The folder of real datasets, if MovieLens-100K is among them; else as for `data_folder`."""
    if not (data_folder / "ml-100k" / "u.data").is_file():
        absent("MovieLens-100K is absent: it belongs into ml-100k below TRELLIS_DATA")
    return data_folder


def absent(message: str) -> NoReturn:
    """What a test needs is not there: it skips, but fails in CI, where everything must be."""
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture
def kept_in() -> str:
    """What stores of this test are kept in, `sqlite` or `postgresql`. Suites that must hold for both say so in their conftest."""
    return os.environ.get("TRELLIS_TEST_STORE", "sqlite")


@pytest.fixture
def database(kept_in: str, tmp_path: Path) -> str:
    """The address of a new, empty database."""
    return new_database(kept_in) or f"sqlite:///{tmp_path / 'store.db'}"


def new_database(kept_in: str) -> str | None:
    """The address of a new, empty database on the tests' server; None for SQLite, which needs no server."""
    if kept_in == "sqlite":
        return None
    from tests.support.postgres import cluster

    return cluster().database()


@pytest.fixture
def artefacts_in() -> str:
    """Where artefacts of this test lie, in a `folder` or in `s3`. Tests that must hold for both say so."""
    return os.environ.get("TRELLIS_TEST_ARTEFACTS", "folder")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept_in: str, artefacts_in: str) -> Path:
    """A fresh, empty home folder, set as TRELLIS_HOME for this test and the processes it starts, with its store and artefacts."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("TRELLIS_HOME", str(folder))
    if (address := new_database(kept_in)) is not None:
        monkeypatch.setenv("TRELLIS_DATABASE_URL", address)
    if artefacts_in == "s3":
        from tests.support.s3 import new_address

        monkeypatch.setenv("TRELLIS_ARTEFACTS", new_address(monkeypatch))
    return folder


_STATES: dict[str, Mapping[str, Any]] = {}


@pytest.fixture(autouse=True)
def generators_begin_anew(request: pytest.FixtureRequest) -> None:
    """A module's random generators stand at every test where they stood after its import, so that no test sees another's order."""
    for name, generator in vars(request.module).items():
        if isinstance(generator, np.random.Generator):
            state = _STATES.setdefault(f"{request.module.__name__}.{name}", generator.bit_generator.state)
            generator.bit_generator.state = state
