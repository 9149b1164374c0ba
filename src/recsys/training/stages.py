"""The stages of a trial: which one is going on, how long each took, and where an error happened."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from recsys.data.splits import SplitError
from recsys.evaluation.errors import EvaluationError
from recsys.training.errors import TrialError
from workbench.datasets import DatasetError
from workbench.runs.failures import RunFailure
from workbench.runs.job import Reporter

Stage = Literal["split", "fit_transforms", "generate", "check", "train", "evaluate", "baselines", "export"]

STAGES: tuple[Stage, ...] = (
    "split", "fit_transforms", "generate", "check", "train", "evaluate", "baselines", "export",
)  # fmt: skip

_CODES: dict[str, str] = {
    "fit_transforms": "DOMAIN",
    "generate": "CODEGEN_INVALID",
    "check": "CODEGEN_INVALID",
}
"""What a ValueError of a stage is called, where nothing more is known."""


class Stages:
    """Tells a run's page and log where a trial stands."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._rows: list[dict[str, object]] = []

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds of each stage that is over."""
        return {str(row["stage"]): float(row["seconds"]) for row in self._rows if row["status"] == "done"}  # type: ignore[arg-type]

    @contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        """What is done within belongs to a stage; its errors carry the stage's name.

        Raises:
            TrialError: for an error that has a code.
        """
        row: dict[str, object] = {"stage": name, "status": "running", "seconds": 0.0}
        self._rows.append(row)
        self._tell()
        began = time.monotonic()
        try:
            yield
        except Exception as error:
            row |= {"status": "failed", "seconds": round(time.monotonic() - began, 3)}
            self._tell()
            named = _named(error, name)
            if named is error:
                raise
            raise named from error
        row |= {"status": "done", "seconds": round(time.monotonic() - began, 3)}
        self._tell()

    def _tell(self) -> None:
        self._reporter.diagnostics(
            "stages", {"stages": [dict(row) for row in self._rows], "all": list(STAGES)}
        )


def _named(error: Exception, stage: Stage) -> Exception:
    """The error with its stage, if it is one that people are told."""
    if isinstance(error, TrialError):
        return error if error.stage else TrialError(error.code, str(error), stage=stage, hint=error.hint)
    if isinstance(error, RunFailure | DatasetError):
        code = getattr(error, "code", "") or "DATA_MISSING"
        message = error.message if isinstance(error, DatasetError) else str(error)
        return TrialError(code, message, stage=stage, hint=error.hint)
    if isinstance(error, SplitError):
        return TrialError(error.code, error.message, stage=stage, hint=error.hint)
    if isinstance(error, EvaluationError):
        return TrialError(error.code, str(error), stage=stage)
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return TrialError("OUT_OF_MEMORY", "There is not enough memory for this model.", stage=stage)
    if isinstance(error, ValueError | TypeError) and stage in _CODES:
        return TrialError(_CODES[stage], _sentence(error), stage=stage)
    return error


def _sentence(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text if text.endswith((".", "!", "?")) else f"{text}."
