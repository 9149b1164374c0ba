"""The stages of a trial: which one is going on, how long each took, and where an error happened."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from recsys.data.splits import SplitError
from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.halting import Halted
from recsys.training.errors import TrialError
from workbench.datasets import DatasetError
from workbench.runs.failures import RunFailure
from workbench.runs.job import Reporter

Stage = Literal["split", "fit_transforms", "generate", "check", "train", "evaluate", "baselines", "export"]

STAGES: tuple[Stage, ...] = (
    "split", "fit_transforms", "generate", "check", "train", "evaluate", "baselines", "export",
)  # fmt: skip


BESIDE = "beside"
"""The work on baselines, which goes on beside the stages from `generate` to `evaluate`."""

_MEANWHILE: tuple[Stage, ...] = ("generate", "check", "train", "evaluate")


def expected_seconds(rows: int, epochs: int, test_rows: int, candidates: int) -> dict[Stage, float]:
    """About how long each stage takes: rough figures of two cores, of which only the ratios matter.

    Args:
        rows: that one epoch passes over. candidates: products that each test row is ranked among.
    """
    return one_after_the_other(expected_work(rows, epochs, test_rows, candidates))


def expected_work(rows: int, epochs: int, test_rows: int, candidates: int) -> dict[str, float]:
    """The work of each stage and, under `BESIDE`, that on baselines; `baselines` is what comes after both.

    Args: as for `expected_seconds`.
    """
    return {
        "split": 0.1 + 2e-6 * rows,
        "fit_transforms": 0.5 + 2e-5 * rows,
        "generate": 0.2,
        "check": 0.5,
        "train": 4.0 + 3e-5 * rows * epochs,
        "evaluate": 0.3 + 4e-8 * test_rows * candidates,
        "baselines": 0.2 + 1e-6 * test_rows,
        "export": 3.0,
        BESIDE: 1.0 + 1e-6 * min(candidates, 10_000) ** 2,
    }


def one_after_the_other(work: Mapping[str, float]) -> dict[Stage, float]:
    """How long each stage takes: the work on baselines counts as far as it is not done once the model is measured."""
    left = max(0.0, work[BESIDE] - sum(work[stage] for stage in _MEANWHILE))
    return {stage: work[stage] + (left if stage == "baselines" else 0.0) for stage in STAGES}


_CODES: dict[str, str] = {
    "fit_transforms": "DOMAIN",
    "generate": "CODEGEN_INVALID",
    "check": "CODEGEN_INVALID",
}
"""What a ValueError of a stage is called, where nothing more is known."""


class Stages:
    """Tells a run's page and log where a trial stands."""

    def __init__(self, reporter: Reporter, expected: Mapping[Stage, float]) -> None:
        """Nothing has begun.

        Args:
            expected: about how many seconds each stage takes; only their ratios matter.
        """
        self._reporter = reporter
        self._rows: list[dict[str, object]] = []
        total = sum(expected.values())
        self._share = {stage: 100 * expected[stage] / total for stage in STAGES}

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds of each stage that is over, or was left."""
        over = (row for row in self._rows if row["status"] in ("done", "stopped"))
        return {str(row["stage"]): float(row["seconds"]) for row in over}  # type: ignore[arg-type]

    def stopped(self) -> None:
        """The stage that is going on ends before its work is done, as somebody asked."""
        self._rows[-1]["status"] = "stopped"

    @contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        """What is done within belongs to a stage; its errors carry the stage's name.

        Raises:
            TrialError: for an error that has a code. Halted: as it came; the stage is `stopped`.
        """
        row: dict[str, object] = {"stage": name, "status": "running", "seconds": 0.0}
        self._rows.append(row)
        self._tell()
        began = time.monotonic()
        try:
            yield
        except Exception as error:
            status = "stopped" if isinstance(error, Halted) else "failed"
            row |= {"status": status, "seconds": round(time.monotonic() - began, 3)}
            self._tell()
            named = _named(error, name)
            if named is error:
                raise
            raise named from error
        status = "done" if row["status"] == "running" else row["status"]
        row |= {"status": status, "seconds": round(time.monotonic() - began, 3)}
        self._tell()

    def _tell(self) -> None:
        done = sum(self._share[row["stage"]] for row in self._rows if row["status"] == "done")  # type: ignore[index]
        now = next((row["stage"] for row in self._rows if row["status"] == "running"), None)
        told = {
            "stages": [dict(row) for row in self._rows],
            "all": list(STAGES),
            "percent": round(done, 2),
            "share": 0.0 if now is None else round(self._share[now], 2),  # type: ignore[index]
        }
        self._reporter.diagnostics("stages", told)


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
