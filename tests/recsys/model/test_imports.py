from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import importlib, pkgutil, sys
import recsys.model
for module in pkgutil.iter_modules(recsys.model.__path__):
    importlib.import_module(f"recsys.model.{module.name}")
print(sorted({"polars", "pandas", "scipy", "sklearn", "tensorflow", "tf_keras", "jax", "dash"} & set(sys.modules)))
"""


def test_models_are_described_without_anything_heavy() -> None:
    code = f"import sys; sys.path[:0] = {sys.path!r}\n{SCRIPT}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
