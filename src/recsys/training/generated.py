"""The code of a trial: written, checked, and imported from the run's own folder."""

from __future__ import annotations

import datetime as dt
import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from recsys.codegen.checks import check_source
from recsys.codegen.header import PROGRAM
from recsys.codegen.trainer import Request, trainer_source
from recsys.training import exported
from recsys.training.asked import Asked
from recsys.training.errors import TrialError
from recsys.training.parts import Transformed
from recsys.training.raw_columns import raw_columns
from recsys.trial import Named
from workbench.artefacts import write_atomic

TRAINER = "trainer.py"


def write_sources(asked: Asked, done: Transformed, folder: Path) -> dict[str, str]:
    """Write both modules into a folder; their text by the file's name.

    Raises:
        ValueError: for configurations that make no code. ArtefactError: if they cannot be written.
    """
    now = dt.datetime.now(dt.UTC)
    sources = {
        TRAINER: trainer_source(_request(asked, done, now)),
        exported.PREPROCESSING: exported.preprocessing_of(asked.payload, asked.features, now),
    }
    for name, source in sources.items():
        write_atomic(folder / name, source.encode())
    return sources


def check_sources(sources: Mapping[str, str]) -> None:
    """Raise TrialError with the first thing that is wrong with a module."""
    for name, source in sources.items():
        problem = check_source(source)
        if problem is not None:
            raise TrialError("CODEGEN_INVALID", f"{name}, line {problem.line}: {problem.message}")


def imported(path: Path, run_id: str) -> ModuleType:
    """A generated module, imported under a name of its own."""
    name = f"trellis_trainer_{run_id}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _request(asked: Asked, done: Transformed, now: dt.datetime) -> Request:
    types: Any = asked.payload.columns.types
    columns = raw_columns(done.fitted, types)
    return Request(
        features=asked.features,
        model=asked.config,
        feature_name=asked.payload.features_of,
        model_name=asked.payload.model_of or Named(name="model"),
        buyer_columns=tuple(columns["buyer"]),
        product_columns=tuple(columns["product"]),
        epochs=asked.epochs,
        batch_size=asked.batch_size,
        learning_rate=asked.learning_rate,
        seed=asked.settings.seed,
        program=PROGRAM,
        created=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
