from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import importlib, pkgutil, sys
import recsys.codegen
for module in pkgutil.iter_modules(recsys.codegen.__path__):
    if not module.name.startswith("tft_"):  # read as text
        importlib.import_module(f"recsys.codegen.{module.name}")
heavy = {"polars", "pandas", "scipy", "sklearn", "tensorflow", "tf_keras", "jax", "dash"}
print(sorted(heavy & set(sys.modules)), "recsys.training" in sys.modules)
"""


def test_code_is_generated_without_anything_heavy() -> None:
    code = f"import sys; sys.path[:0] = {sys.path!r}\n{SCRIPT}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] False"
