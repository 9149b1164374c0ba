"""Importing the recommenders' data modules costs the web process nothing heavy."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import recsys.data

HEAVY = ("polars", "scipy", "pandas", "sklearn", "tensorflow", "jax", "flax")


def heavy_after(*modules: str) -> str:
    """The heavy packages that a fresh process has imported after these modules, as text."""
    code = f"import sys, {', '.join(modules)}; print([name for name in {HEAVY} if name in sys.modules])"
    # not through the environment: the process may be without the path that the tests were given
    code = f"import sys; sys.path[:0] = {sys.path!r}; {code}"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_importing_every_data_module_imports_no_heavy_package() -> None:
    modules = [f"recsys.data.{module.name}" for module in pkgutil.iter_modules(recsys.data.__path__)]
    assert "recsys.data.retail" in modules
    assert heavy_after(*modules) == "[]"


def test_what_the_web_process_does_with_configurations_and_tests_imports_no_heavy_package() -> None:
    assert heavy_after("recsys.records", "recsys.quick_tests", "recsys.service") == "[]"
