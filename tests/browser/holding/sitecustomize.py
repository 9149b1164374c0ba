"""First on the path of a server and its workers, holds quick tests in a stage for as long as somebody wants to look at it.

A worker waits in a stage while the folder that `HOLD_STAGES_IN` names has a file called as the stage, or until it was asked to
stop; it writes its process id into `STAGE.held` beside it. Python imports this before anything else, so it imports nothing heavy.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

WAIT_SECONDS = 0.02
IN_THE_MIDDLE = "train"
"""The stage that is held after its first epoch, not at its beginning."""


def hold(stage: str, asked_to_stop: Callable[[], bool]) -> None:
    """Wait while the file of a stage is there and nobody has asked for a stop."""
    folder = Path(os.environ["HOLD_STAGES_IN"])
    wanted, held = folder / stage, folder / f"{stage}.held"
    while wanted.exists() and not asked_to_stop():
        held.write_text(str(os.getpid()))
        time.sleep(WAIT_SECONDS)
    held.unlink(missing_ok=True)


def in_stages(module: Any) -> None:
    """Hold at the beginning of each stage, once it was told."""
    told = module.Stages.stage

    @contextmanager
    def stage(self: Any, name: str) -> Iterator[None]:
        with told(self, name):
            if name != IN_THE_MIDDLE:
                hold(name, self._reporter.should_stop)
            yield

    module.Stages.stage = stage


def in_training(module: Any) -> None:
    """Hold after each epoch, once it was told."""
    told = module.RunObserver.epoch

    def epoch(self: Any, *given: Any) -> None:
        told(self, *given)
        hold(IN_THE_MIDDLE, self.should_stop)

    module.RunObserver.epoch = epoch


CHANGES = {"recsys.training.stages": in_stages, "recsys.training.observer": in_training}


class Finder(importlib.abc.MetaPathFinder):
    """Finds the modules of `CHANGES` as Python does, and changes each as soon as it is loaded."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        """The module's own specification, whose loader changes what it has loaded; None for every other module."""
        if fullname not in CHANGES:
            return None
        others = (finder.find_spec(fullname, path, target) for finder in sys.meta_path if finder is not self)
        spec = next(found for found in others if found is not None)
        loader: Any = spec.loader
        load = loader.exec_module

        def exec_module(module: Any) -> None:
            load(module)
            CHANGES[fullname](module)

        loader.exec_module = exec_module
        return spec


if "HOLD_STAGES_IN" in os.environ:
    sys.meta_path.insert(0, Finder())
