from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import importlib, pkgutil, sys
import recsys.features
for module in pkgutil.iter_modules(recsys.features.__path__):
    importlib.import_module(f"recsys.features.{module.name}")
print(sorted({"polars", "pandas", "scipy", "sklearn", "tensorflow", "tf_keras", "jax", "dash"} & set(sys.modules)))
"""


def test_features_are_imported_without_anything_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
