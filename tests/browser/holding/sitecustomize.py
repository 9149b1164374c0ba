"""Lets a test hold a quick test in a stage. Python imports this module at its start where its folder is on PYTHONPATH.

While `<stage>` lies in the folder that TRELLIS_TEST_HOLD names, a worker that has begun that stage goes no further. What
is held is the real trainer of a real worker; nothing else of it is touched.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MODULE = "recsys.training.stages"


class _Holding(importlib.abc.MetaPathFinder):
    """Finds the module of the stages as everybody does, and adds the wait once it is loaded."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if fullname != MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        assert spec is not None
        loader: Any = spec.loader
        assert loader is not None
        load = loader.exec_module

        def loaded(module: Any) -> None:
            load(module)
            _hold(module)

        loader.exec_module = loaded
        return spec


def _hold(module: Any) -> None:
    plain, folder = module.Stages.stage, Path(os.environ["TRELLIS_TEST_HOLD"])

    @contextmanager
    def stage(self: Any, name: str) -> Any:
        with plain(self, name):
            while (folder / name).exists():
                time.sleep(0.02)
            yield

    module.Stages.stage = stage


if "TRELLIS_TEST_HOLD" in os.environ:
    sys.meta_path.insert(0, _Holding())
