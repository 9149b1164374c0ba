"""Importing the recommenders' data modules costs the web process nothing heavy."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import recsys.data

HEAVY = ("polars", "scipy", "pandas", "sklearn", "tensorflow", "jax", "flax")


def test_importing_every_data_module_imports_no_heavy_package() -> None:
    modules = [f"recsys.data.{module.name}" for module in pkgutil.iter_modules(recsys.data.__path__)]
    assert "recsys.data.retail" in modules
    code = f"import sys, {', '.join(modules)}; print([name for name in {HEAVY} if name in sys.modules])"
    # not through the environment: the process may be without the path that the tests were given
    code = f"import sys; sys.path[:0] = {sys.path!r}; {code}"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
